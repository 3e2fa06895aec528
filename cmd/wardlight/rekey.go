package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
)

type rekeyCmd struct {
	station
	Wait time.Duration `default:"30s" help:"How long to wait until it is done."`
}

// keyWait is how long the server is waited for.
const keyWait = 10 * time.Second

// Run asks for another device secret and another device key, and waits for them. Where a window or a headless
// program is open on the folder that one makes it, and people go on working; else it
// is made here, if central opens the station.
func (c *rekeyCmd) Run() error {
	ctx := context.Background()
	info, err := join.Load(c.Data)
	if err != nil {
		return err
	}
	if err := seat.AskRekey(c.Data); err != nil {
		return err
	}
	if err := seat.AskNewKey(c.Data); err != nil {
		return err
	}
	_, running, _ := seat.AskRunning(ctx, c.Data)
	if !running {
		s, err := c.open(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = s.Close() }() // nothing was written that is not durable
	}
	for end := time.Now().Add(c.Wait); seat.RekeyAsked(c.Data); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			return fault.New(fault.Timeout, "rekey", string(info.Station), "the device secret has not been changed yet: nobody has opened this computer, or its keyring does not answer. It is changed by itself within seconds of the next sign-in here. Nothing was lost, and PINs go on working")
		}
	}
	// Central certifies the device key: without it that one follows.
	key := "changed"
	for end := time.Now().Add(min(c.Wait, keyWait)); seat.NewKeyAsked(c.Data); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			key = "changes as soon as the server answers"
			break
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"station": info.Station, "device_secret": "changed", "device_key": key})
}
