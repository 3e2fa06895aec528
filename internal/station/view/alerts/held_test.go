package alerts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/alerts"
)

func heldPotassium() ward.HeldBack {
	return ward.HeldBack{
		ID: "hb1", Version: 2, Since: noon.Add(-7 * time.Minute), Critical: true, Open: true, Why: "name and birth date differ", Phone: "laboratory", Said: "Adeyami Fola, born 1945-03-14",
		Perhaps: []ward.Identity{{ID: "p07", Bed: "07", Family: "Adeyemi", Given: "Folake"}},
		Values: []ward.Result{
			{Test: "Potassium", Value: "6.8", Unit: "mmol/L", Flag: ward.FlagCriticalHigh, Why: []string{"ward limit 6.5"}},
			{Test: "Sodium", Value: "118", Unit: "mmol/L", Flag: ward.FlagCriticalLow, MayBe: true},
		},
	}
}

// It interrupts like any critical result. Everything that is not certain is said,
// and nobody's name stands where a patient's does.
func TestWhatIsHeldBackComesAsBandAndCard(t *testing.T) {
	h := heldPotassium()
	r := newRig(t, h.Alert())
	r.typing, r.key = true, noon
	r.read()
	if b := r.m.State().Band; b == nil || b.Text != "Held back, perhaps bed 07 · Potassium 6.8 mmol/L CRITICAL HIGH · 7 min, nobody has taken it" {
		t.Fatalf("%+v", b)
	}
	r.pass(5 * time.Second)
	c := r.m.State().Card
	if c == nil || c.Key != (alerts.Key{Result: "hb1", Version: 2}) || c.Head != "Held back, not filed: potassium very high" || c.Short != "Not filed: Potassium 6.8 mmol/L" {
		t.Fatalf("%+v", c)
	}
	d := c.Detail
	if d.Name != "Not confirmed whose result it is" || d.Value != "6.8" || d.Unit != "mmol/L" || d.Word != "CRITICAL HIGH" || !d.Held {
		t.Errorf("%+v", d)
	}
	var facts []string
	for _, f := range d.Facts {
		facts = append(facts, f.Label+": "+f.Words)
	}
	want := "Where it is: Held back, not filed: it stands in no chart|Patient: not confirmed; perhaps ADEYEMI, Folake, bed 07|The message says: Adeyami Fola, born 1945-03-14|" +
		"Also in it: Sodium 118 mmol/L MAY BE CRITICAL LOW|Why: Name and birth date differ|What to do: Phone the laboratory: whose is it? Look after the patient meanwhile"
	if got := strings.Join(facts, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r.pass(2 * time.Second)
	r.m.Take(c.Key, "taken", "", "")
	r.read()
	if r.d.count(taken) != 1 || r.d.did[len(r.d.did)-1] != (ward.Take{Result: "hb1", Version: 2, Kind: "taken"}) {
		t.Errorf("%+v", r.d.did)
	}
	if u := r.m.State().Undo; u == nil || u.Words != "You have potassium, held back, perhaps bed 07" {
		t.Errorf("%+v", u)
	}
}

// Of a part of a message it is known whose it is; of a result after discharge that
// it is filed. Neither is said of the other.
func TestWhatIsKnownOfWhatIsHeldBackIsSaid(t *testing.T) {
	h := heldPotassium()
	h.Partial = true
	if d := alerts.Describe(h.Alert(), noon); d.Name != "ADEYEMI, Folake" || !strings.Contains(d.Facts[0].Words, "not filed") || !strings.Contains(d.Facts[1].Words, "known") {
		t.Errorf("in part: %+v", d)
	}
	h = heldPotassium()
	h.Filed, h.Perhaps = true, nil
	if d := alerts.Describe(h.Alert(), noon); d.Name != h.Said || !strings.Contains(d.Facts[0].Words, "In the patient’s record. They had left") || d.Held {
		t.Errorf("after discharge: %+v", d)
	}
	h.Of = &ward.Identity{Family: "Adeyemi", Given: "Folake", Title: "Mrs", Born: "1945-03-14", Age: "81 y", NumberName: "NHS No.", Number: "943 476 5919"}
	here := alerts.Describe(ward.Alert{Who: *h.Of, Result: h.Values[0]}, noon)
	if d := alerts.Describe(h.Alert(), noon); d.Name != here.Name || d.Name != "ADEYEMI, Folake (Mrs)" || len(d.Who) != 2 || !slices.Equal(d.Who, here.Who) {
		t.Errorf("of somebody whose record central has: %s %+v", d.Name, d.Who)
	}
	h = heldPotassium()
	h.Values, h.Words = nil, "Not filed: potassium 6.8 mmol/L, critical"
	if d := alerts.Describe(h.Alert(), noon); d.Value != h.Words || !d.Text {
		t.Errorf("of an older server: %+v", d)
	}
}

// Somebody has it: it stands on the page with their name, and what it was is still
// said. One without a critical value is no alert, and stands below.
func TestWhatIsHeldBackAndTakenStandsOnThePage(t *testing.T) {
	h := heldPotassium()
	h.Open, h.Owned = false, []ward.Owned{{Task: "t1", Kind: "taken", By: "Grace Mensah", At: noon.Add(-time.Minute)}}
	r := newRig(t)
	r.d.held = []ward.HeldBack{h, {ID: "h2", Words: "OBX 2 cannot be read", Since: noon, Partial: true}}
	r.read()
	s := r.m.State()
	if len(s.Lines) != 2 || s.Lines[0].Kind != alerts.KindOwned || s.Lines[0].Task != "t1" || !strings.Contains(s.Lines[0].Name, "Held back") || s.Lines[0].Second != "Grace Mensah has it since 14:04" || s.Lines[1].Kind != alerts.KindHeld {
		t.Errorf("%+v", s.Lines)
	}
	if s.Card != nil || s.Band != nil || s.Badge != 1 {
		t.Errorf("badge %d", s.Badge)
	}
}

// A message without anything critical is on the page, with whose it may be, and
// interrupts nobody.
func TestAHarmlessMessageThatIsHeldBackInterruptsNobody(t *testing.T) {
	h := ward.HeldBack{ID: "hb1", Since: noon, Words: "A message could not be filed.", Phone: "laboratory", Perhaps: []ward.Identity{{ID: "p07", Family: "Adeyemi", Given: "Folake", Bed: "07"}}, Elsewhere: 1}
	r := newRig(t)
	r.d.held = []ward.HeldBack{h}
	r.read()
	s := r.m.State()
	if s.Card != nil || s.Band != nil || len(s.Lines) != 1 {
		t.Fatalf("%+v", s)
	}
	l := s.Lines[0]
	if l.Name != "Perhaps of ADEYEMI, Folake, bed 07, or of 1 more" || l.Patient != "" || !strings.Contains(l.Third, "nothing critical was found in it") {
		t.Errorf("%+v", l)
	}
}

// flood is so many warnings of one sender for every ward, a minute apart.
func flood(n int) (list []ward.Alert) {
	for i := range n {
		h := heldPotassium()
		h.ID, h.Sender, h.EveryWard, h.Perhaps, h.Since = fhir.ID(fmt.Sprint("hb", i)), "LAB|HOSP", true, nil, noon.Add(time.Duration(i-n)*time.Minute)
		h.Values = h.Values[:1]
		h.Values[0].Value = fmt.Sprintf("6.%d", i)
		list = append(list, h.Alert())
	}
	return list
}

func (r *rig) told() (ids []string) {
	r.d.mu.Lock()
	defer r.d.mu.Unlock()
	for _, c := range r.d.did {
		if m, ok := c.(ward.MarkShown); ok {
			for _, s := range m.Results {
				ids = append(ids, string(s.Result))
			}
		}
	}
	return ids
}

// A feed that is out of order sends ten messages that nobody can file. They come as
// cards that name all of them, four at a time; one press folds what was named. Each is taken by
// itself. What comes next is counted in the band at once, and comes as a card when
// ten minutes are over.
func TestOneSendersBrokenMessagesComeAsOneCard(t *testing.T) {
	r := newRig(t, flood(10)...)
	r.m.SetVisible(true)
	r.read()
	c := r.m.State().Card
	if c == nil || c.Place != "" || c.Head != "Held back, not filed: potassium very high (1 of 10)" || len(c.With) != 3 || c.More != 6 {
		t.Fatalf("%+v", c)
	}
	last := c.Detail.Facts[0]
	if last.Label != "9 more of this sender" || !strings.HasPrefix(last.Words, "Potassium 6.1 mmol/L CRITICAL HIGH, 13:56 · Potassium 6.2") || !strings.Contains(last.Words, "Potassium 6.3") ||
		strings.Contains(last.Words, "6.4") || !strings.Contains(last.Words, "and 6 more, on the next card") {
		t.Errorf("%+v", last)
	}
	if got := r.told(); len(got) != 4 {
		t.Errorf("shown: %v", got)
	}
	for range 2 {
		r.pass(3 * time.Second)
		r.m.SetAside(r.m.State().Card.Key, true)
		r.read()
	}
	if c = r.m.State().Card; c == nil || c.Key.Result != "hb8" || len(c.With) != 1 || c.More != 0 || len(r.told()) != 10 {
		t.Fatalf("the next card: %+v, shown %v", c, r.told())
	}
	r.pass(3 * time.Second)
	r.m.Take(c.Key, "taken", "", "")
	r.read()
	if r.d.count(taken) != 1 {
		t.Errorf("one press took %d", r.d.count(taken))
	}
	r.m.SetAside(r.m.State().Card.Key, true)
	r.d.alerts = flood(11)
	r.read()
	s := r.m.State()
	if s.Card != nil || s.Band == nil || s.Band.Count != 11 || !strings.HasSuffix(s.Band.More, "; 1 new of a sender whose messages cannot be filed") {
		t.Fatalf("a new one while it is quiet: card %+v, band %+v", s.Card, s.Band)
	}
	r.pass(10 * time.Minute)
	if c := r.m.State().Card; c == nil || c.Key.Result != "hb10" || len(c.With) != 0 {
		t.Errorf("after ten minutes: %+v", c)
	}
}

// What is another sender's, of a known ward, or filed comes by itself, whatever
// is quiet.
func TestWhatIsNotOfTheFloodComesByItself(t *testing.T) {
	list := flood(2)
	other, named := heldPotassium(), heldPotassium()
	other.ID, other.Sender, other.EveryWard = "x1", "LAB2|HOSP", true
	named.ID, named.Sender = "x2", "LAB|HOSP"
	r := newRig(t, list...)
	r.read()
	r.pass(3 * time.Second)
	r.m.SetAside(r.m.State().Card.Key, true)
	r.d.alerts = append(r.d.alerts, other.Alert(), named.Alert(), potassium("k1", "13:58"))
	r.read()
	if c := r.m.State().Card; c == nil || c.Place != "1 of 3" || c.Key.Result != "x1" {
		t.Errorf("%+v", c)
	}
	r.m.Show(alerts.Key{Result: "hb0", Version: 2})
	if c := r.m.State().Card; c == nil || c.Key.Result != "hb0" || len(c.With) != 1 {
		t.Errorf("asked for: %+v", c)
	}
}
