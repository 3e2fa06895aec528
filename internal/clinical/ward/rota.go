package ward

import "time"

// Rota is a ward's rota as a page shows it.
type Rota struct {
	Ward    string    `json:"ward"`
	Text    string    `json:"text"`
	Version uint64    `json:"version"` // 0: there is none yet
	By      string    `json:"by,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Now     []string  `json:"now"`           // who is on call, a line a role
	Gap     []bool    `json:"gap,omitempty"` // of each line of Now: whether it says that nobody is
	Flaws   []string  `json:"flaws"`         // gaps and overlaps of the next days, in words
	Bad     string    `json:"bad,omitempty"`
	MayEdit bool      `json:"mayEdit"`
}

// EditRota writes a ward's rota anew. Version is the one that the author saw.
type EditRota struct {
	Ward    string
	Version uint64
	Text    string
}

func (EditRota) command() {}
