package headless_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/desk"
	"wardlight/internal/station/headless"
	"wardlight/internal/trust/keys"
)

var update = flag.Bool("update", false, "write the golden file anew")

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

const station = record.StationID("sabcdefghijk2")

var (
	bg   = context.Background()
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

// seat is a station around a real desk over a real cache.
type seat struct {
	desk   *desk.Desk
	cache  *cache.Cache
	opened chan struct{}
	cut    int
}

func (s *seat) Desk() (headless.Desk, error) {
	select {
	case <-s.opened:
		return s.desk, nil
	default:
		return nil, fault.New(fault.Unavailable, "seat.desk", "", "This computer is locked.")
	}
}

func (s *seat) Opened() <-chan struct{} { return s.opened }

func (s *seat) SignInWithCode(ctx context.Context, user, pin, code string) (ward.Person, error) {
	if user == "a.admin" && code != "314159" {
		return ward.Person{}, fault.As(fault.Denied, "seat.signin", user, ward.ErrCodeNeeded)
	}
	return s.SignIn(ctx, user, pin)
}

func (s *seat) SignIn(_ context.Context, user, pin string) (ward.Person, error) {
	if user != "g.mensah" || pin != "123456" {
		return ward.Person{}, fault.New(fault.Unknown, "seat.signin", "", "The name or the PIN does not fit.")
	}
	select {
	case <-s.opened:
	default:
		close(s.opened)
	}
	p := ward.Person{User: user, Name: "Grace Mensah, nurse", Role: "nurse", Wards: []string{"4B"}}
	s.desk.SetSession(p)
	return p, nil
}

func (s *seat) ChangePIN(_ context.Context, old, _, _ string, _ bool) error {
	if old != "123456" {
		return fault.New(fault.Unknown, "seat.changepin", "", "The name or the PIN does not fit.")
	}
	return nil
}

func (s *seat) Sessions(context.Context) ([]ward.OpenSession, error) {
	return []ward.OpenSession{{Station: "saaaaaaaaaaaa", Place: "4B-02", Wards: []string{"4B"}, Since: noon, Seen: noon, How: "pin", Here: true, Connected: true}}, nil
}

func (s *seat) EndSessions(ctx context.Context, which, pin, _ string) ([]ward.OpenSession, error) {
	if which != "others" || pin != "123456" {
		return nil, fault.New(fault.Unknown, "seat.endsessions", "", "The name or the PIN does not fit.")
	}
	return s.Sessions(ctx)
}

func (s *seat) Jot(context.Context, string, string, string) error { return nil }
func (s *seat) DropJotting(context.Context, string) error         { return nil }

func (s *seat) BreakGlass(ctx context.Context, pin, who, reason string) (ward.Emergency, error) {
	p, _ := s.desk.SignedIn()
	if _, err := s.SignIn(ctx, p.User, pin); err != nil {
		return ward.Emergency{}, err
	}
	return s.desk.BreakGlass(ctx, who, reason)
}

func (s *seat) PrintPack(context.Context) (string, error) {
	return "Sent to the printer bay-2", nil
}

func (s *seat) PrintPackByPIN(_ context.Context, user, pin, _ string) (string, error) {
	if user != "g.mensah" || pin != "123456" {
		return "", fault.New(fault.Unknown, "seat.readypack", user, "The name or the PIN does not fit.")
	}
	return "Sent to the printer bay-2: ward pack of 14:05, 28 patients", nil
}

func (s *seat) PrintOver(_ context.Context, what ward.Printing, reason, pin string) (string, error) {
	return "Sent to the printer bay-2: " + string(what.What) + ", " + reason + ", " + pin, nil
}

func (s *seat) BeginDrill(context.Context, time.Duration) error { return nil }
func (s *seat) EndDrill(context.Context) error                  { return nil }
func (s *seat) Disconnect()                                     { s.cut++ }
func (s *seat) Connect()                                        { s.cut-- }

// newSeat is a station with one patient, who has a critical potassium.
func newSeat(t *testing.T) *seat {
	t.Helper()
	id, err := keys.NewSealIdentity()
	ok(t, err)
	device, err := keys.NewDeviceKey(nil)
	ok(t, err)
	now := func() time.Time { return noon }
	c, err := cache.Open(bg, cache.Options{Dir: t.TempDir(), Key: keys.NewKey(), Station: station, DeviceSealing: id, RecoveryRecipient: id.Recipient(), Reserve: 1 << 20, Now: now})
	ok(t, err)
	d, err := desk.New(desk.Config{Store: desk.OverCache(c), Signer: desk.Always(device), Station: station, Place: "Ward 4B, computer 4B-02", Now: now, Ward: "4B", FirstBoard: time.Second})
	ok(t, err)
	ok(t, c.Apply(bg, record.Batch{Epoch: "e1", To: 1, Chain: record.Hash{1}, Changes: []record.Change{
		change(fhir.TypePatient, "p07", `{"resourceType":"Patient","id":"p07","name":[{"family":"Adeyemi","given":["Folake"]}],"birthDate":"1954-03-14","gender":"female"}`),
		change(fhir.TypeEncounter, "p07.e", `{"resourceType":"Encounter","id":"p07.e","status":"in-progress","extension":[{"url":"urn:wardlight:ward","valueString":"4B"},{"url":"urn:wardlight:bed","valueString":"07"}]}`),
		change(fhir.TypeObservation, "k1", `{"resourceType":"Observation","id":"k1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2823-3"}],"text":"Potassium"},"effectiveDateTime":"2026-11-22T11:31:00Z","valueQuantity":{"value":6.8,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"HH"}]}]}`),
		loose(fhir.TypePlanDefinition, "r1", `{"resourceType":"PlanDefinition","id":"r1","version":"2","title":"Admission","status":"active","extension":[{"url":"urn:wardlight:ward","valueString":"4B"}],"topic":[{"coding":[{"system":"urn:wardlight:routine-kind","code":"admission"}]}],"action":[{"id":"v1-1","title":"Allergies asked","extension":[{"url":"urn:wardlight:page","valueCode":"allergies"}]},{"id":"v2-1","title":"Bed marked"}]}`),
	}, Station: station}))
	ctx, cancel := context.WithCancel(bg)
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		ok(t, <-done)
		ok(t, c.Close())
	})
	d.LinkChanged(desk.LinkState{Connected: true, CaughtUp: true, Server: "https://central:8443", Central: record.Central{
		Time: noon.UnixMilli(), Head: 1, Feeds: []record.Feed{{Name: desk.FeedLaboratory, Last: noon.UnixMilli(), Up: true}},
	}})
	return &seat{desk: d, cache: c, opened: make(chan struct{})}
}

func change(typ fhir.Type, id, body string) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: typ, ID: fhir.ID(id)}, Version: 1, Patient: "p07", Body: fhir.Resource(body), Position: 1,
		Author: record.Author{Sender: "lab LAB|HOSP"}, Times: record.Times{Central: noon.UnixMilli()},
	}
}

// loose is a change about no patient.
func loose(typ fhir.Type, id, body string) record.Change {
	c := change(typ, id, body)
	c.Patient, c.Wards = "", []record.Ward{"4B"}
	return c
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// talk is a conversation: what goes in, line by line, and what comes out.
type talk struct {
	t    *testing.T
	in   *io.PipeWriter
	out  *bufio.Reader
	done chan error
}

func begin(t *testing.T, s *seat) *talk {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	k := &talk{t: t, in: inW, out: bufio.NewReaderSize(outR, 4<<20), done: make(chan error, 1)}
	go func() {
		err := headless.Run(bg, headless.Config{Station: s, About: map[string]string{"station": string(station)}, In: inR, Out: outW})
		_ = outW.Close()
		_ = inR.Close()
		k.done <- err
	}()
	t.Cleanup(func() {
		_ = inW.Close()
		go func() { _, _ = io.Copy(io.Discard, k.out) }()
		if err := <-k.done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return k
}

// ask sends a line and returns the next reply; notices are passed over.
func (k *talk) ask(line string) map[string]any {
	k.t.Helper()
	if _, err := io.WriteString(k.in, line+"\n"); err != nil {
		k.t.Fatal(err)
	}
	for {
		b, err := k.out.ReadBytes('\n')
		ok(k.t, err)
		var m map[string]any
		if err := json.Unmarshal(b, &m); err != nil {
			k.t.Fatalf("no JSON: %s", b)
		}
		if _, notice := m["notice"]; !notice {
			return m
		}
	}
}

func (k *talk) fails(kind, words, line string) {
	k.t.Helper()
	m := k.ask(line)
	e, _ := m["error"].(map[string]any)
	if m["ok"] != false || e["kind"] != kind || !strings.Contains(e["message"].(string), words) {
		k.t.Errorf("%.80s: %v, want %s with %q", line, m, kind, words)
	}
}

// The conversation of docs/headless.md: every command with its reply. The
// times and the ids are fixed, so the file is what a program will read.
func TestTheWholeConversation(t *testing.T) {
	script, err := os.ReadFile(filepath.Join("testdata", "conversation.txt"))
	ok(t, err)
	k := begin(t, newSeat(t))
	var got bytes.Buffer
	for _, l := range strings.Split(string(script), "\n") {
		switch {
		case strings.HasPrefix(l, "> "):
			got.WriteString(l + "\n")
			b, err := json.MarshalIndent(k.ask(l[2:]), "", " ")
			ok(t, err)
			got.Write(b)
			got.WriteString("\n\n")
		case strings.HasPrefix(l, "#"):
			got.WriteString(l + "\n")
		}
	}
	if *update {
		ok(t, os.WriteFile(filepath.Join("testdata", "conversation.txt"), got.Bytes(), 0o644))
		return
	}
	if got.String() != string(script) {
		t.Errorf("the conversation changed (-update writes it anew, and docs/headless.md goes with it):\n%s", firstDifference(got.String(), string(script)))
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return strings.Join(x[max(0, i-3):min(len(x), i+4)], "\n") + "\n--- was\n" + strings.Join(y[max(0, i-3):min(len(y), i+4)], "\n")
		}
	}
	return "one is longer"
}

// What is not understood is refused, and does nothing.
func TestWhatIsRefused(t *testing.T) {
	s := newSeat(t)
	k := begin(t, s)
	k.fails("unavailable", "locked", `{"id":1,"cmd":"patients"}`)
	k.fails("unknown", "does not fit", `{"id":2,"cmd":"sign_in","user":"g.mensah","pin":"000000"}`)
	k.fails("denied", "second factor", `{"id":21,"cmd":"sign_in","user":"a.admin","pin":"123456"}`)
	k.fails("unknown", "does not fit", `{"id":22,"cmd":"sign_in","user":"a.admin","pin":"123456","code":"314159"}`) // the code is passed on
	k.ask(`{"id":3,"cmd":"sign_in","user":"g.mensah","pin":"123456"}`)
	k.fails("invalid", `no field "verison"`, `{"id":4,"cmd":"take","patient":"p07","result":"k1","verison":1}`)
	k.fails("invalid", `field "version" has the wrong type`, `{"id":5,"cmd":"take","patient":"p07","result":"k1","version":"1"}`)
	k.fails("invalid", "stands twice", `{"id":6,"cmd":"chart","patient":"p07","patient":"p08"}`)
	k.fails("invalid", "not a JSON object", `take k1`)
	k.fails("invalid", "", `{"id":7,"cmd":"chart","patient":"p07"} {"id":8}`)
	k.fails("unsupported", "no such command", `{"id":9,"cmd":"delete"}`)
	k.fails("conflict", "changed", `{"id":10,"cmd":"take","patient":"p07","result":"k1","version":2}`)
	k.fails("full", "longer than 1 MiB", `{"id":11,"cmd":"note","patient":"p07","text":"`+strings.Repeat("x", headless.MaxLine)+`"}`)
	if m := k.ask(`{"id":12,"cmd":"chart","patient":"p07"}`); m["ok"] != true {
		t.Errorf("after a line that was too long: %v", m)
	}
	if l := s.desk.Link(); l.Unsent != 0 {
		t.Errorf("%d entries were written by refused requests", l.Unsent)
	}
}

func TestIDsComeBackAsTheyWere(t *testing.T) {
	k := begin(t, newSeat(t))
	for id, want := range map[string]any{`7`: 7.0, `"a"`: "a", `{}`: nil, `"` + strings.Repeat("x", 100) + `"`: nil} {
		if m := k.ask(`{"id":` + id + `,"cmd":"status"}`); m["id"] != want || m["ok"] != true {
			t.Errorf("%s came back as %v", id, m["id"])
		}
	}
	if m := k.ask(`{"cmd":"status"}`); m["id"] != nil || m["ok"] != true {
		t.Errorf("without an id: %v", m)
	}
}

func TestConnectingByHand(t *testing.T) {
	s := newSeat(t)
	k := begin(t, s)
	k.ask(`{"id":1,"cmd":"disconnect"}`)
	if s.cut != 1 {
		t.Error("not disconnected")
	}
	k.ask(`{"id":2,"cmd":"connect"}`)
	if s.cut != 0 {
		t.Error("not connected again")
	}
}

// Notices come by themselves, between replies.
func TestNoticesAreWritten(t *testing.T) {
	s := newSeat(t)
	k := begin(t, s)
	k.ask(`{"id":1,"cmd":"sign_in","user":"g.mensah","pin":"123456"}`)
	k.ask(`{"id":2,"cmd":"patients"}`)
	if _, err := io.WriteString(k.in, `{"id":3,"cmd":"no_known_allergies","patient":"p07"}`+"\n"); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		b, err := k.out.ReadBytes('\n')
		ok(t, err)
		if strings.Contains(string(b), `{"notice":"patients","patients":["p07"]}`) {
			return
		}
	}
	t.Error("no notice about p07")
}

// quit ends it, as the end of the input does; a broken output is an error.
func TestTheEnd(t *testing.T) {
	s := newSeat(t)
	var out bytes.Buffer
	ok(t, headless.Run(bg, headless.Config{Station: s, In: strings.NewReader("{\"id\":1,\"cmd\":\"quit\"}\n{\"id\":2,\"cmd\":\"status\"}\n"), Out: &out}))
	if got := out.String(); got != "{\"id\":1,\"ok\":true}\n" {
		t.Errorf("after quit: %q", got)
	}
	ok(t, headless.Run(bg, headless.Config{Station: s, In: strings.NewReader(""), Out: &out}))
	ctx, cancel := context.WithCancel(bg)
	cancel()
	r, w := io.Pipe()
	if err := headless.Run(ctx, headless.Config{Station: s, In: r, Out: &out}); err == nil {
		t.Error("an ended context is no error")
	}
	_ = w.Close()
	if err := headless.Run(bg, headless.Config{Station: s, In: strings.NewReader("{\"id\":1,\"cmd\":\"status\"}\n"), Out: brokenPipe{}}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a broken output: %v", err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// docs/headless.md lists every command, and nothing else; the conversation
// shows each.
func TestEveryCommandIsDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "headless.md"))
	ok(t, err)
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^### `([a-z_]+)`").FindAllStringSubmatch(string(doc), -1) {
		listed[m[1]] = true
	}
	shown, err := os.ReadFile(filepath.Join("testdata", "conversation.txt"))
	ok(t, err)
	for _, c := range headless.Commands() {
		if !listed[c] {
			t.Errorf("docs/headless.md does not tell of %s", c)
		}
		if !strings.Contains(string(shown), `"cmd":"`+c+`"`) {
			t.Errorf("the conversation does not show %s", c)
		}
		delete(listed, c)
	}
	for c := range listed {
		t.Errorf("docs/headless.md tells of %s, which is no command", c)
	}
}

// A list that is asked for after a write holds that write, every time.
func TestAListHoldsWhatWasJustWritten(t *testing.T) {
	k := begin(t, newSeat(t))
	k.ask(`{"id":1,"cmd":"sign_in","user":"g.mensah","pin":"123456"}`)
	for i := range 20 {
		k.ask(`{"id":2,"cmd":"task","patient":"p07","words":"Turn her"}`)
		rows := k.ask(`{"id":3,"cmd":"patients"}`)["patients"].([]any)
		if n := rows[0].(map[string]any)["tasks"]; n != float64(i+1) {
			t.Fatalf("after %d tasks the board says %v", i+1, n)
		}
	}
}

// The report of an outage through this door, as a look.
func TestTheReportAfterAnOutage(t *testing.T) {
	s := newSeat(t)
	k := begin(t, s)
	k.ask(`{"id":1,"cmd":"sign_in","user":"g.mensah","pin":"123456"}`)
	s.desk.LinkChanged(desk.LinkState{})
	k.ask(`{"id":2,"cmd":"note","patient":"p07","text":"slept badly"}`)
	s.desk.LinkChanged(desk.LinkState{Connected: true, Central: record.Central{Time: noon.UnixMilli(), Head: 1}})
	rep, _ := k.ask(`{"id":3,"cmd":"report"}`)["report"].(map[string]any)
	patients, _ := rep["patients"].([]any)
	if len(patients) != 1 {
		t.Fatalf("report: %v", rep)
	}
	one := patients[0].(map[string]any)
	written := one["written"].([]any)[0].(map[string]any)
	if written["words"] != "slept badly" || written["outcome"] != "unsent" || one["level"] != "not-compared" || rep["level"] != "not-compared" {
		t.Errorf("report: %v", rep)
	}
	k.fails("not_found", "no loss of contact", `{"id":4,"cmd":"report","from":"2020-01-01T00:00:00Z"}`)
}

// A document is listed while it is on its way, and given out, byte for byte, when it
// is whole; each of the two is a look, and nothing is given out without one.
func TestADocumentThroughThisDoor(t *testing.T) {
	s := newSeat(t)
	pdf := bytes.Repeat([]byte("%PDF what the pathologist saw\n"), 900)
	named := fhir.DocumentOf(pdf, "application/pdf", "Histology")
	body, err := fhir.Make(map[string]any{
		"resourceType": "Observation", "id": "r1", "status": "final", "code": map[string]any{"text": "Histology"}, "effectiveDateTime": "2026-11-22T11:00:00Z",
		"extension": []any{map[string]any{"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.value", "valueAttachment": named.Attachment()}},
	})
	ok(t, err)
	ok(t, s.cache.Apply(bg, record.Batch{Epoch: "e1", From: 1, To: 2, Chain: record.Hash{2}, Station: station, Changes: []record.Change{change(fhir.TypeObservation, "r1", string(body))}}))
	k := begin(t, s)
	k.ask(`{"id":1,"cmd":"sign_in","user":"g.mensah","pin":"123456"}`)
	sum := hex.EncodeToString(named.Hash[:])
	list := func() map[string]any {
		t.Helper()
		m := k.ask(`{"id":2,"cmd":"documents","patient":"p07"}`)
		docs, _ := m["documents"].([]any)
		if len(docs) != 1 {
			t.Fatalf("documents: %v", m)
		}
		return docs[0].(map[string]any)
	}
	if d := list(); d["result"] != "r1" || d["test"] != "Histology" || d["sum"] != sum || d["size"] != float64(len(pdf)) || d["here"] != false {
		t.Errorf("on its way: %v", d)
	}
	open := `{"id":3,"cmd":"document","patient":"p07","result":"r1","sum":"` + sum + `"}`
	before := s.looks(t)
	k.fails("not_found", "is being fetched", open)
	if n := s.looks(t); n != before {
		t.Errorf("what nobody saw is %d looks", n-before)
	}
	w, there, err := s.cache.WantedDocument()
	if err != nil || !there || w.Hash != named.Hash {
		t.Fatalf("it is not asked for: %+v, %v", w, err)
	}
	ok(t, s.cache.KeepPart(bg, w, pdf))
	if d := list(); d["here"] != true {
		t.Errorf("when it has come: %v", d)
	}
	before = s.looks(t)
	m := k.ask(open)
	got, err := base64.StdEncoding.DecodeString(m["content"].(string))
	if err != nil || !bytes.Equal(got, pdf) {
		t.Errorf("%d bytes are given out, want %d: %v", len(got), len(pdf), err)
	}
	if n := s.looks(t); n != before+1 || !strings.Contains(s.lastLook(t), base64.StdEncoding.EncodeToString([]byte("document "+sum))) {
		t.Errorf("the document was given out with %d looks; the last: %s", n-before, s.lastLook(t))
	}
	k.fails("not_found", "no longer names", `{"id":4,"cmd":"document","patient":"p07","result":"k1","sum":"`+sum+`"}`)
	k.ask(`{"id":5,"cmd":"sign_out"}`)
	k.fails("unknown", "Nobody is signed in", open)
}

func (s *seat) looks(t *testing.T) int { t.Helper(); return len(s.events(t)) }

func (s *seat) lastLook(t *testing.T) string {
	t.Helper()
	list := s.events(t)
	return string(list[len(list)-1].Event)
}

func (s *seat) events(t *testing.T) []record.Look {
	t.Helper()
	list, err := s.cache.UnsentLooks(0, 1000)
	ok(t, err)
	return list
}
