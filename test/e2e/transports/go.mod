module gctune.test/transports

go 1.24
