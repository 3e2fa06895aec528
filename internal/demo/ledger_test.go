package demo

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/assets"
	"wardlight/internal/interop/hl7"
)

const result = "MSH|^~\\&|LAB|N|W|N|20261122140000+0000||ORU^R01^ORU_R01|C1|P|2.5.1\r" +
	"PID|1||9990419590^^^NHS^NH||Adeyemi^Folake||19540314|F\r" +
	"OBR|1||R1^LAB|K^Potassium^L|||20261122133100+0000|||||||||||||||20261122140000+0000|||F\r" +
	"OBX|1|NM|2823-3^Potassium^LN||6.8|mmol/L^mmol/L^UCUM|3.5-5.3|HH|||F|||20261122133100+0000\r"

const admission = "MSH|^~\\&|PAS|N|W|N|20261122130000+0000||ADT^A01^ADT_A01|P1|P|2.5.1\r" +
	"PID|1||9990419590^^^NHS^NH||Adeyemi^Folake||19540314|F\r"

// day is a tiny history in which nothing is wrong.
func day() ([]Intent, Evidence) {
	raw := []byte(result)
	intents := []Intent{
		{N: 1, Kind: "message", ControlID: "C1", Raw: raw, Answer: "AA"},
		{N: 2, Kind: "message", ControlID: "C1", Raw: raw, Answer: "AA"}, // sent twice
		{N: 3, Kind: "entry", Station: "ward", User: "g.mensah", Command: "record_vitals", Patient: "999 041 9590", Fields: map[string]any{"pulse": "88"}, Made: []string{"sabcdefghijk2-1"}},
		{N: 5, Kind: "message", ControlID: "P1", Raw: []byte(admission), Answer: "AA"},
		{N: 6, Kind: "entry", Station: "ward", User: "g.mensah", Command: "note", Patient: "9990419590", Fields: map[string]any{"text": "Slept well."}, Made: []string{"sabcdefghijk2-3"}},
		{N: 7, Kind: "entry", Station: "ward", User: "g.mensah", Command: "add_allergy", Patient: "9990419590", Fields: map[string]any{"substance": "Latex", "severity": "severe"}, Made: []string{"sabcdefghijk2-4"}},
		{N: 8, Kind: "entry", Station: "ward", User: "g.mensah", Command: "take", Patient: "9990419590", Fields: map[string]any{"result": "o1"}, Made: []string{"sabcdefghijk2-5"}},
		{N: 9, Kind: "look", Station: "ward", User: "g.mensah", Command: "patients", Fields: map[string]any{"subject": "list board"}},
		{N: 4, Kind: "look", Station: "ward", User: "g.mensah", Command: "chart", Fields: map[string]any{"subject": "p1"}},
	}
	ev := Evidence{
		Export: lines(
			`{"resourceType":"Patient","id":"p1","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990419590"}],"name":[{"family":"Adeyemi"}],"birthDate":"1954-03-14"}`,
			`{"resourceType":"Observation","id":"o1","status":"final","identifier":[{"system":"urn:wardlight:filler:LAB|N","value":"R1"}],"code":{"coding":[{"code":"2823-3"}]},"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":6.8,"unit":"mmol/L"}}`,
			`{"resourceType":"Observation","id":"sabcdefghijk2-1","status":"final","code":{"coding":[{"code":"8867-4"}]},"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":88,"unit":"/min"}}`,
			`{"resourceType":"Communication","id":"sabcdefghijk2-3","subject":{"reference":"Patient/p1"},"payload":[{"contentString":"Slept well."}]}`,
			`{"resourceType":"AllergyIntolerance","id":"sabcdefghijk2-4","patient":{"reference":"Patient/p1"},"code":{"text":"Latex"},"reaction":[{"severity":"severe"}]}`,
			`{"resourceType":"Task","id":"sabcdefghijk2-5","for":{"reference":"Patient/p1"},"focus":{"reference":"Observation/o1"},"code":{"coding":[{"code":"acknowledge"}]}}`,
		),
		Inbound: lines(fmt.Sprintf(`{"control_id":"C1","fate":"filed","answer":"AA","raw":"%s"}`, rawHash(raw)), fmt.Sprintf(`{"control_id":"P1","fate":"filed","answer":"AA","raw":"%s"}`, rawHash([]byte(admission)))),
		Audits: lines(`{"event":{"action":"R","agent":[{"requestor":true,"who":{"identifier":{"value":"g.mensah"}}}],"entity":[{"what":{"reference":"Patient/p1"}}]}}`,
			`{"event":{"action":"E","agent":[{"requestor":true,"who":{"identifier":{"value":"g.mensah"}}}],"entity":[{"query":"Ym9hcmQgb2Ygd2FyZCA0Qg=="}]}}`),
		Charts: map[string][]json.RawMessage{"ward": lines(`{"chart":{"results":[{"id":"o1","value":"6.8","unit":"mmol/L","status":"final"}],"notes":[{"id":"sabcdefghijk2-3","text":"Slept well."}],"allergyList":[{"id":"sabcdefghijk2-4","substance":"Latex"}]}}`)},
	}
	return intents, ev
}

func lines(s ...string) []json.RawMessage {
	var out []json.RawMessage
	for _, l := range s {
		out = append(out, json.RawMessage(l))
	}
	return out
}

func TestACleanDayHasNoBreach(t *testing.T) {
	l := Settle(day())
	if len(l.Breaches) != 0 || l.Entered != 6 || l.Stored != 6 || l.Looks != 2 || l.LooksAudited != 2 {
		t.Errorf("%+v", l)
	}
}

// A sender that writes its line ends otherwise the second time sends the same
// message; a second row for it is one too many.
func TestOtherLineEndsAreTheSameMessage(t *testing.T) {
	intents, ev := day()
	intents[1].Raw = []byte(strings.ReplaceAll(result, "\r", "\r\n"))
	if l := Settle(intents, ev); len(l.Breaches) != 0 || l.Entered != 6 {
		t.Errorf("%+v", l)
	}
	ev.Inbound = append(ev.Inbound, lines(fmt.Sprintf(`{"control_id":"C1","fate":"filed","answer":"AA","raw":"%s"}`, rawHash(intents[1].Raw)))...)
	if l := Settle(intents, ev); l.Duplicated != 1 {
		t.Errorf("two rows for one message: %+v", l)
	}
}

// Each thing that may go wrong, once: the ledger must find it and name it.
func TestTheLedgerFindsWhatWentWrong(t *testing.T) {
	replace := func(list []json.RawMessage, old, new string) []json.RawMessage {
		var out []json.RawMessage
		for _, l := range list {
			out = append(out, json.RawMessage(strings.ReplaceAll(string(l), old, new)))
		}
		return out
	}
	for name, c := range map[string]struct {
		spoil func(*Evidence)
		kind  string
	}{
		"the message has no row":             {func(e *Evidence) { e.Inbound = nil }, "lost"},
		"the message has two rows":           {func(e *Evidence) { e.Inbound = append(e.Inbound, e.Inbound[0]) }, "doubled"},
		"another answer":                     {func(e *Evidence) { e.Inbound = replace(e.Inbound, `"answer":"AA"`, `"answer":"AE"`) }, "changed"},
		"the result is gone":                 {func(e *Evidence) { e.Export = append(e.Export[:1:1], e.Export[2:]...) }, "lost"},
		"the result stands twice":            {func(e *Evidence) { e.Export = append(e.Export, replace(e.Export[1:2], `"o1"`, `"o2"`)...) }, "doubled"},
		"another digit":                      {func(e *Evidence) { e.Export = replace(e.Export, "6.8", "6.3") }, "changed"},
		"another unit":                       {func(e *Evidence) { e.Export = replace(e.Export, "mmol/L", "mg/dL") }, "changed"},
		"another status":                     {func(e *Evidence) { e.Export[1] = replace(e.Export[1:2], `"final"`, `"preliminary"`)[0] }, "changed"},
		"the patients are swapped":           {func(e *Evidence) { e.Export[0] = replace(e.Export[:1], "9990419590", "9990424039")[0] }, "changed"},
		"the entry is gone":                  {func(e *Evidence) { e.Export = append(e.Export[:2:2], e.Export[3:]...) }, "lost"},
		"the entry has another value":        {func(e *Evidence) { e.Export = replace(e.Export, `"value":88`, `"value":83`) }, "changed"},
		"an entry that nobody made":          {func(e *Evidence) { e.Export = append(e.Export, replace(e.Export[2:3], "-1", "-2")...) }, "doubled"},
		"a registered person is gone":        {func(e *Evidence) { e.Export = e.Export[1:] }, "lost"},
		"a registered person is there twice": {func(e *Evidence) { e.Export = append(e.Export, replace(e.Export[:1], `"p1"`, `"p2"`)...) }, "doubled"},
		"another name":                       {func(e *Evidence) { e.Export[0] = replace(e.Export[:1], "Adeyemi", "Adeyemo")[0] }, "changed"},
		"another birth date":                 {func(e *Evidence) { e.Export[0] = replace(e.Export[:1], "1954", "1945")[0] }, "changed"},
		"another word in a note":             {func(e *Evidence) { e.Export[3] = replace(e.Export[3:4], "well", "ill")[0] }, "changed"},
		"another severity":                   {func(e *Evidence) { e.Export[4] = replace(e.Export[4:5], "severe", "mild")[0] }, "changed"},
		"another result was taken":           {func(e *Evidence) { e.Export[5] = replace(e.Export[5:6], "/o1", "/o7")[0] }, "changed"},
		"a station shows another note":       {func(e *Evidence) { e.Charts["ward"] = replace(e.Charts["ward"], "well", "ill") }, "changed"},
		"a station shows another allergy":    {func(e *Evidence) { e.Charts["ward"] = replace(e.Charts["ward"], "Latex", "Nuts") }, "changed"},
		"a station shows another value":      {func(e *Evidence) { e.Charts["ward"] = replace(e.Charts["ward"], "6.8", "4.6") }, "changed"},
		"a station shows what is not":        {func(e *Evidence) { e.Charts["ward"] = replace(e.Charts["ward"], `"o1"`, `"o9"`) }, "changed"},
		"the look is not on record":          {func(e *Evidence) { e.Audits = nil }, "audit"},
		"a look at a list is not":            {func(e *Evidence) { e.Audits = e.Audits[:1] }, "audit"},
		"the look is somebody else's":        {func(e *Evidence) { e.Audits = replace(e.Audits, "g.mensah", "s.patel") }, "audit"},
	} {
		intents, ev := day()
		c.spoil(&ev)
		l := Settle(intents, ev)
		if !strings.Contains(strings.Join(l.Breaches, "\n"), c.kind+":") {
			t.Errorf("%s: breaches %q name no %q", name, l.Breaches, c.kind)
		}
	}
}

// The newest status change stands, whatever was sent last.
func TestWhatShouldStand(t *testing.T) {
	older := strings.NewReplacer("6.8", "5.1", "20261122140000+0000|||F", "20261122130000+0000|||F", "|C1|", "|C0|").Replace(result)
	fixed := strings.NewReplacer("6.8", "4.3", "|||F|||20261122133100", "|||C|||20261122133100", "20261122140000+0000|||F", "20261122150000+0000|||C", "|C1|", "|C2|").Replace(result)
	for _, order := range [][]string{{older, result, fixed}, {fixed, older, result}, {result, fixed, older}} {
		var raws [][]byte
		for _, o := range order {
			raws = append(raws, []byte(o))
		}
		e := standing(raws)["R1|2823-3|"]
		if e.Value != "4.3" || e.Status != "corrected" {
			t.Errorf("%+v", e)
		}
	}
}

func TestASeedIsOneHistory(t *testing.T) {
	ward, err := Load(assets.DemoWard(), time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	play := func(seed uint64) string {
		var b strings.Builder
		for _, s := range Trouble(ward, rand.New(rand.NewPCG(seed, 1))) {
			fmt.Fprintln(&b, s.ControlID, s.Why, len(s.Raw))
		}
		return b.String()
	}
	if once, again := play(7), play(7); once != again || once == play(8) {
		t.Error("a seed is not one history")
	}
	for _, why := range []string{"duplicate", "late", "malformed"} {
		if !strings.Contains(play(7), why) {
			t.Errorf("seed 7 has no message that is %s", why)
		}
	}
}

// The demonstration's own messages must be what they claim: whole, readable,
// and about 24 people in 24 beds.
func TestTheDemonstrationsWard(t *testing.T) {
	ward, err := Load(assets.DemoWard(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	beds := map[string]string{}
	for _, s := range ward {
		m, err := hl7.Parse(s.Raw)
		if err != nil || strings.Contains(string(s.Raw), "{T") {
			t.Fatalf("%s: %v", s.File, err)
		}
		beds[m.Get("PID-3").Text()] = m.Get("PV1-3.3").Text()
	}
	if len(beds) != 24 {
		t.Errorf("%d patients", len(beds))
	}
}

func TestIntentsSurviveATornEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "intents")
	l, err := CreateIntents(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := l.Mean(Intent{Kind: "message", ControlID: "C1"})
	if err != nil || l.Done(n, "AA", nil, "") != nil {
		t.Fatal(err)
	}
	if _, err := l.Mean(Intent{Kind: "entry", Command: "note"}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.file.WriteString(`{"n":3,"kind":"ent`); err != nil {
		t.Fatal(err)
	}
	got, err := ReadIntents(path)
	if err != nil || len(got) != 2 || got[0].Answer != "AA" || got[1].Command != "note" {
		t.Errorf("%+v %v", got, err)
	}
}
