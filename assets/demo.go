package assets

import (
	"embed"
	"io/fs"
)

// demo is the demonstration's hospital: HL7 v2 messages of a ward of invented
// patients (their NHS numbers begin with 999, which is kept for tests), with
// times written as {T-3h}: so long before the demonstration begins.
//
//go:embed demo/ward/*.hl7 demo/story/*.hl7 demo/tour/*.hl7
var demo embed.FS

// DemoWard are the messages that fill the ward, a file a bed.
func DemoWard() fs.FS { return sub("demo/ward") }

// DemoStory are the messages of the story, a file an event.
func DemoStory() fs.FS { return sub("demo/story") }

// DemoTour are the messages that come before the pictures of the tour are taken: a report as
// a document, and a value beyond an urgent limit. No story and no ledger tells of them.
func DemoTour() fs.FS { return sub("demo/tour") }

func sub(dir string) fs.FS {
	f, err := fs.Sub(demo, dir)
	if err != nil {
		panic(err) // the name is a constant
	}
	return f
}
