module gctune.dev/heapd

go 1.19
