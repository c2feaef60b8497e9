package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// byteSize is a number of bytes as a flag: "8MiB", "64KiB", "4096", "4096B".
type byteSize int64

var byteUnits = []struct {
	suffix string
	bytes  float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1},
}

// parseByteSize reads "8MiB", "1.5KiB", "100kB", "4096B" or "4096". Negative sizes and other units are errors.
func parseByteSize(text string) (byteSize, error) {
	for _, unit := range byteUnits {
		if !strings.HasSuffix(text, unit.suffix) {
			continue
		}
		number := strings.TrimSpace(strings.TrimSuffix(text, unit.suffix))
		value, err := strconv.ParseFloat(number, 64)
		if err != nil || math.IsNaN(value) || value < 0 || value*unit.bytes > 1<<50 {
			break
		}
		return byteSize(math.Round(value * unit.bytes)), nil
	}
	return 0, fmt.Errorf("%q is not a size such as 8MiB, 64KiB or 4096", text)
}

// Set implements flag.Value.
func (s *byteSize) Set(text string) error {
	value, err := parseByteSize(text)
	if err == nil {
		*s = value
	}
	return err
}

// String implements flag.Value.
func (s *byteSize) String() string {
	switch value := int64(*s); {
	case value >= 1<<20 && value%(1<<20) == 0:
		return strconv.FormatInt(value>>20, 10) + "MiB"
	case value >= 1<<10 && value%(1<<10) == 0:
		return strconv.FormatInt(value>>10, 10) + "KiB"
	default:
		return strconv.FormatInt(value, 10) + "B"
	}
}
