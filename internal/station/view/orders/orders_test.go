package orders_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/orders"
)

var now = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

type desk struct {
	mu   sync.Mutex
	book ward.OrderBook
	fail error
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return make(chan ward.Notice) }
func (d *desk) OrderBook(context.Context) (ward.OrderBook, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.book, d.fail
}

func line(id, bed, patient string, o ward.Order) ward.OrderLine {
	o.ID, o.Open, o.By, o.At = fhir.ID(id), true, "Grace Mensah, nurse", now.Add(-2*time.Hour)
	return ward.OrderLine{Who: ward.Identity{ID: ward.PatientID(patient), Bed: bed, Family: patient}, Order: o}
}

func follow(t *testing.T, d *desk) *orders.Model {
	t.Helper()
	var q base.Queue
	m := orders.New(d, &q, func() time.Time { return now }, func(orders.State) {})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	m.Follow(ctx)
	for range 20_000 {
		q.Drain()
		if s := m.State(); s.Loaded || s.Error != "" {
			return m
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatal("nothing was read")
	return nil
}

// Who waits for what: each name once, the late and the doubtful to be found by
// themselves, the reason in spite of a warning readable by whoever carries it out.
func TestTheWardsOrdersByPatient(t *testing.T) {
	d := &desk{book: ward.OrderBook{AsOf: now, Lines: []ward.OrderLine{
		line("o1", "03", "okafor", ward.Order{Kind: ward.OrderTest, Test: "CRP", Status: "waiting for the laboratory link", Late: "not sent for 2 h"}),
		line("o2", "07", "adeyemi", ward.Order{Kind: ward.OrderTest, Test: "U&E", Status: "waiting for the laboratory link", Remarks: []string{"waits until somebody decides whether it is wanted"}}),
		line("o3", "07", "adeyemi", ward.Order{Kind: ward.OrderMedicine, Test: "Amoxicillin", Dose: "500 mg", Overrides: []ward.Override{{Words: "allergy to Penicillin", Reason: "desensitised"}}}),
	}}}
	m := follow(t, d)
	s := m.State()
	if len(s.Lines) != 3 || !s.Lines[0].First || !s.Lines[1].First || s.Lines[2].First || s.Open != "o1" || s.Late != 1 || s.AsOf != "as of 14:05" {
		t.Fatalf("%+v", s)
	}
	if l := s.Lines[2]; l.Why != "allergy to Penicillin. Because: desensitised" || l.By != "Grace Mensah, nurse, 12:05" {
		t.Errorf("%+v", l)
	}
	for f, want := range map[orders.Filter]string{orders.Late: "o1", orders.Asked: "o2", orders.Medicines: "o3"} {
		m.SetFilter(f)
		if s := m.State(); len(s.Lines) != 1 || s.Lines[0].ID != want || s.Open != want || !s.Lines[0].First {
			t.Errorf("%s: %+v", f, s.Lines)
		}
	}
	m.SetFilter(orders.All)
	m.Select("o3")
	m.Select("nobody")
	if m.State().Open != "o3" {
		t.Errorf("open %q", m.State().Open)
	}
}

// Nothing, not loaded and not allowed are three different sentences.
func TestWhyNothingIsListed(t *testing.T) {
	if e := follow(t, &desk{book: ward.OrderBook{AsOf: now}}).State().Empty; e != "None: nothing waits on this ward, as of 14:05." {
		t.Error(e)
	}
	m := follow(t, &desk{book: ward.OrderBook{AsOf: now}})
	m.SetFilter(orders.Late)
	if e := m.State().Empty; e != "None of these, as of 14:05." {
		t.Error(e)
	}
	if e := follow(t, &desk{}).State().Empty; !strings.HasPrefix(e, "Not loaded") {
		t.Error(e)
	}
	if s := follow(t, &desk{fail: errors.New("You may not see this ward's patients.")}).State(); s.Error == "" || s.Loaded {
		t.Errorf("%+v", s)
	}
}
