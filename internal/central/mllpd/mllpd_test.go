package mllpd_test

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/central/mllpd"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

const (
	pid   = `PID|1||9990417377^^^NHS^NH~W177^^^NORTH^MR||Mbeki^Thandiwe^^^Ms||19920411|F`
	visit = `PV1|1|I|4B^B01^01^NORTH||||1001^Osei^H^^^Dr||||||||||||V177^^^NORTH^VN|||||||||||||||||||||||||20261121080000`
)

func adt(event, id, at string, more ...string) []byte {
	return lines(append([]string{`MSH|^~\&|PAS|NORTH|WL|NORTH|` + at + `||ADT^` + event + `|` + id + `|P|2.5.1`, `EVN|` + event + `|` + at}, more...)...)
}

func potassium(id, at, value, status string) []byte {
	return lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|`+at+`||ORU^R01^ORU_R01|`+id+`|P|2.5.1`, pid, `PV1|1|I|4B^B01^01^NORTH`,
		`OBR|1||R41^LAB|UE^Urea and electrolytes^L|||`+at+`|||||||||||||||`+at+`|||`+status,
		`OBX|1|NM|2823-3^Potassium^LN||`+value+`|mmol/L^mmol/L^UCUM|3.5-5.3|H|||`+status)
}

// The main way: an admission, a result, and each answered when it is durable.
func TestFromTheSocketIntoTheRecord(t *testing.T) {
	d := open(t, nil)
	l := d.dial()
	a := l.send(adt("A01", "PAS1", "20261121081000", pid, visit, "AL1|1|DA|^Penicillin|SV|Shock"))
	if a.Get("MSA-1").Text() != "AA" || a.Get("MSA-2").Text() != "PAS1" || a.Get("MSH-5").Text() != "PAS" || a.Get("MSH-9.1").Text() != "ACK" {
		t.Errorf("answer %q", a.Raw())
	}
	if got := l.send(potassium("LAB1", "20261122100000", "6.8", "F")).Get("MSA-1").Text(); got != "AA" {
		t.Errorf("answer %s", got)
	}
	if got := d.steps.String(); got != "raw filed raw filed" {
		t.Errorf("order of things: %s", got)
	}
	if p := all[fhir.Patient](d, fhir.TypePatient); len(p) != 1 || p[0].Name[0].Family != "Mbeki" || len(p[0].Name) != 1 || len(p[0].Identifier) != 2 {
		t.Errorf("patients %+v", p)
	}
	if a := all[fhir.AllergyIntolerance](d, fhir.TypeAllergyIntolerance); len(a) != 1 || a[0].Code.Words() != "Penicillin" {
		t.Errorf("allergies %+v", a)
	}
	o := all[fhir.Observation](d, fhir.TypeObservation)
	if len(o) != 1 || *o[0].ValueQuantity.Value != "6.8" || o[0].Subject.Reference == record.SubjectRef {
		t.Errorf("results %+v", o)
	}
	rows := d.rows()
	if len(rows) != 2 || rows[0].Fate != record.FateFiled || rows[1].Fate != record.FateFiled || rows[1].Sender != "LAB|NORTH" || rows[1].Type != "ORU^R01" {
		t.Errorf("rows %+v", rows)
	}
	for _, row := range rows {
		if _, ok := d.raw.kept[row.Raw]; !ok {
			t.Errorf("%s: its raw bytes are not kept", row.ControlID)
		}
	}
	if strings.Contains(d.log.String(), "Mbeki") || strings.Contains(d.log.String(), "W177") || regexp.MustCompile(`[^0-9]6\.8`).MatchString(d.log.String()) {
		t.Errorf("the log names the patient:\n%s", d.log)
	}
}

// A stay through its messages.
func TestAStay(t *testing.T) {
	d := open(t, nil)
	l := d.dial()
	stay := func() string {
		t.Helper()
		list := all[fhir.Encounter](d, fhir.TypeEncounter)
		if len(list) != 1 {
			t.Fatalf("%d stays", len(list))
		}
		e := list[0]
		period := ""
		if e.Period != nil {
			period = e.Period.Start + "/" + e.Period.End
		}
		return fmt.Sprintf("%s %s %s %s", e.Status, fhir.ExtString(e.Extension, fhir.ExtWard), fhir.ExtString(e.Extension, fhir.ExtBed), period)
	}
	const began = "2026-11-21T08:00:00+00:00/"
	for _, c := range []struct {
		msg  []byte
		want string
	}{
		{adt("A01", "1", "20261121081000", pid, visit), "in-progress 4B 01 " + began},
		{adt("A08", "2", "20261121090000", pid, "PV1|1|N|"), "in-progress 4B 01 " + began},
		{adt("A08", "3", "20261121091000", pid, visit), "in-progress 4B 01 " + began},
		{adt("A02", "4", "20261121100000", pid, strings.Replace(visit, "4B^B01^01", "5A^R2^07", 1)), "in-progress 5A 07 " + began},
		{adt("A02", "5", "20261121093000", pid, strings.Replace(visit, "4B^B01^01", "4B^B01^09", 1)), "in-progress 5A 07 " + began}, // late
		{adt("A02", "6", "20261121110000", pid, strings.Replace(visit, "4B^B01^01^NORTH", "6C", 1)), "in-progress 6C  " + began},    // no bed yet
		{adt("A03", "7", "20261122090000", pid, visit), "finished 6C  " + began + "2026-11-22T09:00:00+00:00"},
		{adt("A08", "8", "20261122093000", pid, visit), "finished"},
		{adt("A13", "9", "20261122100000", pid, visit), "in-progress 4B 01 " + began},
		{adt("A11", "10", "20261122110000", pid, visit), "cancelled"},
	} {
		if a := l.send(c.msg); a.Get("MSA-1").Text() != "AA" {
			t.Fatalf("answer %q", a.Raw())
		}
		if got := stay(); !strings.HasPrefix(got, c.want) {
			t.Errorf("after %s: %q, want %q", all[fhir.Encounter](d, fhir.TypeEncounter)[0].ID, got, c.want)
		}
	}
	for _, row := range d.rows() {
		if row.Fate != record.FateFiled && row.Fate != record.FateDuplicate || row.Reason != "" {
			t.Errorf("%s: %s, %s", row.ControlID, row.Fate, row.Reason)
		}
	}
}

// A stay that central learns of by an update is a present one; the admission
// that comes late adds to it, and an update after the discharge ends nothing
// anew.
func TestAStayFirstKnownByAnUpdate(t *testing.T) {
	d := open(t, nil)
	l := d.dial()
	ward := func() string {
		e := all[fhir.Encounter](d, fhir.TypeEncounter)
		if len(e) != 1 {
			t.Fatalf("%d stays", len(e))
		}
		return e[0].Status + " " + fhir.ExtString(e[0].Extension, fhir.ExtWard)
	}
	l.send(adt("A08", "1", "20261121120000", pid, strings.Replace(visit, "4B^B01", "5A^B01", 1)))
	if got := ward(); got != "in-progress 5A" {
		t.Errorf("after the update: %s", got)
	}
	l.send(adt("A01", "2", "20261121081000", pid, visit))
	if got := ward(); got != "in-progress 5A" {
		t.Errorf("after the late admission: %s", got)
	}
	l.send(adt("A03", "3", "20261122081000", pid, visit))
	l.send(adt("A08", "4", "20261122091000", pid, visit))
	if got := ward(); !strings.HasPrefix(got, "finished") {
		t.Errorf("an update after the discharge: %s", got)
	}
}

// A change of name is a change, and no second name.
func TestDemographicsChange(t *testing.T) {
	d := open(t, nil)
	l := d.dial()
	l.send(adt("A01", "1", "20261121081000", pid+"|||1 High Street^^Northfield||01234^^PH", visit))
	l.send(adt("A08", "2", "20261121091000", strings.Replace(pid, "Mbeki", "Dlamini", 1)+`|||""`))
	p := all[fhir.Patient](d, fhir.TypePatient)
	if len(p) != 1 || len(p[0].Name) != 1 || p[0].Name[0].Family != "Dlamini" || len(p[0].Identifier) != 2 {
		t.Errorf("%+v", p)
	}
	if s := d.state(); strings.Contains(s, "High Street") || !strings.Contains(s, "01234") {
		t.Errorf(`"" removes, empty does not: %s`, s)
	}
	// Somebody brought in unknown keeps the mark until a registration knows them.
	l.send(adt("A01", "3", "20261121081000", "PID|1||E9^^^NORTH^MR||Unknown", "PV1|1|I|4B^^9||||||||||||||||V9^^^NORTH"))
	if s := d.state(); strings.Count(s, fhir.ExtTemporary) != 1 {
		t.Error("an unknown patient has no mark")
	}
	l.send(adt("A08", "4", "20261121101000", "PID|1||E9^^^NORTH^MR||Found^Person||19700101"))
	if s := d.state(); strings.Contains(s, fhir.ExtTemporary) || !strings.Contains(s, "Found") || strings.Contains(s, "Unknown") {
		t.Errorf("a registration did not clear it: %s", s)
	}
}

// Preliminary, final, corrected; a late preliminary changes nothing; U finds
// its value.
func TestTheLifeOfAResult(t *testing.T) {
	d := open(t, nil)
	l := d.dial()
	l.send(adt("A01", "1", "20261121081000", pid, visit))
	for _, c := range []struct {
		msg  []byte
		want string
	}{
		{potassium("2", "20261122090000", "7.1", "P"), "preliminary 7.1"},
		{potassium("3", "20261122093000", "", "U"), "final 7.1"},
		{potassium("4", "20261122100000", "4.3", "C"), "corrected 4.3"},
		{potassium("5", "20261122091000", "7.0", "P"), "corrected 4.3"},
		{potassium("6", "20261122110000", "4.3", "W"), "entered-in-error 4.3"},
	} {
		if a := l.send(c.msg); a.Get("MSA-1").Text() != "AA" {
			t.Fatalf("answer %q", a.Raw())
		}
		o := all[fhir.Observation](d, fhir.TypeObservation)
		if len(o) != 1 || o[0].Status+" "+string(*o[0].ValueQuantity.Value) != c.want {
			t.Errorf("want %s, have %+v", c.want, o)
		}
	}
}

func TestTheSameMessageAgain(t *testing.T) {
	d := open(t, nil)
	l := d.dial()
	for _, msg := range [][]byte{
		adt("A01", "1", "20261121081000", pid, visit), potassium("2", "20261122090000", "7.1", "P"),
		potassium("", "20261122090000", "7.1", "P"),                                                                 // refused: no control id
		lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122||ORU^R01|9|P|2.5.1`, "OBR|1||R1|UE", "OBX|1|NM|a||1|g/L|||||F"), // held back
	} {
		first := l.send(msg)
		rows, state := len(d.rows()), d.state()
		for i := 2; i < 4; i++ {
			again := l.send(msg)
			for _, path := range []string{"MSA-1", "MSA-2", "ERR-3.1", "ERR-8"} {
				if first.Get(path).Text() != again.Get(path).Text() {
					t.Errorf("%s: %q, then %q", path, first.Get(path).Text(), again.Get(path).Text())
				}
			}
			if d.state() != state || len(d.rows()) != rows {
				t.Errorf("%s: a second sending changed something", first.Get("MSA-2").Text())
			}
		}
	}
	for _, row := range d.rows() {
		if row.Copies != 2 {
			t.Errorf("%s: %d copies", row.ControlID, row.Copies)
		}
	}
}

// The table of answers: what a sender must change is refused, what central must
// settle is accepted and held back, and all of it has its row.
func TestAnswers(t *testing.T) {
	good := string(potassium("7", "20261122090000", "7.1", "P"))
	for _, c := range []struct {
		what, msg, answer, err string
		fate                   record.Fate
		production             bool
	}{
		{"original mode", good, "AA", "", record.FateQuarantined, true}, // nobody admitted this patient
		{"enhanced mode", strings.Replace(good, "|P|2.5.1", "|P|2.5.1|||AL|NE", 1), "CA", "", record.FateQuarantined, true},
		{"asks for no answer", strings.Replace(good, "|P|2.5.1", "|P|2.5.1|||NE|NE", 1), "CA", "", record.FateQuarantined, true},
		{"application answer only", strings.Replace(good, "|P|2.5.1", "|P|2.5.1|||NE|AL", 1), "AA", "", record.FateQuarantined, true},
		{"no control id", strings.Replace(good, "|7|P|", "||P|", 1), "AR", "101", record.FateRefused, true},
		{"no control id, enhanced", strings.Replace(good, "|7|P|2.5.1", "||P|2.5.1|||AL", 1), "CR", "101", record.FateRefused, true},
		{"unknown type", strings.Replace(good, "ORU^R01^ORU_R01", "ZZZ^Z01", 1), "AR", "200", record.FateRefused, true},
		{"unknown event", strings.Replace(good, "ORU^R01^ORU_R01", "ADT^A99", 1), "AR", "201", record.FateRefused, true},
		{"training", strings.Replace(good, "|7|P|", "|7|T|", 1), "AR", "202", record.FateRefused, true},
		{"training on a training channel", strings.Replace(good, "|7|P|", "|7|T|", 1), "AA", "", record.FateQuarantined, false},
		{"unknown version", strings.Replace(good, "|P|2.5.1", "|P|9.9", 1), "AR", "203", record.FateRefused, true},
		{"no identifier", strings.Replace(good, "9990417377^^^NHS^NH~W177^^^NORTH^MR", "", 1), "AA", "", record.FateQuarantined, true},
		{"unreadable delimiters", strings.Replace(good, `MSH|^~\&|`, "MSH|^^^^|", 1), "AR", "102", record.FateRefused, true},
		{"character set that cannot be read", strings.Replace(good, "|P|2.5.1", "|P|2.5.1||||||ISO IR159", 1), "AA", "", record.FateQuarantined, true},
		{"no header", strings.Join(strings.Split(good, "\r")[1:], "\r"), "closed", "", record.FateRefused, true},
		{"nothing", "", "closed", "", record.FateRefused, true},
	} {
		d := open(t, func(conf *mllpd.Config) {
			if c.production {
				conf.ProcessingIDs = nil
			}
		})
		a := d.dial().send([]byte(c.msg))
		got, code := "closed", ""
		if a != nil {
			got, code = a.Get("MSA-1").Text(), a.Get("ERR-3.1").Text()
		}
		if code == "" && a != nil && a.Segment("ERR", 1).Exists() {
			code = a.Get("ERR-1.4.1").Text()
		}
		rows := d.rows()
		if len(rows) != 1 {
			t.Errorf("%s: %d rows", c.what, len(rows))
			continue
		}
		if got != c.answer || code != c.err || rows[0].Fate != c.fate || rows[0].Answer != c.answer || rows[0].Reason == "" || rows[0].Owner == "" {
			t.Errorf("%s: answer %s %s, want %s %s; row %+v", c.what, got, code, c.answer, c.err, rows[0])
		}
		if _, ok := d.raw.kept[rows[0].Raw]; !ok {
			t.Errorf("%s: raw bytes are not kept", c.what)
		}
		if n := len(all[fhir.Observation](d, fhir.TypeObservation)); n != 0 {
			t.Errorf("%s: %d results were filed", c.what, n)
		}
	}
}

// Nothing is accepted before it is durable: not the raw bytes, not the filing.
func TestStoreDown(t *testing.T) {
	full := fault.New(fault.Full, "test", "", "no space")
	for what, breakIt := range map[string]func(*door, error){
		"the raw log": func(d *door, err error) { d.raw.mu.Lock(); d.raw.fail = err; d.raw.mu.Unlock() },
		"the journal": func(d *door, err error) { d.files.set(func() error { return err }) },
	} {
		d := open(t, nil)
		breakIt(d, full)
		l := d.dial()
		msg := adt("A01", "1", "20261121081000", pid, visit)
		a := l.send(msg)
		if a.Get("MSA-1").Text() != "AE" || a.Get("ERR-3.1").Text() != "207" || len(d.rows()) != 0 {
			t.Errorf("%s is full: answer %q, %d rows", what, a.Raw(), len(d.rows()))
		}
		if what == "the raw log" && strings.Contains(d.steps.String(), "filed") {
			t.Error("something was filed whose raw bytes are not kept")
		}
		breakIt(d, nil)
		if a := l.send(msg); a.Get("MSA-1").Text() != "AA" || len(d.rows()) != 1 {
			t.Errorf("%s again: the same line, the same message: %q", what, a.Raw())
		}
	}
}

func TestFeeds(t *testing.T) {
	d := open(t, func(c *mllpd.Config) { c.Feeds = []record.Feed{{Name: mllpd.FeedEHR, Last: 17}} })
	check := func(when string, lab, ehr record.Feed) {
		t.Helper()
		for range 1500 { // a line that was closed is noticed a moment later
			got := d.s.Feeds()
			if len(got) == 2 && got[0] == lab && got[1] == ehr {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Errorf("%s: %+v, want %+v %+v", when, d.s.Feeds(), lab, ehr)
	}
	lab, ehr := record.Feed{Name: "laboratory"}, record.Feed{Name: "EHR", Last: 17}
	check("at first", lab, ehr)
	one, two := d.dial(), d.dial()
	check("silent lines are nobody's", lab, ehr)
	one.send(potassium("1", "20261122090000", "7.1", "P"))
	two.send(adt("A01", "1", "20261121081000", pid, visit))
	lab.Last, lab.Up, ehr.Last, ehr.Up = noon.UnixMilli(), true, noon.UnixMilli(), true
	check("both have spoken", lab, ehr)
	_ = one.net.Close()
	lab.Up = false
	check("the laboratory has hung up", lab, ehr)
}

// A sender that opens a line for each message has none open most of the time: after
// three it is known, and is up until it is late.
func TestASenderThatClosesItsLineIsNotDown(t *testing.T) {
	now := noon
	var mu sync.Mutex
	d := open(t, func(c *mllpd.Config) {
		c.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	})
	is := func(up bool) bool {
		for range 1500 {
			if d.s.Feeds()[0].Up == up {
				return true
			}
			time.Sleep(20 * time.Millisecond)
		}
		return false
	}
	for n := range 4 {
		l := d.dial()
		l.send(potassium(fmt.Sprint(n), "20261122090000", "4.1", "F"))
		if err := l.net.Close(); err != nil {
			t.Fatal(err)
		}
		if !is(n >= 2) {
			t.Fatalf("after %d lines: %+v", n+1, d.s.Feeds())
		}
	}
	mu.Lock()
	now = now.Add(20 * time.Minute)
	mu.Unlock()
	if !is(false) {
		t.Errorf("silent for longer than ever: %+v", d.s.Feeds())
	}
}

// What was held back is translated again exactly as the listener did.
func TestTranslateIsTheListenersOwn(t *testing.T) {
	d := open(t, nil)
	msg := potassium("1", "20261122090000", "7.1", "P")
	d.dial().send(msg)
	if f := d.s.Translate(msg, "", noon); f.Inbound.ID != d.rows()[0].ID {
		t.Error("a replay would be another message")
	}
}

func TestStopFinishesWhatHasBegun(t *testing.T) {
	d := open(t, nil)
	begun, release := make(chan bool), make(chan bool)
	d.files.set(func() error {
		begun <- true
		<-release
		return nil
	})
	idle, busy := d.dial(), d.dial()
	busy.write(frame(adt("A01", "1", "20261121081000", pid, visit)))
	busy.write(frame(adt("A08", "2", "20261121091000", pid, visit))) // waits behind it
	<-begun
	stopped := make(chan error)
	go func() { stopped <- d.stop() }()
	if idle.answer() != nil {
		t.Error("an idle line was answered")
	}
	close(release)
	if a := busy.answer(); a == nil || a.Get("MSA-2").Text() != "1" {
		t.Error("the message under way was not answered")
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if n := len(d.rows()); n != 1 {
		t.Errorf("%d rows: a message was begun after the stop", n)
	}
	if c, err := net.Dial("tcp", d.addr); err == nil {
		_ = c.Close()
		t.Error("it still listens")
	}
}

func TestServeEndsWithItsListener(t *testing.T) {
	s := mllpd.New(mllpd.Config{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	if err := s.Serve(t.Context(), ln); !fault.Is(err, fault.Unavailable) || !errors.Is(err, net.ErrClosed) {
		t.Errorf("err = %v", err)
	}
}
