module openclaw-pack.invalid/tools

go 1.24
