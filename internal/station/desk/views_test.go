package desk

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
)

func note(text string) fhir.Resource {
	return fhir.Resource(fmt.Sprintf(`{"resourceType":"Communication","id":"n","status":"completed","payload":[{"contentString":%q}]}`, text))
}

// A body that is read again is not taken apart again; another one, however alike,
// is.
func TestABodyIsTakenApartOnce(t *testing.T) {
	m := new(views)
	first, err := viewOf[fhir.Communication](m, note("slept well"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := viewOf[fhir.Communication](m, note("slept well"))
	if err != nil || &again.Payload[0] != &first.Payload[0] {
		t.Errorf("the same words were read anew: %v", err)
	}
	other, err := viewOf[fhir.Communication](m, note("slept ill"))
	if err != nil || reflect.DeepEqual(other, first) {
		t.Errorf("other words are said to be the same: %v", err)
	}
	if flag, err := viewOf[flagView](m, note("slept well")); err != nil || flag.Status != "completed" {
		t.Errorf("read as another type: %+v, %v", flag, err)
	}
	if _, err := viewOf[fhir.Communication](m, fhir.Resource(`{"payload":7}`)); err == nil {
		t.Error("what cannot be read was read")
	}
}

// However much is read, what is remembered is bounded; and what is used goes last.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	m := new(views)
	long := strings.Repeat("x", 2000)
	kept, err := viewOf[fhir.Communication](m, note("in use"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 * maxYoung / 2000 {
		if _, err := viewOf[fhir.Communication](m, note(fmt.Sprint(i, long))); err != nil {
			t.Fatal(err)
		}
		if again, _ := viewOf[fhir.Communication](m, note("in use")); &again.Payload[0] != &kept.Payload[0] {
			t.Fatalf("what is in use was forgotten after %d others", i)
		}
	}
	if n, most := len(m.young)+len(m.old), 2*maxYoung/2000+2; n > most || m.size > maxYoung {
		t.Errorf("%d views are held, want %d at most", n, most)
	}
}
