// layouts prints where a Go program keeps the fields of its runtime's variables, from its debug information, as JSON:
// {"gcController.heapMarked": 152, "memstats.heapStats.stats[]": 1168, ...}. A field behind [] counts from its element, and
// [] itself is the size of one.
package main

import (
	"debug/dwarf"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
)

var wanted = map[string]string{
	"runtime.gcController": "gcController",
	"runtime.memstats":     "memstats",
	"runtime.work":         "work",
	"runtime.gcCPULimiter": "gcCPULimiter",
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "layouts:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	file, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	data, err := file.DWARF()
	if err != nil {
		return err
	}
	offsets := map[string]int64{}
	reader := data.Reader()
	for {
		entry, err := reader.Next()
		if err != nil {
			return err
		}
		if entry == nil {
			break
		}
		name, _ := entry.Val(dwarf.AttrName).(string)
		short, ok := wanted[name]
		at, typed := entry.Val(dwarf.AttrType).(dwarf.Offset)
		if entry.Tag != dwarf.TagVariable || !ok || !typed {
			continue
		}
		of, err := data.Type(at)
		if err != nil {
			return err
		}
		walk(offsets, short, of, 0)
	}
	return json.NewEncoder(os.Stdout).Encode(offsets)
}

func walk(offsets map[string]int64, path string, of dwarf.Type, from int64) {
	switch t := of.(type) {
	case *dwarf.TypedefType:
		walk(offsets, path, t.Type, from)
	case *dwarf.StructType:
		for _, field := range t.Field {
			offsets[path+"."+field.Name] = from + field.ByteOffset
			walk(offsets, path+"."+field.Name, field.Type, from+field.ByteOffset)
		}
	case *dwarf.ArrayType:
		if t.Count > 0 {
			offsets[path+"[]"] = t.Type.Size()
			offsets[path+"#"] = t.Count
			walk(offsets, path+"[]", t.Type, 0)
		}
	}
}
