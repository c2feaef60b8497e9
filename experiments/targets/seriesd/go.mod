module example.com/seriesd

go 1.21
