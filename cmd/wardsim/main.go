// Command wardsim plays the hospital: it feeds HL7 v2 messages and measures.
package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"wardlight/internal/fault"
)

// version is the program's; the linker sets it in packages.
var version = "0.1.0"

type cli struct {
	Feed       feedCmd          `cmd:"" help:"Send a folder of HL7 v2 files over MLLP."`
	Bench      benchCmd         `cmd:"" help:"Measure: one JSON line a workload."`
	Line       lineCmd          `cmd:"" help:"Play a poor line between a station and central: a proxy with a rate, a delay and stalls."`
	Dictionary dictionaryCmd    `cmd:"" help:"Make and measure the dictionaries that resources are packed with."`
	Version    kong.VersionFlag `help:"Show the version."`
}

func main() {
	var c cli
	k := kong.Parse(&c, kong.Name("wardsim"), kong.Description("Plays the hospital: feeds, loads, measures."), kong.UsageOnError(), kong.Vars{"version": version})
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "wardsim: "+fault.Words(err))
		os.Exit(1)
	}
}
