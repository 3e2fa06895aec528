package routine

import (
	"fmt"
	"testing"

	"wardlight/internal/clinical/fhir"
)

// A count of the first release, as it lies in journals: it is read for ever.
const tallyFixture = `1 {"at":1795348800000,"more":true,"runs":{"2":1,"3":3},"of":{"2":{"a":[0,1,0,0]},"3":{"a":[2,0,1,0],"b":[0,0,1,2]}}}`

func TestATallyIsReadForEver(t *testing.T) {
	got, err := ParseTally(tallyFixture)
	if err != nil || !got.More || got.Counts.All() != 4 || got.Counts.Step("a") != (Use{Done: 2, NotNeeded: 1, Left: 1}) || got.Counts.Of[3]["b"] != (Use{Left: 1, Open: 2}) {
		t.Fatalf("%+v %v", got, err)
	}
	if again, err := got.String(); err != nil || again != tallyFixture {
		t.Errorf("%s %v", again, err)
	}
	for _, bad := range []string{"", "2 {}", "1 nonsense", `1 {"of":{"1":{},"2":{},"3":{},"4":{},"5":{},"6":{},"7":{},"8":{},"9":{},"10":{},"11":{},"12":{},"13":{},"14":{}}}`} {
		if _, err := ParseTally(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// However many versions there were, a tally stays small, and no run is lost from the
// sum.
func TestATallyStaysSmall(t *testing.T) {
	of := map[fhir.ID][]Run{}
	for v := 1; v <= 40; v++ {
		r := run(fhir.ID(fmt.Sprintf("t%d", v)), 0, did("a", "g", 1))
		r.Number = v
		of[fhir.ID(fmt.Sprintf("p%d", v))] = []Run{r}
	}
	c := CountAll("r1", of)
	text, err := Tally{Counts: c}.String()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseTally(text)
	if err != nil || len(got.Counts.Runs) != mostVersions+1 || got.Counts.All() != 40 || got.Counts.Step("a") != (Use{Done: 40}) || got.Counts.Of[40]["b"] != (Use{Open: 1}) {
		t.Errorf("%+v %v", got.Counts.Runs, err)
	}
}

// What was begun apart for one patient is one run; the same for two patients is two.
func TestATallyCountsByPatient(t *testing.T) {
	a, b := run("t1", 0, did("a", "g", 1)), run("t2", 0, did("a", "h", 1))
	if c := CountAll("r1", map[fhir.ID][]Run{"p1": {a, b}}); c.All() != 1 || c.Step("a").Done != 1 {
		t.Errorf("%+v", c)
	}
	if c := CountAll("r1", map[fhir.ID][]Run{"p1": {a}, "p2": {b}}); c.All() != 2 || c.Step("a").Done != 2 {
		t.Errorf("%+v", c)
	}
}
