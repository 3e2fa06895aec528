package merge

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

const uande = "Urea and electrolytes"

// One asks for urea and electrolytes, another, apart, for the potassium that it
// holds: neither goes to the laboratory before somebody has said what is wanted.
func TestAPanelAndAPartOfItByItself(t *testing.T) {
	begin := func(t *testing.T) (c *chart, panel, part fhir.Ref) {
		c = newChart(t)
		part = c.order("o1", k, "Potassium", "Tom Blake, nurse", 0, "")
		panel = c.order("o2", "", uande, "Dr Ines Amara", 90, "")
		c.reviews()
		open := c.open()
		if len(open) != 1 || open[0].Question != QuestionPart || len(open[0].Sides) != 3 || open[0].Words != uande+" holds what was also asked for by itself. Is it wanted twice?" {
			t.Fatalf("open: %+v", open)
		}
		if open[0].Sides[0].Words != "Only "+uande+", asked for by Dr Ines Amara" || open[0].Sides[1].Words != "Only Potassium, asked for by Tom Blake, nurse" {
			t.Errorf("sides: %+v", open[0].Sides)
		}
		if c.mySend(panel) || c.mySend(part) {
			t.Error("one may be sent before anybody decided")
		}
		return c, panel, part
	}
	c, panel, part := begin(t)
	c.decisions([2]string{"Grace Mensah, nurse", panel.String()})
	if c.status(part) != "revoked" || !c.mySend(panel) || len(c.open()) != 0 {
		t.Errorf("the panel is wanted: the part is %s, the panel may go: %v, open %d", c.status(part), c.mySend(panel), len(c.open()))
	}
	c, panel, part = begin(t)
	c.decisions([2]string{"Grace Mensah, nurse", ChosenBoth})
	if !c.mySend(part) || !c.mySend(panel) || len(c.open()) != 0 {
		t.Error("both are wanted, and one may not go")
	}
	c.order("o3", "2951-2", "Sodium", "Grace Mensah, nurse", 95, "")
	if c.reviews(); len(c.open()) != 1 || len(c.open()[0].Sides) != 4 {
		t.Errorf("another part of it: %+v", c.open())
	}
}

func TestWhichPartsAreAskedAbout(t *testing.T) {
	for _, c := range []struct {
		what  string
		asks  bool
		write func(c *chart)
	}{
		{"outside the part's window", false, func(c *chart) {
			c.order("o1", k, "Potassium", "Tom Blake, nurse", 0, "")
			c.order("o2", "", uande, "Anna", 361, "")
		}},
		{"a part that another panel holds", false, func(c *chart) {
			c.order("o1", k, "Potassium", "Tom Blake, nurse", 0, "")
			c.order("o2", "", "Full blood count", "Anna", 1, "")
		}},
		{"on purpose beside the panel", false, func(c *chart) {
			c.order("o1", "", uande, "Tom Blake, nurse", 0, "")
			c.order("o2", k, "Potassium", "Anna", 1, `,"supportingInfo":[{"reference":"ServiceRequest/o1"}]`)
		}},
		{"the panel on purpose beside the part", false, func(c *chart) {
			c.order("o1", k, "Potassium", "Tom Blake, nurse", 0, "")
			c.order("o2", "", uande, "Anna", 1, `,"supportingInfo":[{"reference":"ServiceRequest/o1"}]`)
		}},
		{"by another of its names", true, func(c *chart) {
			c.order("o1", "", "K+", "Tom Blake, nurse", 0, "")
			c.order("o2", "", "U&E", "Anna", 1, "")
		}},
		{"a set is not a panel: each of its tests is an order", false, func(c *chart) {
			c.order("o1", "", "Full blood count", "Tom Blake, nurse", 0, "")
			c.order("o2", "", uande, "Tom Blake, nurse", 0, "")
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			ch := newChart(t)
			c.write(ch)
			ch.reviews()
			if asked := len(ch.open()) > 0; asked != c.asks {
				t.Errorf("asked = %v", asked)
			}
		})
	}
}

// Panels and parts over a day, some on purpose beside another: what is asked does
// not depend on the order of arrival, and no two that nobody made on purpose go
// unasked.
func TestLawsOfAPanelAndItsParts(t *testing.T) {
	holds := map[string]string{"Potassium": uande, "Sodium": uande, "Haemoglobin": "Full blood count"}
	rapid.Check(t, func(t *rapid.T) {
		var entries []record.Change
		named := map[[2]fhir.Ref]bool{}
		test := map[fhir.Ref]string{}
		for i := range rapid.IntRange(2, 6).Draw(t, "orders") {
			name := rapid.SampledFrom([]string{"Potassium", "Sodium", "Haemoglobin", uande, "Full blood count"}).Draw(t, "test")
			purpose, of := "", 0
			if i > 0 && rapid.IntRange(0, 3).Draw(t, "purpose") == 0 {
				of = rapid.IntRange(0, i-1).Draw(t, "of")
				purpose = fmt.Sprintf(`,"supportingInfo":[{"reference":"ServiceRequest/o%d"}]`, of)
			}
			e := anEntry(t, fhir.TypeServiceRequest, fmt.Sprintf("o%d", i), time.Duration(rapid.IntRange(0, 24*60).Draw(t, "minute"))*time.Minute,
				fmt.Sprintf(`,"status":"active","intent":"order","subject":{"reference":"Patient/p1"},"code":{"text":%q}%s`, name, purpose))
			if test[e.Ref] = name; purpose != "" {
				named[[2]fhir.Ref{e.Ref, entries[of].Ref}] = true
			}
			entries = append(entries, e)
		}
		law(t, entries, func(a, b record.Change) bool {
			apart := time.Duration(a.Times.Station-b.Times.Station) * time.Millisecond
			held := holds[test[a.Ref]] == test[b.Ref] || holds[test[b.Ref]] == test[a.Ref]
			return held && apart.Abs() <= defaultWindow && !named[[2]fhir.Ref{a.Ref, b.Ref}] && !named[[2]fhir.Ref{b.Ref, a.Ref}]
		})
	})
}

// Bed 1 of four rooms is four beds: a question says the room as the board does.
func TestAQuestionSaysTheRoomOfABed(t *testing.T) {
	c := newChart(t)
	inRoom := func(id fhir.ID, room, bed string) {
		body, err := fhir.Canonical(fmt.Appendf(nil, `{"resourceType":"Encounter","id":%q,"status":"in-progress","subject":{"reference":"Patient/p1"},"extension":[%s,{"url":%q,"valueString":%q}],`+
			`"location":[{"location":{"display":%q},"physicalType":{"coding":[{"system":%q,"code":"ro"}]}}]}`, id, ward("4B"), fhir.ExtBed, bed, room, fhir.SystemPhysicalType))
		if err != nil {
			t.Fatal(err)
		}
		c.write(fhir.Resource(body), "EHR ADT")
	}
	inRoom("e1", "R1", "1")
	inRoom("e2", "R2", "1")
	c.stay("e3", "ITU", "12", "in-progress")
	c.reviews()
	var words []string
	for _, s := range c.open()[0].Sides {
		words = append(words, s.Words)
	}
	if want := []string{"Ward 4B, bed R1-1", "Ward 4B, bed R2-1", "Ward ITU, bed 12", "Both beds are kept for the patient"}; !slices.Equal(words, want) {
		t.Errorf("the sides are %q", words)
	}
}
