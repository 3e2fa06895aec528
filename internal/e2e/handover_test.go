package e2e_test

import (
	"fmt"
	"testing"
	"time"
)

// sheetOf is what a station's handover says of one patient.
type sheetOf struct {
	Summary []struct {
		ID, Text string
		Unsent   bool
	}
	Actions []struct{ ID, Words string }
	Given   *struct {
		ID, To   string
		Accepted []struct{ By, Synthesis string }
	}
}

// sheet reads one patient's sheet, and how many givings of the ward wait.
func (s *station) sheet(patient string) (sheet sheetOf, waiting int) {
	s.w.t.Helper()
	var r struct {
		Sheets []struct {
			Who struct{ ID string }
			sheetOf
		}
		Waiting []struct{ Group string }
	}
	if err := s.call("handover", nil, &r); err != nil {
		s.w.t.Fatalf("handover on %s: %v", s.Name, err)
	}
	for _, x := range r.Sheets {
		if x.Who.ID == patient {
			return x.sheetOf, len(r.Waiting)
		}
	}
	s.w.t.Fatalf("%s is on no sheet of %s", patient, s.Name)
	return sheet, 0
}

// TestAHandoverBetweenTwoComputers: with both computers cut off, one writes and
// gives, the other writes too and finishes a task that the first finishes and
// takes back. When the network is back both show the same: both texts, the task
// done by whose word stands, and the receiver signs on the other computer.
func TestAHandoverBetweenTwoComputers(t *testing.T) {
	w, a, b, patient := theWard(t)
	made := a.do("task", args{"patient": patient, "words": "Repeat potassium", "role": "nurse", "due": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
	task := made[0]
	a.allSent()
	w.await("the task is on both", 20*time.Second, func() error {
		if s, _ := b.sheet(patient); len(s.Actions) != 1 {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
	w.cut(a, b)
	made = append(made, a.do("write_handover", args{"patient": patient, "part": "summary", "text": "Pneumonia with AKI 2."})...)
	made = append(made, b.do("write_handover", args{"patient": patient, "part": "summary", "text": "Family told."})...)
	a.do("finish_task", args{"patient": patient, "task": task})
	a.do("reopen_task", args{"patient": patient, "task": task, "reason": "pressed by mistake"})
	b.do("finish_task", args{"patient": patient, "task": task})
	given := a.do("give_handover", args{"patients": []string{patient}, "to": "the doctor"})
	made = append(made, given...)
	if _, n := b.sheet(patient); n != 0 {
		t.Fatalf("cut off, and the other computer knows of %d givings", n)
	}
	check(t, w.net.Mend())
	a.allSent()
	b.allSent()
	w.everythingOnce(made)
	w.await("both show the same", 20*time.Second, func() error {
		for _, s := range []*station{a, b} {
			sheet, n := s.sheet(patient)
			if len(sheet.Summary) != 2 || sheet.Summary[0].Unsent || len(sheet.Actions) != 0 || sheet.Given == nil || sheet.Given.ID != given[0] || n != 1 {
				return fmt.Errorf("%s: %+v, %d waiting", s.Name, sheet, n)
			}
		}
		return difference(a, b, patient)
	})
	b.do("accept_handover", args{"patient": patient, "given": given[0], "synthesis": "Potassium again."})
	b.allSent()
	w.await("the signature is on both", 20*time.Second, func() error {
		for _, s := range []*station{a, b} {
			if sheet, n := s.sheet(patient); n != 0 || len(sheet.Given.Accepted) != 1 || sheet.Given.Accepted[0].Synthesis != "Potassium again." {
				return fmt.Errorf("%s: %+v, %d waiting", s.Name, sheet.Given, n)
			}
		}
		return nil
	})
	w.verify()
}
