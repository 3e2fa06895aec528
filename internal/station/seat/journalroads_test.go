package seat_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
)

// Each of the two roads by which a computer hears of another journal key leads there by
// itself: a signature that it does not believe, where it never asks how it stands; and
// central’s word on how it stands, where its line is cut and nothing signed reaches it, not
// even a checkpoint of the log.
func TestEachRoadLeadsToTheNewJournalKey(t *testing.T) {
	for name, conf := range map[string]seat.Config{"by what it is sent": seat.Config{}.Deaf(), "by how it stands": seat.Config{}.Mute()} {
		t.Run(name, func(t *testing.T) {
			w := hospital(t)
			dir := w.enrol()
			s := w.sitAs(conf, dir)
			<-s.Opened()
			eventually(t, "the line stands", func() bool { return s.Link().Connected })
			if name == "by how it stands" {
				s.Disconnect()
				eventually(t, "the line is cut", func() bool { return !s.Link().Connected })
			}
			first := believed(t, dir)
			w.order("keys change", map[string]string{"key": "signing", "force": "true"})
			if name == "by what it is sent" {
				w.arrives(0)
			}
			eventually(t, "it believes the new one", func() bool { return !bytes.Equal(believed(t, dir), first) })
		})
	}
}

// A change of the journal key is refused while a computer's program does not know of
// handovers. Where it is forced that computer believes what it believed and nothing that
// the new key signs; people go on writing there, and nothing of it is lost: once the
// program is a later one it comes level, and what was written is at central.
func TestAForcedChangeOfTheJournalKeyLosesNothingOfAnOlderProgram(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	admit(t, w)
	s := w.sitAs(seat.Config{}.Stuck(), dir)
	d := aNurse(t, w, s)
	first := believed(t, dir)
	if err := w.try("keys change", map[string]string{"key": "signing"}); !fault.Is(err, fault.Denied) {
		t.Fatalf("a change that leaves an older program behind: %v", err)
	}
	w.order("keys change", map[string]string{"key": "signing", "force": "true"})
	w.arrives(1)
	note(t, d, "written on the older program")
	eventually(t, "it lets go of what it does not believe", func() bool { return !s.Link().Connected })
	note(t, d, "written while it believes nobody")
	if got := s.Count().Patients; got != 1 {
		t.Errorf("it holds %d patients: it took what the new key signed", got)
	}
	if !bytes.Equal(believed(t, dir), first) {
		t.Error("an older program believes the new key")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = w.sitAs(seat.Config{}, dir)
	<-s.Opened()
	eventually(t, "the later program comes level, and everything was sent", func() bool {
		return s.Count().Patients == 2 && s.Count().Unsent == 0 && s.Link().Connected
	})
	for _, text := range []string{"written on the older program", "written while it believes nobody"} {
		if n := w.exported(text); n != 1 {
			t.Errorf("%q is at central %d times, want once", text, n)
		}
	}
}

// exported counts what central holds that says this.
func (w *world) exported(text string) (n int) {
	w.t.Helper()
	for _, l := range w.order("export", nil) {
		b, err := json.Marshal(l)
		if err != nil {
			w.t.Fatal(err)
		}
		n += bytes.Count(b, []byte(text))
	}
	return n
}
