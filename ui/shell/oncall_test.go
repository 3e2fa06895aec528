package shell

import (
	"context"
	"os"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
)

func (s *station) Rota(context.Context) (ward.Rota, error) {
	defer s.lock()()
	return ward.Rota{
		Ward: "4B", Text: "rota 1\nzone Europe/London\nperson Dr Ana Ruiz; phone 5512\nshift registrar; Dr Ana Ruiz; daily 08:00-20:00\n", Version: 2, By: "Mary Okafor, charge nurse", At: clock("09:00"),
		Now: []string{"registrar: Dr Ana Ruiz, on call until 20:00, phone 5512"}, Flaws: []string{"nobody is on call as registrar from 20:00 on 22-Nov-2026 to 08:00 on 23-Nov-2026"},
		MayEdit: s.person.User == "g.mensah",
	}, nil
}

func (s *station) CheckRota(ctx context.Context, text string) (ward.Rota, error) {
	r, err := s.Rota(ctx)
	r.Text = text
	return r, err
}

// The search finds the rota; it says who is on call and where nobody is; what is
// typed is saved with F2 against the version that was seen.
func TestTheRotaInTheWindow(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	d, ok := deedOf(doRota)
	if !ok || !d.named("rota") || !d.named("on call") || !d.all {
		t.Fatal("the search does not know it")
	}
	r.s.seat.palette.do(doRota, "")
	r.settle()
	o := r.s.seat.onCall
	got := test.RenderObjectToMarkup(o.object)
	for _, want := range []string{"Ruiz,", "nobody", "Okafor,", ">Esc<"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if dir := os.Getenv("WARDLIGHT_PICTURES"); dir != "" {
		r.picture(dir, "oncall")
	}
	r.s.Key(fyne.KeyF2, 0)
	if len(r.st.did) != 0 {
		t.Error("nothing was changed, and it is saved")
	}
	o.model.Type(o.text.Text() + "# one more\n")
	r.settle()
	r.s.Key(fyne.KeyF2, 0)
	r.settle()
	if len(r.st.did) != 1 {
		t.Fatalf("done: %v", r.st.did)
	}
	if c := r.st.did[0].(ward.EditRota); c.Version != 2 || c.Ward != "4B" || !strings.HasSuffix(c.Text, "# one more\n") {
		t.Errorf("%+v", c)
	}
	r.s.Key(fyne.KeyEscape, 0)
	if o.isOpen() || o.model.State().Text != "" {
		t.Error("Esc leaves it, or what was typed")
	}
}
