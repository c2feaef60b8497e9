package main

import (
	"io/fs"
	"os"
	"path/filepath"
)

// emptied are folders that a program finds empty, whatever was left there by the one before it.
var emptied []string

// empty removes all that is in a folder, and the links in it, not what they lead to.
func empty(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if os.RemoveAll(path) == nil {
			continue
		}
		// Its owner may have closed a folder to itself.
		_ = filepath.WalkDir(path, func(each string, found fs.DirEntry, _ error) error {
			if found != nil && found.IsDir() {
				_ = os.Chmod(each, 0o700)
			}
			return nil
		})
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}
