module gctune.test/target

go 1.19
