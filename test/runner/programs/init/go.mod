module gctune.test/init

go 1.19
