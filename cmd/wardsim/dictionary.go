package main

import (
	"context"
	"encoding/json"
	"os"

	"wardlight/internal/compact"
	"wardlight/internal/dictionary"
	"wardlight/internal/fault"
)

type dictionaryCmd struct {
	Make    makeDictionaryCmd    `cmd:"" help:"Train a dictionary on one invented hospital."`
	Measure measureDictionaryCmd `cmd:"" help:"Measure a dictionary of this program on what it was not trained on: one JSON line a set."`
}

type makeDictionaryCmd struct {
	Seed uint64 `required:"" help:"The hospital's seed."`
	ID   uint32 `name:"id" required:"" help:"The dictionary's number; one that was released is never made again."`
	Out  string `required:"" help:"The file to write." type:"path"`
}

// Run trains a dictionary.
func (c *makeDictionaryCmd) Run() error {
	b, err := dictionary.Train(context.Background(), c.Seed, c.ID)
	if err != nil {
		return err
	}
	return fault.As(fault.Unavailable, "dictionary.make", c.Out, os.WriteFile(c.Out, b, 0o600))
}

type measureDictionaryCmd struct {
	Number  uint16 `default:"1" help:"The dictionary."`
	Seed    uint64 `default:"7" help:"The seed of another hospital than the one it was trained on."`
	Bundles string `help:"A folder of FHIR bundles, such as Synthea's." type:"existingdir"`
}

// Run measures a dictionary.
func (c *measureDictionaryCmd) Run() error {
	all, err := dictionary.Hospital(context.Background(), c.Seed, dictionary.Patients)
	if err != nil {
		return err
	}
	if err := c.print("another hospital", all); err != nil || c.Bundles == "" {
		return err
	}
	if all, err = dictionary.Bundles(c.Bundles, c.Seed); err != nil {
		return err
	}
	return c.print("bundles", all)
}

func (c *measureDictionaryCmd) print(name string, all [][]byte) error {
	f, err := dictionary.Measure(name, compact.Dictionary(c.Number), all)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(f)
}
