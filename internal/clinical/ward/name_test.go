package ward

import (
	"testing"

	"wardlight/internal/words"
)

// The record keeps a role behind a name in English; the screen says it in its own language,
// and touches nothing else that stands behind a comma.
func TestARoleBehindANameIsSaid(t *testing.T) {
	before := words.In()
	t.Cleanup(func() { words.Use(before) })
	words.Use(&words.Table{Tag: "x", Texts: map[string]string{"role|nurse": "Pflegekraft", "role|charge nurse": "Schichtleitung"}})
	for name, want := range map[string]string{
		"Grace Mensah, nurse": "Grace Mensah, Pflegekraft", "Carla Ruiz, charge nurse": "Carla Ruiz, Schichtleitung",
		"LAB of NORTHFIELD": "LAB of NORTHFIELD", "Mensah, Grace": "Mensah, Grace", "nurse": "nurse", "": "", "Sato, nurse, Aiko": "Sato, nurse, Aiko",
	} {
		if got := SayName(name); got != want {
			t.Errorf("%q is said as %q, want %q", name, got, want)
		}
	}
}
