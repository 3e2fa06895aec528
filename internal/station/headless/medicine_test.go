package headless_test

import (
	"strings"
	"testing"
)

// With a dose it is a medicine that is asked for, by the rules of medicines: what speaks
// against it is asked about, here that nobody has asked for allergies; and a nurse, who may
// ask for a test, may not prescribe.
func TestAMedicineThroughThisDoor(t *testing.T) {
	k := begin(t, newSeat(t))
	k.ask(`{"id":1,"cmd":"sign_in","user":"g.mensah","pin":"123456"}`)
	order := `{"id":2,"cmd":"order","patient":"p07","test":"Paracetamol","dose":"1 g by mouth, up to four times a day"}`
	if asked, _ := k.ask(order)["ask"].([]any); len(asked) != 1 {
		t.Fatalf("asked %v", asked)
	}
	k.ask(`{"id":3,"cmd":"no_known_allergies","patient":"p07"}`)
	no, _ := k.ask(order)["error"].(map[string]any)
	if said, _ := no["message"].(string); no["kind"] != "denied" || !strings.Contains(said, "You may not prescribe") {
		t.Errorf("a nurse prescribes: %v", no)
	}
	if made, _ := k.ask(`{"id":4,"cmd":"order","patient":"p07","test":"Lactate"}`)["made"].([]any); len(made) != 1 {
		t.Errorf("a test: %v", made)
	}
}
