package simtest

import (
	"fmt"
	"strings"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// feed is the hospital's other systems: each message is sent until it is
// answered, and sometimes again. What central was given lies in the raw inbound
// log before it is answered, and outlives the journal.
type feed struct {
	w        *world
	messages []*message
	labs     int // laboratory requests so far
	reports  int // large reports so far
}

// message is one message on its way.
type message struct {
	filing   record.Filing
	given    bool // it stands in the raw inbound log
	answered bool
	buried   bool // central was wiped since
}

const patients = 6

func number(i int) fhir.Identifier {
	return fhir.Identifier{System: "urn:number", Value: fmt.Sprintf("%d", 100000+i)}
}

// new queues a message about patient i.
func (f *feed) new(i int, create bool, drafts ...record.Draft) {
	nr := len(f.messages) + 1
	m := &message{filing: record.Filing{
		Inbound: record.Inbound{
			ID: fmt.Sprintf("message%d", nr), Channel: "feed", ControlID: fmt.Sprint(nr), Type: "ORU^R01",
			Sender: "LAB", Answer: "AA", Raw: rawOf(len(f.messages)), Received: begun + f.w.now.Milliseconds(),
		},
		Groups: []record.Group{{
			Subject: record.Subject{Identifiers: []fhir.Identifier{number(i)}, Family: fmt.Sprintf("Family%d", i), MayCreate: create},
			Drafts:  drafts,
		}},
	}}
	f.messages = append(f.messages, m)
	f.send(m)
}

// send delivers a message, and again until there is an answer.
func (f *feed) send(m *message) {
	if m.buried {
		return
	}
	again := func() { f.w.after(200*time.Millisecond+f.w.within(time.Second), func() { f.send(m) }) }
	if f.w.central.down {
		again()
		return
	}
	m.given = true
	if !f.file(m) {
		if f.w.plant != FullAnswered || !f.w.central.full {
			again()
		}
		m.answered = f.w.plant == FullAnswered && f.w.central.full
		return
	}
	if m.answered = true; f.w.chance(0.05) && !f.w.healed {
		f.w.struck["a message was sent again"]++
		again()
	}
}

func (f *feed) file(m *message) bool {
	f.w.central.given(Input{Filing: &m.filing})
	_, err := f.w.central.submitter.File(f.w.ctx, m.filing)
	return err == nil
}

// replay files what the raw inbound log holds and the journal does not. Where central
// crashes meanwhile its next start does it; where its disk is full it tries again.
func (f *feed) replay() {
	c := f.w.central
	if !c.refiling && !f.w.healed { // by the seed, so that no other history changes
		c.crashing = map[uint64]memjournal.Point{1: memjournal.BeforeCommit, 2: memjournal.AfterCommit}[f.w.seed%4]
	}
	c.refiling = true
	whole := true
	for _, m := range f.messages {
		if !m.given || m.buried {
			continue
		}
		if c.down {
			f.w.struck["central crashed while it filed its raw log again"]++
			return
		}
		known := false
		must(f.w.central.journal.View(f.w.ctx, func(r journal.Reader) (err error) {
			_, known, err = r.Inbound(m.filing.Inbound.ID)
			return err
		}))
		if !known {
			whole = f.file(m) && whole
		}
	}
	c.crashing, c.refiling = 0, c.down || !whole
	if life := c.life; c.refiling && !c.down {
		f.w.struck["the raw log could not be filed again whole"]++
		f.w.after(2*time.Second, func() {
			if c.refiling && c.life == life && !c.down {
				f.replay()
			}
		})
	}
}

// bury forgets what was sent: central was wiped, and its raw log with it.
func (f *feed) bury() {
	for _, m := range f.messages {
		m.buried = true
	}
}

// admit brings a patient to a ward, for the first time with an allergy; ward ""
// lets them go.
func (f *feed) admit(i int, ward record.Ward, first bool) {
	status := "in-progress"
	if ward == "" {
		status = "finished"
	}
	stay := draft(fhir.TypeEncounter, fmt.Sprintf("e%d", i),
		fmt.Sprintf(`"extension":[{"url":%q,"valueString":%q}],"status":%q,"subject":{"reference":%q},`, fhir.ExtWard, ward, status, record.SubjectRef))
	stay.Event = begun + int64(len(f.messages))*1000
	if !first {
		f.new(i, false, stay)
		return
	}
	f.new(i, true, stay, draft(fhir.TypeAllergyIntolerance, fmt.Sprintf("a%d", i),
		fmt.Sprintf(`"code":{"text":"penicillin"},"criticality":"low","patient":{"reference":%q},`, record.SubjectRef)))
}

// result is a laboratory's value, one in eight of them critical, or a correction
// of an earlier one. No two say the same.
func (f *feed) result(nr int, corrected bool) {
	status, test := "final", "potassium"
	if nr%8 == 0 {
		test = "critical"
	}
	if corrected {
		status = "corrected"
	}
	d := draft(fhir.TypeObservation, fmt.Sprintf("lab%d", nr), fmt.Sprintf(
		`"category":[{"coding":[{"code":"laboratory","system":%q}]}],"code":{"text":%q},"status":%q,"subject":{"reference":%q},"valueInteger":%d,`,
		fhir.SystemObservationCat, test, status, record.SubjectRef, len(f.messages)))
	at := begun + int64(len(f.messages))*1000
	d.Stamps = &record.Stamps{StatusChanged: at, Message: at}
	f.new(nr%patients, false, d)
}

// report is a large report on a patient, or a new version of one in which a line
// has changed and another has come.
func (f *feed) report() {
	nr := f.reports
	if nr > 0 && f.w.rng.IntN(4) > 0 {
		nr = f.w.rng.IntN(nr)
	} else {
		f.reports++
	}
	var lines strings.Builder
	for i := range 200 {
		fmt.Fprintf(&lines, "line %d of %d says %x; ", i, nr, (nr+1)*(i+7)*7919)
	}
	said := len(f.messages)
	d := draft(fhir.TypeDiagnosticReport, fmt.Sprintf("report%d", nr), fmt.Sprintf(
		`"code":{"text":"report"},"conclusion":%q,%s"status":"final","subject":{"reference":%q},`,
		fmt.Sprintf("%d: %s and %d", said, lines.String(), said*said), attach(said), record.SubjectRef))
	at := begun + int64(said)*1000
	d.Stamps = &record.Stamps{StatusChanged: at, Message: at}
	f.new(nr%patients, false, d)
}

func draft(t fhir.Type, id, elements string) record.Draft {
	body := canonical(fmt.Sprintf(`{%s"id":%q,"resourceType":%q}`, elements, id, t))
	return record.Draft{Ref: fhir.Ref{Type: t, ID: fhir.ID(id)}, Ops: []record.Op{{Kind: record.OpPut, Value: body}}}
}

func canonical(body string) []byte {
	b, err := fhir.Canonical([]byte(body))
	must(err)
	return b
}

// news is one thing that the hospital's systems say.
func (f *feed) news() {
	switch f.w.rng.IntN(6) {
	case 5:
		f.report()
	case 0:
		f.admit(f.w.rng.IntN(patients), []record.Ward{"A", "B", "C", ""}[f.w.rng.IntN(4)], false)
	case 1:
		if f.labs > 0 {
			f.result(f.w.rng.IntN(f.labs), true)
		}
	default:
		f.result(f.labs, false)
		f.labs++
	}
}

// waits says that a message has no answer.
func (f *feed) waits() bool {
	for _, m := range f.messages {
		if !m.answered && !m.buried {
			return true
		}
	}
	return false
}
