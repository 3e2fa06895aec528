package base

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// draftDelay is how long typing must rest before a draft is written.
const draftDelay = 300 * time.Millisecond

// Drafts writes what somebody is typing a moment after they rest, sealed to its author by
// the station, so that it survives a lock, another person at the computer, and a crash.
// A draft belongs to a patient and has a kind: one form. Safe for concurrent use.
type Drafts struct {
	desk  Doer
	mu    sync.Mutex
	write sync.Mutex // one write at a time, in order
	due   map[draftKey]string
	timer *time.Timer
}

type draftKey struct {
	patient ward.PatientID
	kind    string
}

// NewDrafts makes Drafts that are written through a desk.
func NewDrafts(desk Doer) *Drafts { return &Drafts{desk: desk, due: map[draftKey]string{}} }

// Put keeps a text; an empty one drops the draft.
func (d *Drafts) Put(p ward.PatientID, kind, body string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.due[draftKey{p, kind}] = body
	if d.timer == nil {
		d.timer = time.AfterFunc(draftDelay, d.Flush)
	}
}

// PutForm keeps what a form holds; one that holds nothing, its zero value, drops the
// draft.
func PutForm[T comparable](d *Drafts, p ward.PatientID, kind string, form T) {
	var nothing T
	if form == nothing {
		d.Put(p, kind, "")
		return
	}
	if b, err := json.Marshal(form); err == nil {
		d.Put(p, kind, string(b))
	}
}

// Drop forgets a draft, now: what it held is saved, or its author said so.
func (d *Drafts) Drop(p ward.PatientID, kind string) {
	d.mu.Lock()
	d.due[draftKey{p, kind}] = ""
	d.mu.Unlock()
	go d.Flush()
}

// Flush writes unfinished text now: the form closes, the window locks, the program
// ends. What could not be written is tried again at the next.
func (d *Drafts) Flush() {
	d.write.Lock()
	defer d.write.Unlock()
	d.mu.Lock()
	due := d.due
	d.due = map[draftKey]string{}
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.mu.Unlock()
	for k, body := range due {
		_, err := d.desk.Do(context.Background(), ward.SaveDraft{Patient: k.patient, Kind: k.kind, Body: body})
		if err != nil {
			d.again(k, body)
		}
	}
}

// again keeps what could not be written, unless something newer has come.
func (d *Drafts) again(k draftKey, body string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, newer := d.due[k]; !newer {
		d.due[k] = body
	}
}

// KeptForm finds the draft of a form among a person's drafts, and when it was kept.
func KeptForm[T any](drafts []ward.Draft, p ward.PatientID, kind string) (form T, at time.Time, ok bool) {
	for _, k := range drafts {
		if k.Patient == p && k.Kind == kind && json.Unmarshal([]byte(k.Body), &form) == nil {
			return form, k.Saved, true
		}
	}
	return form, at, false
}

// Recaller has a person's drafts: the desk, as a view model needs it.
type Recaller interface {
	Drafts(ctx context.Context) ([]ward.Draft, error)
}

// Recall looks for the draft of a form that is being opened, away from the display's
// goroutine. then runs on the Dispatcher where there is one, with when it was kept, and
// where the drafts could not be read, with why.
func Recall[T any](d Dispatcher, desk Recaller, drafts *Drafts, p ward.PatientID, kind string, then func(form T, at time.Time, err error)) {
	go func() {
		drafts.Flush() // what was typed a moment ago is among them
		all, err := desk.Drafts(context.Background())
		form, at, ok := KeptForm[T](all, p, kind)
		if ok || err != nil {
			d.Do(func() { then(form, at, err) })
		}
	}()
}

// KeptWords say when a draft was kept.
func KeptWords(at, now time.Time) string {
	return words.F("Draft kept %s", ward.Stamp(at.In(now.Location()), now))
}
