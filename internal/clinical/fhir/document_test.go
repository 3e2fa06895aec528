package fhir

import (
	"reflect"
	"strings"
	"testing"
)

func TestDocumentsAreFoundWhereResourcesNameThem(t *testing.T) {
	d := DocumentOf([]byte("%PDF"), "application/pdf", "Report")
	a := string(must(Make(d.Attachment())))
	for name, body := range map[string]string{
		"an Observation's value":  `{"extension":[{"url":"` + ExtDocument + `","valueAttachment":` + a + `}],"resourceType":"Observation"}`,
		"a report's form":         `{"presentedForm":[` + a + `,` + a + `],"resourceType":"DiagnosticReport"}`,
		"a document's content":    `{"content":[{"attachment":` + a + `}],"resourceType":"DocumentReference"}`,
		"not another extension's": `{"extension":[{"url":"urn:x","valueAttachment":` + a + `}],"resourceType":"Observation"}`,
		"not a false sum":         `{"presentedForm":[` + strings.Replace(a, "blob:", "blob:z", 1) + `],"resourceType":"DiagnosticReport"}`,
		"not too large":           `{"presentedForm":[` + strings.Replace(a, `"size":4`, `"size":99999999999`, 1) + `],"resourceType":"DiagnosticReport"}`,
		"not in what is no JSON":  a + "}",
	} {
		want := []Document{d}
		if strings.HasPrefix(name, "not") {
			want = nil
		}
		if got := Documents(Resource(body)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func must(r Resource, err error) Resource {
	if err != nil {
		panic(err)
	}
	return r
}
