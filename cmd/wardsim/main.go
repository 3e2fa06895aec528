// Command wardsim plays the hospital: it feeds HL7 v2 messages and measures.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"wardlight/internal/demo"
)

// version is the program's; the linker sets it in packages.
var version = "0.1.0"

type feedCmd struct {
	MLLP string `name:"mllp" required:"" help:"Central's MLLP address, HOST:PORT."`
	Dir  string `required:"" help:"Folder of HL7 v2 files, sent in order of name." type:"existingdir"`
}

// Run sends a folder and prints one line a message.
func (c *feedCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	list, err := demo.LoadFolder(c.Dir, time.Now())
	if err != nil {
		return err
	}
	s := &demo.Sender{Addr: c.MLLP}
	defer s.Close()
	out := json.NewEncoder(os.Stdout)
	for _, m := range list {
		sent, err := s.Send(ctx, m)
		if err != nil {
			return err
		}
		if err := out.Encode(sent); err != nil {
			return err
		}
	}
	return nil
}

type cli struct {
	Feed       feedCmd          `cmd:"" help:"Send a folder of HL7 v2 files over MLLP."`
	Bench      benchCmd         `cmd:"" help:"Measure: one JSON line a workload."`
	Dictionary dictionaryCmd    `cmd:"" help:"Make and measure the dictionaries that resources are packed with."`
	Version    kong.VersionFlag `help:"Show the version."`
}

func main() {
	var c cli
	k := kong.Parse(&c, kong.Name("wardsim"), kong.Description("Plays the hospital: feeds, loads, measures."), kong.UsageOnError(), kong.Vars{"version": version})
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "wardsim: "+err.Error())
		os.Exit(1)
	}
}
