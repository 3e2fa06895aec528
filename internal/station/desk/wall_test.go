package desk_test

import (
	"encoding/json"
	"strings"
	"testing"

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
