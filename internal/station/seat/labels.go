package seat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
	"wardlight/internal/station/paper"
	"wardlight/internal/trust/bulk"
	"wardlight/internal/words"
)

// labels is this computer's paper for labels, and which orders' labels it has printed:
// numbers of orders and times, no patient and no person.
type labels struct {
	path  string
	write sync.Mutex // over the file on the disk, and never while a display waits
	mu    sync.Mutex // over file
	file  labelsFile
}

type labelsFile struct {
	Version int                   `json:"version"`
	Paper   string                `json:"paper,omitempty"`
	Printed map[fhir.ID]time.Time `json:"printed,omitempty"` // when last
}

const (
	labelsVersion = 1
	// A label that was printed longer ago is on a sample or in the bin.
	labelsFor  = 30 * 24 * time.Hour
	labelsMost = 5000
)

// loadLabels reads the file. One that is damaged or of a later program gives the usual
// paper, and takes no label for one that was printed before.
func loadLabels(dir string) *labels {
	l := &labels{path: filepath.Join(dir, "labels.json"), file: labelsFile{Version: labelsVersion}}
	if b, err := os.ReadFile(l.path); err == nil {
		var f labelsFile
		if json.Unmarshal(b, &f) == nil && f.Version == labelsVersion {
			l.file = f
		}
	}
	if !slices.Contains(ward.LabelPapers(), l.file.Paper) {
		l.file.Paper = ward.LabelPapers()[0]
	}
	if l.file.Printed == nil {
		l.file.Printed = map[fhir.ID]time.Time{}
	}
	return l
}

func (l *labels) paper() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Paper
}

// again are those that were printed before.
func (l *labels) again(orders []fhir.ID) (out []fhir.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range orders {
		if _, ok := l.file.Printed[id]; ok {
			out = append(out, id)
		}
	}
	return out
}

// change changes the file and writes it.
func (l *labels) change(how func(*labelsFile)) error {
	l.write.Lock()
	defer l.write.Unlock()
	l.mu.Lock()
	how(&l.file)
	b, err := json.MarshalIndent(l.file, "", "  ")
	l.mu.Unlock()
	if err == nil {
		err = os.WriteFile(l.path+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(l.path+".new", l.path)
	}
	return fault.As(fault.Unavailable, "seat.labels", "", err)
}

// printed notes what was printed; the oldest go.
func (l *labels) printed(orders []fhir.ID, now time.Time) error {
	return l.change(func(f *labelsFile) {
		for _, id := range orders {
			f.Printed[id] = now
		}
		var old []fhir.ID
		for id, at := range f.Printed {
			if now.Sub(at).Abs() > labelsFor {
				delete(f.Printed, id)
			} else {
				old = append(old, id)
			}
		}
		if over := len(old) - labelsMost; over > 0 {
			slices.SortFunc(old, func(a, b fhir.ID) int { return f.Printed[a].Compare(f.Printed[b]) })
			for _, id := range old[:over] {
				delete(f.Printed, id)
			}
		}
	})
}

// LabelPaper is what this computer's labels are printed on.
func (s *Seat) LabelPaper() string { return s.labels.paper() }

// KeepLabelPaper chooses another paper, for everybody who uses this computer.
func (s *Seat) KeepLabelPaper(to string) error {
	if !slices.Contains(ward.LabelPapers(), to) {
		return fault.As(fault.Invalid, "seat.keeplabelpaper", to, words.Errorf("There is no such paper for labels."))
	}
	return s.labels.change(func(f *labelsFile) { f.Paper = to })
}

// PrintLabels prints the labels of these orders' samples, each so many times, and says
// in words whose they are and what became of it. All orders are open requests for tests
// of this patient, or nothing is printed. The look is durable before there is a file; it
// names the orders, and those whose label this computer had printed before.
func (s *Seat) PrintLabels(ctx context.Context, patient ward.PatientID, orders []fhir.ID, copies int) (string, error) {
	d, err := s.Desk()
	if err != nil {
		return "", err
	}
	who, list, err := d.Labels(ctx, patient, orders)
	if err != nil {
		return "", err
	}
	on, now := s.labels.paper(), s.conf.Now().In(s.conf.Zone)
	pdf, err := paper.Labels(now, on, who, list, copies)
	if err != nil {
		return "", err
	}
	again := s.labels.again(orders)
	what := fmt.Sprintf("labels, %d of each, of orders %s", copies, joinIDs(orders))
	if len(again) > 0 {
		what += "; printed before: " + joinIDs(again)
	}
	p := s.printer()
	p.To, p.Media = s.conf.LabelPrinter, paper.LabelMedia(on)
	said, err := s.printBy(ctx, d, p, desk.Sheets{Kind: bulk.Labels, What: what, Patients: []ward.PatientID{patient}}, func() ([]byte, error) { return pdf, nil })
	if said == "" {
		return "", err
	}
	said = labelWords(who, len(list)*copies) + " " + said
	if len(again) > 0 {
		said += ". " + words.T("Printed before on this computer: throw the older labels away")
	}
	return said, errors.Join(err, s.labels.printed(orders, now))
}

// labelWords restate whose labels they are.
func labelWords(who ward.Identity, n int) string {
	born := cmp.Or(who.Born, words.T("not known"))
	if t, err := time.Parse("2006-01-02", who.Born); err == nil {
		born = ward.Date(t)
	}
	return words.N(n, "%d label for %s, born %s.", "%d labels for %s, born %s.", who.ShowName(), born+strings.TrimRight(", "+strings.TrimSpace(who.NumberName+" "+who.Number), ", "))
}

func joinIDs(ids []fhir.ID) string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return strings.Join(list, ", ")
}
