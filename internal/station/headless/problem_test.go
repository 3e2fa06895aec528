package headless_test

import "testing"

// A problem is written down, over, there again and an error, as its chart says.
func TestAProblemThroughThisDoor(t *testing.T) {
	k := begin(t, newSeat(t))
	k.ask(`{"id":1,"cmd":"sign_in","user":"g.mensah","pin":"123456"}`)
	id, known := k.ask(`{"id":2,"cmd":"record_problem","patient":"p07","words":"Acute kidney injury","certainty":"provisional","onset":"2026-11","note":"after vomiting"}`)["made"].([]any)
	if !known || len(id) != 1 {
		t.Fatalf("made %v", id)
	}
	problem := func() map[string]any {
		t.Helper()
		c, _ := k.ask(`{"id":3,"cmd":"chart","patient":"p07"}`)["chart"].(map[string]any)
		list, _ := c["problems"].([]any)
		for _, p := range list {
			if p, ok := p.(map[string]any); ok && p["id"] == id[0] {
				return p
			}
		}
		t.Fatal("it is not in the chart")
		return nil
	}
	status := func(want string) {
		t.Helper()
		if p := problem(); p["status"] != want {
			t.Errorf("%v, want %s", p, want)
		}
	}
	status("active")
	if p := problem(); p["words"] != "Acute kidney injury" || p["certainty"] != "provisional" || p["onset"] != "Nov-2026" {
		t.Errorf("%v", p)
	}
	about := `"patient":"p07","problem":"` + id[0].(string) + `"`
	k.ask(`{"id":4,"cmd":"resolve_problem",` + about + `,"version":0,"reason":"creatinine back to normal"}`)
	status("resolved")
	k.ask(`{"id":5,"cmd":"reopen_problem",` + about + `}`)
	status("active")
	k.fails("invalid", "Say why", `{"id":6,"cmd":"strike_problem",`+about+`,"version":0,"reason":" "}`)
	k.ask(`{"id":7,"cmd":"strike_problem",` + about + `,"version":0,"reason":"wrong patient"}`)
	status("entered in error")
}
