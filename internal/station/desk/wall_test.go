package desk_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// The wall is read by everybody who walks by. Nobody is signed in, and what
// leaves the desk for it holds bed and initials and how urgent it is: no name, no
// number, no test, no value.
func TestTheWallHoldsNobodysNameAndNoResult(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	r.desk.EndSession()
	before := len(r.looks())
	ok(t, r.desk.OpenWall(bg))
	w, err := r.desk.Wall(bg)
	ok(t, err)
	if len(w.Cards) != 1 {
		t.Fatalf("%d cards", len(w.Cards))
	}
	c := w.Cards[0]
	if c.Bed != "07" || c.Initials != "FA" || !c.Critical || !c.Untaken || c.Urgency != 3 {
		t.Errorf("card: %+v", c)
	}
	b, err := json.Marshal(w)
	ok(t, err)
	for _, secret := range []string{"Adeyemi", "ADEYEMI", "Folake", "9990417732", "999 041", "Potassium", "6.8", "mmol", "1954", "p07"} {
		if strings.Contains(string(b), secret) {
			t.Errorf("%q is on the wall: %s", secret, b)
		}
	}
	looks := r.looks()
	if len(looks) != before+1 || !strings.HasPrefix(looks[len(looks)-1].Query, "wall") || looks[len(looks)-1].Who.User != "(wall)" {
		t.Errorf("looks: %+v", looks[len(looks)-1])
	}
}

// Why somebody is not scored is nobody's business on the wall: "pregnant" is one
// of the reasons.
func TestTheWallSaysNoReason(t *testing.T) {
	row := ward.Row{Who: ward.Identity{Bed: "05", Given: "Élise", Family: "Dubois"}, Early: ward.Early{Known: true, Refused: "not scored: pregnant"}}
	c := ward.WallCardOf(&row)
	if c.Known || !c.Refused || c.Initials != "ÉD" {
		t.Errorf("%+v", c)
	}
	if c := ward.WallCardOf(&ward.Row{}); c.Initials != "–" || c.Known {
		t.Errorf("of nobody known: %+v", c)
	}
}

// What the wall has told of is on a screen of the ward: that is written down once,
// with which kind of screen it was. A window that draws the result itself says so
// all the same, and what a window drew the wall adds nothing to.
func TestWhatTheWallToldOfWasShown(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	r.hold(heldPotassium("hb1", "p07"))
	r.desk.EndSession()
	shown := func() (kinds []string) {
		t.Helper()
		muts, err := r.cache.Unsent(0, 100)
		ok(t, err)
		for _, m := range muts {
			v, err := fhir.View[fhir.Task](m.Ops[0].Value)
			ok(t, err)
			kind, _ := fhir.ParamOf(v.Input, fhir.ParamKind)
			if !v.Code.Has(fhir.SystemTaskCode, fhir.TaskShown) || m.Author.User != "" && string(m.Author.User) != string(station) {
				t.Errorf("written: %s", m.Ops[0].Value)
			}
			kinds = append(kinds, v.Focus.Reference+" "+v.Description+map[bool]string{true: "!"}[kind.ValueString != nil && *kind.ValueString == fhir.ShownOnWall])
		}
		slices.Sort(kinds)
		return kinds
	}
	w, err := r.desk.Wall(bg)
	ok(t, err)
	for range 2 {
		ok(t, r.desk.WallDrawn(bg, w.Cards))
		r.settle()
	}
	if got := strings.Join(shown(), "; "); got != "Observation/k1 on the wall of ward 4B!; Task/hb1 on the wall of ward 4B!" {
		t.Fatalf("the wall: %s", got)
	}
	r.desk.SetSession(grace)
	version := r.alerts()[0].Result.Version
	r.do(ward.MarkShown{Results: []ward.ShownResult{{Patient: folake, Result: "k1", Version: version}}})
	if got := shown(); len(got) != 3 || got[0] != "Observation/k1 " {
		t.Errorf("a window draws it too: %v", got)
	}
	r.send(potassium("k2", "p07", "6.9", "final", "HH"))
	for _, a := range r.alerts() {
		r.do(ward.MarkShown{Results: []ward.ShownResult{{Patient: a.Who.ID, Result: a.Result.ID, Version: a.Result.Version}}})
	}
	before := len(shown())
	w, err = r.desk.Wall(bg)
	ok(t, err)
	ok(t, r.desk.WallDrawn(bg, w.Cards))
	if n := len(shown()); n != before {
		t.Errorf("the wall adds %d to what a window drew", n-before)
	}
}
