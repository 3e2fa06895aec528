package desk_test

import (
	"context"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/desk"
)

// readings counts how often a patient's record is read, and may hold one reading up.
type readings struct {
	desk.Store
	of   fhir.ID
	n    *atomic.Int64
	held *atomic.Pointer[func()]
}

func (s readings) View(ctx context.Context, fn func(desk.Reader) error) error {
	return s.Store.View(ctx, func(r desk.Reader) error { return fn(readingReader{r, s}) })
}

type readingReader struct {
	desk.Reader
	s readings
}

func (r readingReader) Compartment(p fhir.ID) iter.Seq2[record.Change, error] {
	if p == r.s.of {
		r.s.n.Add(1)
		if hold := r.s.held.Swap(nil); hold != nil {
			(*hold)()
		}
	}
	return r.Reader.Compartment(p)
}

// While a set is typed the record is read once. It is read again when something about that
// patient has come, was written here or was answered for, when a limit was set, on another
// day, in another language, and of another patient; and each score is the one that a
// station says which reads the record for it.
func TestTheRecordIsReadOnceWhileASetIsTyped(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p08", "Other", "Olu", "08")...)
	r.close()
	var n atomic.Int64
	r.wrap = func(s desk.Store) desk.Store { return readings{s, folake, &n, new(atomic.Pointer[func()])} }
	r.open()
	r.do(ward.RecordVitals{Patient: folake, Set: wholeSet()})
	typed := []ward.VitalSet{
		{Respirations: "2"}, {Respirations: "21"}, {Respirations: "21", SpO2: "93", Oxygen: yes()}, {Pulse: "140"}, wholeSet(),
	}
	reads := func(after string, want int64) {
		t.Helper()
		r.settle() // rows that are derived read it, too
		before := n.Load()
		var got []ward.Early
		for _, set := range typed {
			e, err := r.desk.Score(bg, folake, set)
			ok(t, err)
			got = append(got, e)
		}
		if read := n.Load() - before; read != want {
			t.Errorf("%s: %d sets were scored, and the record read %d times, not %d", after, len(typed), read, want)
		}
		for i, set := range typed {
			_, err := r.desk.Score(bg, "p08", ward.VitalSet{}) // so that it is read again
			ok(t, err)
			fresh, err := r.desk.Score(bg, folake, set)
			ok(t, err)
			if show(got[i]) != show(fresh) {
				t.Errorf("%s: scored %s, read again %s", after, show(got[i]), show(fresh))
			}
		}
		_, err := r.desk.Score(bg, folake, typed[0])
		ok(t, err)
	}
	_, err := r.desk.Score(bg, folake, typed[0])
	ok(t, err)
	reads("the first", 0)
	r.send(potassium("k8", "p08", "4.1", "final", ""))
	reads("news of another patient", 0)
	r.send(potassium("k7", string(folake), "4.1", "final", ""))
	reads("news of this one", 1)
	r.later(time.Minute)
	calm := wholeSet()
	calm.At, calm.Respirations, calm.SpO2, calm.Oxygen, calm.Systolic, calm.Pulse, calm.Temperature = r.clock(), "16", "98", no(), "120", "72", "36.8"
	r.do(ward.RecordVitals{Patient: folake, Set: calm})
	reads("a set that was saved here", 1)
	r.drain()
	reads("its receipt", 1)
	r.limitsOf(alert.RuleOverdue, alert.Setting{Edge: alert.EdgeScore1, Unit: alert.Minutes, Value: "120", At: r.clock()})
	reads("a limit of the site", 1)
	r.send(joinedWith("p99", false)[1])
	r.send(joinedWith("p99", true)...)
	reads("another record of the same person", 1)
	r.send(potassium("k9", "p99", "4.1", "final", ""))
	reads("news of that record", 1)
	r.later(24 * time.Hour)
	reads("a day later", 1)
	speak(t, strange())
	reads("in another language", 1)
}

// What is committed while the record is read is not in it, and the next score does not
// take it for what there is: neither that reading nor one that ends later replaces what
// was read since.
func TestAScoreNeverStandsOnAnOlderRecord(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.close()
	var held atomic.Pointer[func()]
	r.wrap = func(s desk.Store) desk.Store { return readings{s, folake, new(atomic.Int64), &held} }
	r.open()
	r.settle()
	reading, goOn, done := make(chan struct{}), make(chan struct{}), make(chan ward.Early, 1)
	hold := func() { close(reading); <-goOn }
	held.Store(&hold)
	go func() {
		e, _ := r.desk.Score(bg, folake, ward.VitalSet{Respirations: "21"})
		done <- e
	}()
	<-reading
	r.do(ward.RecordVitals{Patient: folake, Set: wholeSet()})
	last := func(when string) {
		t.Helper()
		if e, err := r.desk.Score(bg, folake, ward.VitalSet{Respirations: "21"}); err != nil || !e.HasLast || e.Last != 10 {
			t.Errorf("%s: %s, %v", when, show(e), err)
		}
	}
	last("while an older reading goes on")
	close(goOn)
	if e := <-done; e.HasLast {
		t.Errorf("the older state had a set: %s", show(e))
	}
	last("after it")
}
