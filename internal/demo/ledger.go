package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strings"
)

// Ledger is the demonstration's last word; see docs/demo.md for what each
// figure counts.
type Ledger struct {
	Entered      int      `json:"entered"` // messages sent and entries made, each once
	Stored       int      `json:"stored"`  // those that the record holds: filed, held back or refused with their bytes
	Lost         int      `json:"lost"`
	Duplicated   int      `json:"duplicated"`
	Changed      int      `json:"changed"`
	Looks        int      `json:"looks"`
	LooksAudited int      `json:"looks_audited"`
	MedianAckS   float64  `json:"median_ack_s"` // from available to taken
	Breaches     []string `json:"breaches"`
}

// Evidence is what the programs said afterwards.
type Evidence struct {
	Export  []json.RawMessage            // wardlightd export
	Inbound []json.RawMessage            // wardlightd inbound
	Audits  []json.RawMessage            // wardlightd audit list
	Charts  map[string][]json.RawMessage // by station: headless chart replies
}

// Settle joins what was meant with what is there.
func Settle(intents []Intent, ev Evidence) Ledger {
	l := &ledger{res: index(ev.Export)}
	l.out.Breaches = []string{}
	filed := l.messages(intents, ev.Inbound)
	l.people(filed)
	l.results(filed)
	l.entries(intents)
	l.charts(ev.Charts)
	l.looks(intents, ev.Audits)
	l.median(ev.Inbound)
	if l.out.Lost+l.out.Duplicated+l.out.Changed > 0 || l.out.LooksAudited < l.out.Looks {
		l.breach("the record does not hold what was entered: %d lost, %d doubled, %d changed, %d looks not on record",
			l.out.Lost, l.out.Duplicated, l.out.Changed, l.out.Looks-l.out.LooksAudited)
	}
	return l.out
}

type ledger struct {
	out Ledger
	res *resources
}

func (l *ledger) breach(format string, args ...any) {
	if len(l.out.Breaches) < 50 {
		l.out.Breaches = append(l.out.Breaches, fmt.Sprintf(format, args...))
	}
}

func (l *ledger) lost(format string, args ...any) {
	l.out.Lost++
	l.breach("lost: "+format, args...)
}

func (l *ledger) doubled(format string, args ...any) {
	l.out.Duplicated++
	l.breach("doubled: "+format, args...)
}

func (l *ledger) changed(format string, args ...any) {
	l.out.Changed++
	l.breach("changed: "+format, args...)
}

// inboundRow is what the ledger reads of an inbound line.
type inboundRow struct {
	ControlID string `json:"control_id"`
	Fate      string `json:"fate"`
	Answer    string `json:"answer"`
	Raw       string `json:"raw"` // SHA-256 of the bytes as received
}

// sentMessage is one message however often it was sent, and whatever line ends
// each sending had: central keeps the bytes of the first.
type sentMessage struct {
	first  Intent
	raws   map[string][]byte // by their hash
	answer map[string]bool
}

// messages holds every message sent against the rows: exactly one row for
// each content, with the answer that every sending of it got. It returns the
// bytes of what was filed.
func (l *ledger) messages(intents []Intent, rows []json.RawMessage) [][]byte {
	byHash := map[string][]inboundRow{}
	for _, raw := range rows {
		var r inboundRow
		if json.Unmarshal(raw, &r) == nil {
			byHash[r.Raw] = append(byHash[r.Raw], r)
		}
	}
	var filed [][]byte
	for _, m := range sentMessages(intents) {
		l.out.Entered++
		var got []inboundRow
		for _, h := range sortedKeys(m.raws) {
			got = append(got, byHash[h]...)
		}
		if len(got) == 0 {
			l.lost("message %d (control id %q) has no inbound row", m.first.N, m.first.ControlID)
			continue
		}
		if len(got) > 1 {
			l.doubled("message %d (control id %q) has %d inbound rows", m.first.N, m.first.ControlID, len(got))
		}
		l.out.Stored++
		if got[0].Fate == "filed" {
			filed = append(filed, m.raws[got[0].Raw])
		}
		for _, answer := range sortedKeys(m.answer) {
			if answer != got[0].Answer {
				l.changed("message %d (control id %q) was answered %s, its row says %s", m.first.N, m.first.ControlID, answer, got[0].Answer)
			}
		}
	}
	return filed
}

// sentMessages are the messages that were sent and answered, each once, in
// order of the first sending.
func sentMessages(intents []Intent) []*sentMessage {
	var list []*sentMessage
	byContent := map[string]*sentMessage{}
	for _, in := range intents {
		if in.Kind != "message" || in.Answer == "" {
			continue
		}
		c := contentOf(in.Raw)
		m := byContent[c]
		if m == nil {
			m = &sentMessage{first: in, raws: map[string][]byte{}, answer: map[string]bool{}}
			byContent[c], list = m, append(list, m)
		}
		m.raws[rawHash(in.Raw)], m.answer[in.Answer] = in.Raw, true
	}
	return list
}

// results holds every result that the filed messages name against the record.
func (l *ledger) results(filed [][]byte) {
	want := standing(filed)
	for _, key := range sortedKeys(want) {
		e := want[key]
		got := l.res.byFiller[e.key()]
		switch {
		case len(got) == 0:
			l.lost("result %s of request %s is not in the record", e.Code, e.Filler)
			continue
		case len(got) > 1:
			l.doubled("result %s of request %s stands %d times in the record", e.Code, e.Filler, len(got))
		}
		o := got[0]
		if o.value() != e.Value || o.unit() != e.Unit || o.Status != e.Status {
			l.changed("result %s of request %s: sent as %s %s, stored as %s %s", e.Code, e.Filler, e.Unit, e.Status, o.unit(), o.Status)
		}
		if p := l.res.patients[o.Subject.id()]; e.Number != "" && (p == nil || !p.has(e.Number)) {
			l.changed("result %s of request %s stands with another patient", e.Code, e.Filler)
		}
	}
}

// entries holds everything that people entered against the record, both ways:
// what was made must be there, and nothing of its kind may be there that
// nobody made.
func (l *ledger) entries(intents []Intent) {
	made := map[string]bool{}
	for _, in := range intents {
		if in.Kind != "entry" || in.Failed != "" {
			continue
		}
		l.out.Entered++
		whole := len(in.Made) > 0
		for _, id := range in.Made {
			made[id] = true
			switch n := l.res.count[id]; {
			case n == 0:
				whole = false
				l.lost("entry %d (%s on the %s station): resource %s is not in the record", in.N, in.Command, in.Station, id)
			case n > 1:
				l.doubled("entry %d (%s): resource %s stands %d times", in.N, in.Command, id, n)
			}
		}
		if len(in.Made) == 0 {
			whole = l.clicked(in)
		}
		if whole {
			l.out.Stored++
			l.fields(in)
		}
	}
	for _, id := range l.res.byStations {
		if !made[id] {
			l.doubled("resource %s was written by a station, and nobody entered it", id)
		}
	}
}

// clicked finds what a click in the window made: the window does not tell ids.
func (l *ledger) clicked(in Intent) bool {
	n := 0
	for _, t := range l.res.taken {
		if t.result == in.Fields["result"] {
			n++
		}
	}
	switch {
	case n == 0:
		l.lost("entry %d (%s by click) is not in the record", in.N, in.Command)
	case n > 1:
		l.doubled("entry %d (%s by click) stands %d times", in.N, in.Command, n)
	}
	return n > 0
}

// fields compares what was typed with what the made resources hold.
func (l *ledger) fields(in Intent) {
	for _, name := range sortedKeys(in.Fields) {
		want := fmt.Sprint(in.Fields[name])
		code, scored := vitalCodes[name]
		switch {
		case in.Command == "record_vitals" && scored:
			if got := l.res.vital(in.Made, code); got != want {
				l.changed("entry %d: %s was typed, and stands otherwise in the record", in.N, name)
			}
		case in.Command == "note" && name == "text", in.Command == "add_allergy":
			if !l.res.holds(in.Made, want) {
				l.changed("entry %d: the %s stands otherwise in the record", in.N, name)
			}
		case in.Command == "take" && name == "result" && len(in.Made) > 0:
			if l.res.about(in.Made) != want {
				l.changed("entry %d: what was taken stands otherwise in the record", in.N)
			}
		}
	}
	if p := l.res.patientOf(in.Made); in.Patient != "" && (p == nil || !p.has(in.Patient)) {
		l.changed("entry %d stands with another patient", in.N)
	}
}

// vitalCodes are the LOINC codes of what the demonstration measures.
var vitalCodes = map[string]string{
	"respirations": "9279-1", "spo2": "2708-6", "pulse": "8867-4", "temperature": "8310-5", "systolic": "8480-6", "diastolic": "8462-4",
}

// shownChart is what the ledger reads of a chart that a station shows.
type shownChart struct {
	Results []struct {
		ID     string `json:"id"`
		Value  string `json:"value"`
		Unit   string `json:"unit"`
		Status string `json:"status"`
	} `json:"results"`
	Notes []struct {
		ID   string `json:"id"`
		Text string `json:"text"`
	} `json:"notes"`
	AllergyList []struct {
		ID        string `json:"id"`
		Substance string `json:"substance"`
		NoneKnown bool   `json:"noneKnown"`
	} `json:"allergyList"`
}

// charts compares what each station shows with the record.
func (l *ledger) charts(by map[string][]json.RawMessage) {
	for _, station := range sortedKeys(by) {
		for _, raw := range by[station] {
			var c struct {
				Chart shownChart `json:"chart"`
			}
			if json.Unmarshal(raw, &c) != nil {
				l.breach("a chart of the %s station cannot be read", station)
				continue
			}
			l.chart(station, c.Chart)
		}
	}
}

func (l *ledger) chart(station string, c shownChart) {
	for _, r := range c.Results {
		o, ok := l.res.observations[r.ID]
		switch {
		case !ok:
			l.changed("the %s station shows result %s, which the record does not hold", station, r.ID)
		case o.value() != "" && (o.value() != r.Value || o.unit() != r.Unit):
			l.changed("the %s station shows result %s otherwise than the record", station, r.ID)
		}
	}
	for _, n := range c.Notes {
		if !l.res.holds([]string{n.ID}, n.Text) {
			l.changed("the %s station shows note %s otherwise than the record", station, n.ID)
		}
	}
	for _, a := range c.AllergyList {
		if !a.NoneKnown && !l.res.holds([]string{a.ID}, a.Substance) {
			l.changed("the %s station shows allergy %s otherwise than the record", station, a.ID)
		}
	}
}

// looks counts the looks that were meant, and those of them that the audit
// trail holds.
func (l *ledger) looks(intents []Intent, audits []json.RawMessage) {
	type look struct{ user, subject string }
	meant, held := map[look]int{}, map[look]int{}
	for _, in := range intents {
		if in.Kind == "look" && in.Failed == "" {
			meant[look{in.User, fmt.Sprint(in.Fields["subject"])}]++
			l.out.Looks++
		}
	}
	for _, raw := range audits {
		for _, subject := range subjectsOf(raw) {
			held[look{subject.user, subject.what}]++
		}
	}
	for k, n := range meant {
		have := min(n, held[k])
		l.out.LooksAudited += have
		if have < n {
			l.breach("audit: %d of %d looks by %s are not on record", n-have, n, k.user)
		}
	}
}

// median is how long critical results waited for somebody, from their arrival
// at central.
func (l *ledger) median(rows []json.RawMessage) {
	var waits []float64
	for _, t := range l.res.taken {
		o, ok := l.res.observations[t.result]
		if !ok || t.at.IsZero() {
			continue
		}
		if at := o.available(rows); !at.IsZero() && !t.at.Before(at) {
			waits = append(waits, t.at.Sub(at).Seconds())
		}
	}
	if len(waits) == 0 {
		return
	}
	sort.Float64s(waits)
	l.out.MedianAckS = float64(int(waits[(len(waits)-1)/2]*10)) / 10
}

// Print writes the ledger for a person.
func (l Ledger) Print(w io.Writer) {
	_, _ = fmt.Fprintf(w, "\nThe ledger\n")
	for _, line := range []struct {
		name  string
		value any
	}{
		{"entered (messages and entries)", l.Entered},
		{"stored", l.Stored},
		{"lost", l.Lost},
		{"duplicated", l.Duplicated},
		{"changed", l.Changed},
		{"looks", l.Looks},
		{"looks on record", l.LooksAudited},
		{"median wait for somebody", fmt.Sprintf("%.1f s", l.MedianAckS)},
	} {
		_, _ = fmt.Fprintf(w, "  %-32s %v\n", line.name, line.value)
	}
	if len(l.Breaches) == 0 {
		_, _ = fmt.Fprintln(w, "  no breach: everything that was entered is there, once, unchanged.")
		return
	}
	_, _ = fmt.Fprintf(w, "  BREACHES:\n    %s\n", strings.Join(l.Breaches, "\n    "))
}
