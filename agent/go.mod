module gctune.invalid/agent

go 1.19
