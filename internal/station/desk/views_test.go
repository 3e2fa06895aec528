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

// The same bytes at the same place are not even hashed again; and a place at which
// other bytes lie, or a part of them, is not the same.
func TestABodyIsKnownByWhereItLies(t *testing.T) {
	m := new(views)
	body := note("slept well")
	if _, ok := m.lies(body); ok {
		t.Error("known before it was read")
	}
	if _, err := viewOf[fhir.Communication](m, body); err != nil {
		t.Fatal(err)
	}
	if _, ok := m.lies(body); !ok {
		t.Error("it is not known where it lies")
	}
	if _, ok := m.lies(body[:len(body)-1]); ok {
		t.Error("a part of it is taken for it")
	}
	if _, ok := m.lies(note("slept well")); ok {
		t.Error("it is known at a place where it never was")
	}
	if v, err := viewOf[fhir.Communication](m, append(body[:0:0], body...)); err != nil || v.Payload[0].ContentString != "slept well" {
		t.Errorf("a copy: %+v, %v", v, err)
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
	held := 0
	for _, g := range []generation{m.young, m.old} {
		for _, r := range g.bySum {
			held += len(r.body)
		}
		for _, r := range g.byBody {
			held += len(r.body)
		}
	}
	if held > 2*maxYoung || m.young.size > maxYoung {
		t.Errorf("%d bytes are held, want %d at most", held, 2*maxYoung)
	}
}
