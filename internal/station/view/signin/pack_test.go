package signin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

func ready() *ward.ReadyPack {
	return &ward.ReadyPack{Made: noon.Add(-20 * time.Minute), AsOf: noon.Add(-20 * time.Minute), Patients: 28}
}

func facts(r *rig) string {
	var out []string
	for _, f := range r.state.Facts {
		out = append(out, f.Head+": "+f.Words)
	}
	return strings.Join(out, "\n")
}

// With contact nothing is said of the pack; without, how old it is; and it is offered by
// name and PIN only where nobody can sign in.
func TestThePackIsOfferedWhereNobodyCanSignIn(t *testing.T) {
	sealed := ward.Link{Sealed: true, Ever: true, AsOf: noon.Add(-time.Hour)}
	for name, c := range map[string]struct {
		link        ward.Link
		pack        *ward.ReadyPack
		lost, tried bool
		told, offer bool
	}{
		"connected":                          {link: ward.Link{Connected: true, Ever: true}, pack: ready()},
		"none is kept":                       {link: sealed, lost: true},
		"network out":                        {link: ward.Link{Ever: true}, pack: ready(), told: true},
		"network out, nobody gets in":        {link: ward.Link{Ever: true}, pack: ready(), tried: true, told: true, offer: true},
		"a copy that was lost, with its age": {link: ward.Link{}, pack: ready(), tried: true, told: true, offer: true},
		"not open yet":                       {link: sealed, pack: ready(), told: true},
		"not open, and a PIN opens it not":   {link: sealed, pack: ready(), tried: true, told: true, offer: true},
		"it cannot be opened":                {link: sealed, pack: ready(), lost: true, told: true, offer: true},
		"it cannot be opened, with contact":  {link: ward.Link{Connected: true}, pack: ready(), lost: true, told: true, offer: true},
		"access was withdrawn":               {link: ward.Link{Sealed: true, Withdrawn: true}, pack: ready(), lost: true},
	} {
		r := newRig(&door{link: c.link, pack: c.pack, err: errors.New("It cannot be opened.")})
		if c.lost {
			r.m.Lost()
		}
		if c.tried {
			r.m.Enter("g.mensah", "481526", "")
			r.settle()
		}
		r.m.Refresh()
		r.settle()
		if got := strings.Contains(facts(r), "Ward pack of 13:45, 28 patients, made 20 min ago"); got != c.told {
			t.Errorf("%s: %s", name, facts(r))
		}
		if got := r.state.Pack == "Print the ward pack of 13:45"; got != c.offer {
			t.Errorf("%s: offered %q", name, r.state.Pack)
		}
	}
}

func TestThePackIsPrintedByNameAndPIN(t *testing.T) {
	d := &door{link: ward.Link{Sealed: true, Ever: true}, pack: ready()}
	r := newRig(d)
	r.m.Lost()
	r.settle()
	r.m.PrintPack("g.mensah", "", "")
	if len(d.printed) != 0 || !strings.Contains(r.state.Error, "logged under your name") {
		t.Errorf("without a PIN: %q", r.state.Error)
	}
	r.m.PrintPack("g.mensah", "481526", "")
	r.m.PrintPack("g.mensah", "481526", "") // an impatient person
	r.settle()
	r.m.Refresh() // as once a second
	r.settle()
	if len(d.printed) != 1 || !strings.HasPrefix(r.state.Head, "Sent to the printer bay-2: ward pack of 13:45") || r.state.Error != "" || len(r.in) != 0 {
		t.Errorf("%+v, printed %v, in %v", r.state, d.printed, r.in)
	}
	d.err = errors.New("the PIN is wrong; 9 tries are left")
	r.m.PrintPack("g.mensah", "000000", "")
	r.settle()
	if r.state.Printed != "" || r.state.Error != d.err.Error() {
		t.Errorf("%+v", r.state)
	}
}
