package desk_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// What was written on paper during an outage is entered afterwards, with the network still
// out, with the time when it was true: it carries both times, score and order follow the
// time when it was true, and an older set does not stand as the newest.
func TestWhatWasOnPaperCarriesBothTimes(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.connected(true)
	now := wholeSet()
	now.At, now.Respirations = r.clock(), "25"
	r.do(ward.RecordVitals{Patient: folake, Set: now, Confirmed: true})
	r.do(ward.WriteNote{Patient: folake, Text: "Resting."})
	r.later(time.Minute)
	r.cut()
	entered := r.clock()
	old := wholeSet()
	old.At, old.Respirations = noon.Add(-9*time.Hour), "14"
	r.do(ward.RecordVitals{Patient: folake, Set: old})
	r.do(ward.WriteNote{Patient: folake, Text: "Slept badly.", True: noon.Add(-8 * time.Hour)})
	c := r.chart(folake)
	if len(c.Vitals) != 2 || c.Vitals[0].Respirations != "25" || c.Vitals[1].Respirations != "14" {
		t.Fatalf("the sets are not in the order in which they were true: %s", show(c.Vitals))
	}
	if v := c.Vitals[1]; !v.At.Equal(noon.Add(-9*time.Hour)) || v.Recorded.Sub(entered).Abs() > time.Second || !v.Unsent {
		t.Errorf("both times: true %s, recorded %s", v.At, v.Recorded)
	}
	if c.Early.Total != c.Vitals[0].Early.Total || !c.Early.At.Equal(c.Vitals[0].At) {
		t.Errorf("the score is that of the set that was entered last, and not of the newest: %+v", c.Early)
	}
	if n := len(c.Early.Trend); n == 0 || c.Early.Trend[n-1] != c.Vitals[0].Early.Total {
		t.Errorf("the trend ends elsewhere: %v", c.Early.Trend)
	}
	if n := c.Notes; len(n) != 2 || n[1].Text != "Slept badly." || !n[1].True.Equal(noon.Add(-8*time.Hour)) || n[1].At.Sub(entered).Abs() > time.Second || !n[0].True.IsZero() {
		t.Fatalf("notes: %s", show(n))
	}
	// A new wording keeps the time of its note, here and when it comes back from central.
	r.later(time.Minute)
	r.do(ward.WriteNote{Patient: folake, Text: "Slept badly, pain 3.", Edit: c.Notes[1].ID})
	r.drain()
	if n := r.chart(folake).Notes; len(n) != 2 || n[1].Text != "Slept badly, pain 3." || !n[1].True.Equal(noon.Add(-8*time.Hour)) {
		t.Errorf("reworded: %s", show(n))
	}
}

// A time that cannot be is refused, one long ago asked about.
func TestTheTimeOfANoteIsHeldToSense(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	note := ward.WriteNote{Patient: folake, Text: "Settled."}
	for back, words := range map[time.Duration]string{-time.Hour: "in the future", 8 * 24 * time.Hour: "7 days"} {
		c := note
		c.True, c.Confirmed = noon.Add(-back), true
		r.refused(fault.Invalid, words, c)
	}
	note.True = noon.Add(-13 * time.Hour)
	r.do(ward.SaveDraft{Patient: folake, Kind: "note", Body: note.Text})
	done, err := r.desk.Do(bg, note)
	ok(t, err)
	if len(done.Ask) != 1 || !strings.Contains(done.Ask[0], "Keep the time or change it?") || len(done.Made) != 0 || len(r.chart(folake).Notes) != 0 {
		t.Fatalf("asked %q, made %v", done.Ask, done.Made)
	}
	if drafts, _ := r.desk.Drafts(bg); len(drafts) != 1 {
		t.Error("the draft went with a question")
	}
	note.Confirmed = true
	r.do(note)
	if n := r.chart(folake).Notes; len(n) != 1 || !n[0].True.Equal(note.True) {
		t.Errorf("kept: %s", show(n))
	}
}
