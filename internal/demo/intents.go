package demo

import (
	"bufio"
	"encoding/json"
	"os"
	"sync"
	"time"

	"wardlight/internal/fault"
)

// Intent is one thing that somebody is about to do: a message to be sent, an
// entry to be typed, a record to be looked at. It is on disk before it
// happens, so that no crash can make the hospital forget what it wanted.
type Intent struct {
	N       int       `json:"n"`
	Kind    string    `json:"kind"` // message, entry, look
	At      time.Time `json:"at"`
	Station string    `json:"station,omitempty"` // ward, clinic, central
	User    string    `json:"user,omitempty"`
	// A message: its bytes.
	ControlID string `json:"control_id,omitempty"`
	Raw       []byte `json:"raw,omitempty"`
	// An entry: what is typed, in the words of the person.
	Command string         `json:"command,omitempty"`
	Patient string         `json:"patient,omitempty"` // NHS number
	Fields  map[string]any `json:"fields,omitempty"`
	// What came of it; a line of its own with the same n.
	Answer string   `json:"answer,omitempty"`
	Made   []string `json:"made,omitempty"` // ids that the station gave
	Failed string   `json:"failed,omitempty"`
}

// Intents is the list. Safe for concurrent use.
type Intents struct {
	mu   sync.Mutex
	file *os.File
	next int
}

// CreateIntents begins a list.
func CreateIntents(path string) (*Intents, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600) //nolint:gosec // the demonstration's own folder
	if err != nil {
		return nil, fault.As(fault.Unavailable, "demo.intents", path, err)
	}
	return &Intents{file: f, next: 1}, nil
}

// Mean writes down what is about to happen, synced, and gives it its number.
func (l *Intents) Mean(in Intent) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	in.N, in.At = l.next, time.Now().UTC()
	l.next++
	return in.N, l.write(in)
}

// Done writes down what came of intent n.
func (l *Intents) Done(n int, answer string, made []string, failed string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.write(Intent{N: n, Kind: "done", At: time.Now().UTC(), Answer: answer, Made: made, Failed: failed})
}

func (l *Intents) write(in Intent) error {
	b, err := json.Marshal(in)
	if err != nil {
		return fault.Wrap("demo.intents", "", err)
	}
	if _, err := l.file.Write(append(b, '\n')); err != nil {
		return fault.As(fault.Unavailable, "demo.intents", "", err)
	}
	return fault.As(fault.Unavailable, "demo.intents", "", l.file.Sync())
}

// Close ends the list.
func (l *Intents) Close() error {
	return fault.As(fault.Unavailable, "demo.intents", "", l.file.Close())
}

// ReadIntents reads a list back, each intent with what came of it. A torn last
// line (the hospital itself crashed) is left out: it never happened.
func ReadIntents(path string) ([]Intent, error) {
	f, err := os.Open(path) //nolint:gosec // the demonstration's own folder
	if err != nil {
		return nil, fault.As(fault.NotFound, "demo.intents", path, err)
	}
	defer func() { _ = f.Close() }()
	var list []Intent
	at := map[int]int{}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		var in Intent
		if json.Unmarshal(sc.Bytes(), &in) != nil {
			continue
		}
		if in.Kind != "done" {
			at[in.N] = len(list)
			list = append(list, in)
			continue
		}
		if i, ok := at[in.N]; ok {
			list[i].Answer, list[i].Made, list[i].Failed = in.Answer, in.Made, in.Failed
		}
	}
	return list, fault.As(fault.Unavailable, "demo.intents", path, sc.Err())
}
