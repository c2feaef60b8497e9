module gctune/layouts

go 1.19
