module gctune.test/faulty

go 1.21
