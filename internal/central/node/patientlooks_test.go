package node

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
)

// hall is a central with one computer on ward 4B, and a clock.
type hall struct {
	t    *testing.T
	n    *Node
	now  time.Time
	last record.Look
}

func newHall(t *testing.T) *hall {
	h := &hall{t: t, now: time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC)}
	conf := newCentral(t)
	conf.Now = func() time.Time { return h.now }
	h.n = openNode(t, conf)
	t.Cleanup(func() { closeNode(t, h.n) })
	must(t, h.n.submit.PutDevice(context.Background(), record.Author{User: "root"}, record.Device{Station: station4B, Place: "4B-01", Wards: []record.Ward{"4B"}, Key: []byte{1}}))
	return h
}

const station4B record.StationID = "saaaaaaaaaaaa"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// at is the clock on that day.
func (h *hall) at(clock string) {
	h.t.Helper()
	d, err := time.Parse("15:04", clock)
	must(h.t, err)
	h.now = time.Date(2026, 11, 28, d.Hour(), d.Minute(), 0, 0, time.UTC)
}

// adt files a movement of a patient; also is a second number beside the NHS number.
func (h *hall) adt(event, control, nhs, name, ward string, also ...string) {
	h.t.Helper()
	stamp := h.now.Format("20060102150405+0000")
	msg := strings.Join([]string{
		`MSH|^~\&|PAS|N|WARDLIGHT|N|` + stamp + `||ADT^` + event + `|` + control + `|P|2.5.1||||||UNICODE UTF-8`,
		`EVN|` + event + `|` + stamp, `PID|1||` + strings.Join(append([]string{nhs + "^^^NHS^NH"}, also...), "~") + `||` + name + `||19500101|F`,
		`PV1|1|I|` + ward + `^B01^01^N||||||||||||||||V` + nhs + `^^^N^VN|||||||||||||||||||||||||` + stamp,
	}, "\r") + "\r"
	_, err := h.n.raw.Append(context.Background(), "mllp", []byte(msg))
	must(h.t, err)
	row, err := h.n.submit.File(context.Background(), h.n.mllp.Translate([]byte(msg), "", h.now))
	must(h.t, err)
	if row.Fate != record.FateFiled {
		h.t.Fatalf("%s was not filed: %s", event, row.Reason)
	}
}

// looked is what Grace did at her computer, at that time of her day; central has it
// now.
func (h *hall) looked(clock string, e audit.Event) {
	h.t.Helper()
	now := h.now
	h.at(clock)
	e.Recorded, h.now = h.now, now
	e.Who = audit.Who{User: "g.mensah", Name: "Grace Mensah", Role: "nurse", Station: station4B, Place: "4B-01"}
	b, err := e.JSON()
	must(h.t, err)
	h.last = audit.Next([32]byte{1}, station4B, h.last, b)
	_, err = h.n.submit.Looks(context.Background(), record.Peer{Device: record.Device{Station: station4B}}, []record.Look{h.last})
	must(h.t, err)
}

func list(name string) audit.Event {
	return audit.Event{Action: audit.Search, Purpose: audit.Treatment, Query: name}
}

// told is the list as a patient reads it.
func (h *hall) told(id string) []string {
	h.t.Helper()
	lines, err := ask(h.t, h.n, "audit patient", map[string]string{"id": id})
	must(h.t, err)
	var out []string
	for _, l := range lines {
		if l["who"] == "Grace Mensah" {
			out = append(out, strings.TrimSpace(fmt.Sprint(l["when"].(string)[11:16], " ", l["did"], " ", l["outcome"], " ", l["times"])))
		}
	}
	return out
}

func (h *hall) same(id string, want ...string) {
	h.t.Helper()
	got := strings.ReplaceAll(strings.Join(h.told(id), "\n"), " <nil>", "")
	if got != strings.Join(want, "\n") {
		h.t.Errorf("of %s it is told:\n%s\nwant:\n%s", id, got, strings.Join(want, "\n"))
	}
}

const (
	ada = "9990400016"
	bea = "9990400024"
)

// TestAPatientHearsOfTheListsTheyStoodOn: a ward's board shows names and values of
// everybody who lies there, while they do; a search those whom it finds.
func TestAPatientHearsOfTheListsTheyStoodOn(t *testing.T) {
	h := newHall(t)
	h.adt("A01", "1", ada, "Aldersey^Wenlock", "4B")
	h.looked("07:30", list("board of ward 4B")) // before she came
	h.at("09:00")
	h.adt("A01", "2", bea, "Birch^Bea", "5A")
	h.looked("09:01", list("board of ward 4B"))
	h.looked("09:20", list("board of ward 4B"))
	h.at("09:25")
	h.looked("09:25", list("alerts of ward 4B"))
	h.looked("09:25", list("search of ward 4B: ald"))
	h.looked("09:25", list("search of ward 4B: zeb"))
	h.looked("10:00", list("wall, initials only, of ward 4B"))
	h.at("12:00")
	h.looked("12:00", list("handover of ward 4B"))
	h.adt("A03", "3", ada, "Aldersey^Wenlock", "4B")
	h.at("13:00")
	h.looked("13:00", list("board of ward 4B")) // she has left
	h.at("15:00")
	h.looked("13:30", list("board of ward 4B")) // cut off since: the computer did not know
	h.same(ada,
		"09:01 opened a list on which this patient stood (board) 2",
		"09:25 opened a list on which this patient may have stood (alerts)",
		"09:25 searched for words that find this patient",
		"10:00 opened a list on which this patient may have stood (wall, initials only)",
		"12:00 opened a list on which this patient stood (handover)",
		"13:30 opened a list on which this patient may have stood (board)",
	)
	h.same(bea) // lies elsewhere
}

// TestWhoLeftHearsOfTheListsTheyStoodOn: the ward keeps somebody who left while there
// is a result that nobody has read, and is warned of what comes for them afterwards;
// their name stands on those lists, and on no board. A search finds them while the
// ward keeps them.
func TestWhoLeftHearsOfTheListsTheyStoodOn(t *testing.T) {
	h := newHall(t)
	h.adt("A01", "1", ada, "Aldersey^Wenlock", "4B")
	h.adt("A01", "2", bea, "Birch^Bea", "4B")
	h.oru("3", ada, "Aldersey^Wenlock", "4.1")
	h.at("09:00")
	h.adt("A03", "4", ada, "Aldersey^Wenlock", "4B")
	h.adt("A03", "5", bea, "Birch^Bea", "4B")
	for _, name := range []string{"board", "handover", "search of ward 4B: ald", "results", "alerts", "tasks"} {
		if !strings.Contains(name, " of ") {
			name += " of ward 4B"
		}
		h.at("09:30")
		h.looked("09:30", list(name))
	}
	h.at("15:00")
	h.oru("6", bea, "Birch^Bea", "6.9") // critical, and she is at home
	h.at("15:05")
	h.looked("15:05", list("alerts of ward 4B"))
	h.looked("15:05", list("board of ward 4B"))
	h.looked("15:05", list("search of ward 4B: bir")) // nobody keeps her
	h.at("16:00")
	h.now = h.now.AddDate(0, 0, 1)
	must(t, h.n.submit.LetGo(context.Background())) // nobody read it for a day
	h.same(ada,
		"09:30 searched for words that find this patient",
		"09:30 opened a list on which this patient may have stood (results)",
		"09:30 opened a list on which this patient may have stood (alerts)",
		"09:30 opened a list on which this patient may have stood (tasks)",
		"15:05 opened a list on which this patient may have stood (alerts)",
	)
	h.same(bea, "15:05 opened a list on which this patient may have stood (alerts)")
}

// TestACardOfWhatCameAfterwardsIsALook: a computer that drew the card of a warning
// showed the name of whom it is about, though the warning is in nobody's record.
func TestACardOfWhatCameAfterwardsIsALook(t *testing.T) {
	h := newHall(t)
	key, err := keys.NewDeviceKey(nil)
	must(t, err)
	must(t, h.n.submit.PutDevice(context.Background(), record.Author{User: "root"}, record.Device{Station: "sbbbbbbbbbbbb", Place: "4B-02", Wards: []record.Ward{"4B"}, Key: key.Public()}))
	h.adt("A01", "1", ada, "Aldersey^Wenlock", "4B")
	h.adt("A01", "2", bea, "Birch^Bea", "4B")
	h.at("09:00")
	h.adt("A03", "3", ada, "Aldersey^Wenlock", "4B")
	h.at("10:00")
	h.oru("4", ada, "Aldersey^Wenlock", "6.9")
	var warning fhir.Ref
	must(t, h.n.journal.View(context.Background(), func(r journal.Reader) error {
		for ref, err := range r.Find(journal.ByTag, record.TagHeldBack) {
			must(t, err)
			warning = ref
		}
		return nil
	}))
	if warning == (fhir.Ref{}) {
		t.Fatal("nobody is warned")
	}
	id := record.MutationOf("sbbbbbbbbbbbb", 1)
	focus := fhir.To(warning)
	body, err := fhir.Make(fhir.Task{ResourceType: fhir.TypeTask, ID: fhir.ID(id), Status: "completed", Intent: "order", Code: fhir.TaskCode(fhir.TaskShown), Focus: &focus})
	must(t, err)
	m := record.Mutation{
		ID: id, Ref: fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID(id)}, Author: record.Author{Station: "sbbbbbbbbbbbb"}, KeyID: key.ID(),
		Clock: record.HLC{Wall: h.now.UnixMilli()}, Times: record.Times{Station: h.now.UnixMilli(), Measured: true},
		Ops: []record.Op{{Kind: record.OpPut, Value: body}},
	}
	msg, err := m.SigningBytes()
	must(t, err)
	m.Sig, err = key.Sign(msg)
	must(t, err)
	dev, err := h.n.submit.Device(context.Background(), "sbbbbbbbbbbbb")
	must(t, err)
	r, err := h.n.submit.Submit(context.Background(), record.Peer{Device: dev}, m)
	must(t, err)
	if r.Outcome != record.Applied {
		t.Fatalf("%s: %s", r.Outcome, r.Reason)
	}
	shown := func(id string) (n int) {
		lines, err := ask(t, h.n, "audit patient", map[string]string{"id": id})
		must(t, err)
		for _, l := range lines {
			if l["did"] == "showed a critical result of this patient on its screen" {
				n++
			}
		}
		return n
	}
	if a, b := shown(ada), shown(bea); a != 1 || b != 0 {
		t.Errorf("the card stands %d times in hers and %d times in the other's, want 1 and 0", a, b)
	}
}

// oru files a potassium.
func (h *hall) oru(control, nhs, name, value string) {
	h.t.Helper()
	h.file(control, nhs, name, `OBX|1|NM|2823-3^Potassium^LN||`+value+`|mmol/L^mmol/L^UCUM||||||F|||`+h.now.Format("20060102150405+0000"))
}

// file files a report with one line.
func (h *hall) file(control, nhs, name, obx string) {
	h.t.Helper()
	stamp := h.now.Format("20060102150405+0000")
	msg := strings.Join([]string{
		`MSH|^~\&|LAB|N|WARDLIGHT|N|` + stamp + `||ORU^R01^ORU_R01|` + control + `|P|2.5.1||||||UNICODE UTF-8`,
		`PID|1||` + nhs + `^^^NHS^NH||` + name + `||19500101|F`, `PV1|1|I|4B`,
		`OBR|1||R` + control + `^LAB|U&E^Electrolytes^L|||` + stamp + `|||||||||||||||` + stamp + `|||F`,
		obx,
	}, "\r") + "\r"
	_, err := h.n.raw.Append(context.Background(), "mllp", []byte(msg))
	must(h.t, err)
	row, err := h.n.submit.File(context.Background(), h.n.mllp.Translate([]byte(msg), "", h.now))
	must(h.t, err)
	if row.Fate != record.FateFiled {
		h.t.Fatalf("%s was not filed: %s", control, row.Reason)
	}
}

// TestAPatientHearsOfWhatAdministratorsTookOut: whoever runs central sees a patient's
// name, papers and trail by commands that are about one of them, or about everybody.
func TestAPatientHearsOfWhatAdministratorsTookOut(t *testing.T) {
	h := newHall(t)
	do := func(cmd string, args map[string]string) {
		t.Helper()
		_, err := ask(t, h.n, cmd, args)
		must(t, err)
	}
	do("audit list", nil) // nobody is known yet
	h.adt("A01", "1", ada, "Aldersey^Wenlock", "4B")
	h.adt("A01", "2", bea, "Birch^Bea", "4B", ada+"^^^NORTH^MR") // hers, too, as the number of another system
	var row string
	for _, l := range func() []map[string]any { l, err := ask(t, h.n, "inbound", nil); must(t, err); return l }() {
		if l["control_id"] == "1" {
			row = fmt.Sprint(l["id"])
		}
	}
	sum := h.letter("3", ada, "Aldersey^Wenlock")
	h.at("09:00")
	do("audit patient", map[string]string{"id": string(h.idBy("Aldersey"))})
	h.at("10:00")
	if _, err := ask(t, h.n, "audit patient", map[string]string{"id": ada}); !fault.Is(err, fault.Conflict) {
		t.Fatalf("a number of two people: %v", err)
	}
	h.at("11:30")
	do("document", map[string]string{"sum": sum})
	h.at("12:00")
	do("quarantine show", map[string]string{"id": row})
	h.at("13:00")
	do("audit list", nil)
	do("audit list", nil)
	const asked, all = "asked who looked at this record", "read the whole record of who looked at whom"
	for name, want := range map[string][]string{
		"Aldersey": {"09:00 " + asked, "10:00 " + asked, "11:30 took out a document of this record", "12:00 read a message about this patient as it came", "13:00 " + all + " 2", "14:00 " + asked},
		"Birch":    {"10:00 " + asked, "13:00 " + all + " 2", "14:00 " + asked},
	} {
		h.at("14:00")
		lines, err := ask(t, h.n, "audit patient", map[string]string{"id": string(h.idBy(name))})
		must(t, err)
		var got []string
		for _, l := range lines {
			if did := fmt.Sprint(l["did"]); l["role"] == nil && !strings.HasPrefix(did, "brought data in") && !strings.HasPrefix(did, "took out everything") {
				got = append(got, strings.TrimSuffix(fmt.Sprint(l["when"].(string)[11:16], " ", did, " ", l["times"]), " <nil>"))
			}
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s is told of administrators:\n%s\nwant:\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestAFailedBackupHidesNoneThatWasMade: a print that came to nothing takes its own line
// off a patient's list. A command that failed takes nobody's: whoever had just taken
// everything out would only have to fail once to be left out of what patients are told.
func TestAFailedBackupHidesNoneThatWasMade(t *testing.T) {
	h := newHall(t)
	h.adt("A01", "1", ada, "Aldersey^Wenlock", "4B")
	h.at("09:00")
	_, err := ask(t, h.n, "backup", map[string]string{"to": filepath.Join(t.TempDir(), "b.wlj")})
	must(t, err)
	h.at("09:01")
	if _, err := ask(t, h.n, "backup", map[string]string{"to": filepath.Join(t.TempDir(), "nowhere", "b.wlj")}); err == nil {
		t.Fatal("a backup into a folder that is not there")
	}
	lines, err := ask(t, h.n, "audit patient", map[string]string{"id": ada})
	must(t, err)
	var got []string
	for _, l := range lines {
		if did := fmt.Sprint(l["did"]); strings.HasPrefix(did, "took out everything") {
			got = append(got, fmt.Sprint(l["when"].(string)[11:16], " ", l["outcome"]))
		}
	}
	if strings.Join(got, ", ") != "09:00 <nil>, 09:01 did not work" {
		t.Errorf("of the backups it is told: %v", got)
	}
}

// letter files a document of seventy thousand bytes, and gives the sum that names it.
func (h *hall) letter(control, nhs, name string) string {
	h.t.Helper()
	content := make([]byte, 70_000)
	for i := range content {
		content[i] = byte(i * i >> 3)
	}
	h.file(control, nhs, name, `OBX|1|ED|11502-2^Report^LN||LAB^AP^PDF^Base64^`+base64.StdEncoding.EncodeToString(content)+`||||||F`)
	return fmt.Sprintf("%x", sha256.Sum256(content))
}

// idBy is central's id of the one person of that family name.
func (h *hall) idBy(family string) (id fhir.ID) {
	h.t.Helper()
	must(h.t, h.n.journal.View(context.Background(), func(r journal.Reader) error {
		for c, err := range r.All(fhir.TypePatient, "") {
			if must(h.t, err); strings.Contains(string(c.Body), family) {
				id = c.Ref.ID
			}
		}
		return nil
	}))
	if id == "" {
		h.t.Fatalf("nobody is called %s", family)
	}
	return id
}

// TestWhatFollowsAnEmergencyIsSaidAsWhatItIs: nobody is told that an administrator
// changed something in their record who only reviewed an emergency access.
func TestWhatFollowsAnEmergencyIsSaidAsWhatItIs(t *testing.T) {
	for what, want := range map[string]string{
		submit.WhatReviewed: "reviewed an emergency access", submit.WhatLoanEnded: "ended the emergency access",
		submit.WhatLent: "asked central for the record, for emergency access", "": "changed something",
	} {
		e := audit.Event{Action: audit.Update, Who: audit.Who{User: "root"}, Details: []audit.Detail{{Name: "what", Value: what}}}
		if got := lookOf(e).Did; got != want {
			t.Errorf("%q is told as %q, want %q", what, got, want)
		}
	}
}

// TestOneSetOfVitalSignsIsOneLine, and a sheet that was never printed is not told
// as one that was.
func TestOneSetOfVitalSignsIsOneLine(t *testing.T) {
	h := newHall(t)
	h.adt("A01", "1", ada, "Aldersey^Wenlock", "4B")
	id := h.idOf(ada)
	for i := range 8 {
		e := audit.Event{Action: audit.Create, Purpose: audit.Treatment, Patient: id, What: []audit.What{{Ref: fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(fmt.Sprint("o", i))}}}}
		h.looked("09:00", e)
	}
	refused := audit.Event{Action: audit.Create, Purpose: audit.Treatment, Patient: id, Outcome: audit.Refused, Reason: "not allowed"}
	h.looked("09:00", refused)
	h.looked("09:05", audit.Event{Action: audit.Create, Purpose: audit.Treatment, Patient: id})
	sheet := audit.Event{Action: audit.Export, Purpose: audit.Treatment, Patient: id, Query: "printed: handover"}
	h.looked("10:00", sheet)
	other := sheet
	other.Query = "printed: ward list"
	h.looked("10:01", other)
	sheet.Outcome, sheet.Reason = audit.Failed, "the printer did not take it"
	h.looked("10:01", sheet)
	h.same(ada,
		"09:00 wrote something new 8",
		"09:00 wrote something new was refused",
		"09:05 wrote something new",
		"10:01 printed (ward list)",
		"10:01 printed (handover) did not work",
	)
}

func (h *hall) idOf(nhs string) fhir.ID {
	h.t.Helper()
	lines, err := ask(h.t, h.n, "audit patient", map[string]string{"id": nhs})
	must(h.t, err)
	who, ok := lines[0]["patient"].(map[string]any)
	if !ok {
		h.t.Fatalf("it is not said who is meant: %v", lines)
	}
	return fhir.ID(who["id"].(string))
}

// TestAPatientIsFoundByTheirNumber, as their papers say it; a number of two people
// is answered with both and chooses nobody.
func TestAPatientIsFoundByTheirNumber(t *testing.T) {
	h := newHall(t)
	h.adt("A01", "1", ada, "Aldersey^Wenlock", "4B")
	lines, err := ask(t, h.n, "audit patient", map[string]string{"id": "999 040 0016"})
	must(t, err)
	who := lines[0]["patient"].(map[string]any)
	if who["name"] != "Aldersey, Wenlock" || who["born"] != "1950-01-01" || !strings.Contains(fmt.Sprint(who["numbers"]), ada) {
		t.Errorf("it is said that this one is meant: %v", who)
	}
	if _, err := ask(t, h.n, "audit patient", map[string]string{"id": "9990400999"}); !fault.Is(err, fault.NotFound) || strings.Contains(err.Error(), "9990400999") {
		t.Errorf("a number of nobody: %v", err)
	}
	// The same digits as the number of another system: a hospital number.
	h.adt("A01", "2", bea, "Birch^Bea", "5A", ada+"^^^NORTH^MR")
	lines, err = ask(t, h.n, "audit patient", map[string]string{"id": ada})
	if !fault.Is(err, fault.Conflict) || len(lines) != 2 || !strings.Contains(fmt.Sprint(lines), "Aldersey") || !strings.Contains(fmt.Sprint(lines), "Birch") {
		t.Errorf("two people's number: %v, %v", lines, err)
	}
	if _, err := ask(t, h.n, "audit watch", map[string]string{"id": ada, "reason": "x"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("watching two people at once: %v", err)
	}
}
