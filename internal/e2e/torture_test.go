package e2e_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/demo"
	"wardlight/internal/fault"
)

// tortureRounds is how often something strikes: a short form in CI, and as often
// as WARDLIGHT_TORTURE says in the nightly run.
const tortureRounds = 8

// torture is a ward at work, whose machines are struck down again and again. What
// people and senders mean is written down before it is done, and settled by the
// demonstration's ledger at the end.
type torture struct {
	*world
	rng     *rand.Rand
	patient string
	disks   map[string]*disk
	riders  []*rider
	pace    pace
	stop    chan struct{}
	group   sync.WaitGroup

	mu      sync.Mutex
	intents []demo.Intent
	unsure  []int // intents whose outcome nobody heard
}

// pace is how long people and a laboratory rest after each thing that they do.
type pace struct{ people, laboratory time.Duration }

// TestTorture: two stations and a laboratory work without a pause, while central
// and stations are killed, lose their power, and run out of disk. At the end
// nothing that was answered is lost, and nothing is there twice.
func TestTorture(t *testing.T) {
	rounds, err := strconv.Atoi(cmp.Or(os.Getenv("WARDLIGHT_TORTURE"), strconv.Itoa(tortureRounds)))
	check(t, err)
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("WARDLIGHT_TORTURE_SEED"); s != "" {
		seed, err = strconv.ParseUint(s, 10, 64)
		check(t, err)
	}
	t.Logf("%d rounds, seed %d", rounds, seed)
	w := newTorture(t, seed)
	strikes := w.strikes()
	for n := range rounds {
		time.Sleep(time.Duration(150+w.rng.IntN(500)) * time.Millisecond)
		s := strikes[n%len(strikes)]
		t.Logf("%d: %s", n, s.name)
		s.do()
		w.revive()
	}
	w.ends()
	w.settle()
}

func newTorture(t *testing.T, seed uint64) *torture {
	t.Helper()
	dir := t.TempDir()
	disks := map[string]*disk{}
	for _, name := range []string{"central", "a", "b"} {
		disks[name] = newDisk(t, dir, name)
	}
	w := &torture{
		world: newWorld(t, dir), disks: disks, stop: make(chan struct{}),
		rng: rand.New(rand.NewPCG(seed, 1)), pace: pace{people: 10 * time.Millisecond},
	}
	w.staff()
	w.begins()
	return w
}

// staff enrols two computers and sits somebody down at each.
func (w *torture) staff() {
	w.t.Helper()
	w.account(nurse, "4B")
	w.account(doctor, "4B")
	w.send(admission(0))
	for _, r := range []struct {
		name string
		by   person
	}{{"a", nurse}, {"b", doctor}} {
		w.enrol(r.name, "4B")
		st := w.open(r.name)
		st.signIn(r.by)
		w.patient = st.patient(somebody[0].family)
		w.riders = append(w.riders, &rider{w: w, name: r.name, by: r.by, station: st})
	}
}

// begins lets everybody work; ends sends them home.
func (w *torture) begins() {
	w.t.Cleanup(w.ends) // a test that fails waits for them as well
	w.group.Go(w.laboratory)
	for _, r := range w.riders {
		w.group.Go(r.work)
	}
}

func (w *torture) ends() {
	if !w.over() {
		close(w.stop)
	}
	w.group.Wait()
}

func (w *torture) over() bool {
	select {
	case <-w.stop:
		return true
	default:
		return false
	}
}

// mean writes down what is about to be done, and done, what came of it. An
// outcome that nobody heard is settled at the end: it may be there, once.
func (w *torture) mean(in demo.Intent) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	in.N = len(w.intents)
	w.intents = append(w.intents, in)
	return in.N
}

func (w *torture) done(n int, answer string, made []string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in := &w.intents[n]
	in.Answer, in.Made = answer, made
	if err != nil {
		in.Failed = err.Error()
	}
	if k := kind(err); k == fault.Unavailable || k == fault.Timeout {
		w.unsure = append(w.unsure, n)
	}
}

// laboratory sends results without a pause. One that was not accepted is sent
// again, as senders do.
func (w *torture) laboratory() {
	s := w.sender(2 * time.Minute)
	defer s.Close()
	for n := 0; !w.over(); n++ {
		flag, value := "N", fmt.Sprintf("4.%d", n%90+10)
		if n%25 == 0 {
			flag, value = "HH", "6.9"
		}
		id := fmt.Sprintf("T%d", n)
		in := demo.Intent{Kind: "message", ControlID: id, Raw: []byte(potassium(0, id, value, flag))}
		in.N = w.mean(in)
		w.done(in.N, w.deliver(s, in), nil, nil)
		time.Sleep(w.pace.laboratory)
	}
}

// deliver sends a message until it is accepted, or until the work is over.
func (w *torture) deliver(s *demo.Sender, in demo.Intent) string {
	for {
		sent, err := s.Send(context.Background(), demo.Sending{Raw: in.Raw, ControlID: in.ControlID})
		if err != nil {
			w.t.Errorf("%s was never answered: %v", in.ControlID, err)
			return ""
		}
		if sent.Answer == "CA" || sent.Answer == "AA" {
			return sent.Answer
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// rider works at a station, whichever process it is just now.
type rider struct {
	w    *torture
	name string
	by   person

	mu      sync.RWMutex // held by whoever changes the process
	station *station
}

func (r *rider) at() *station {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.station
}

// work writes notes and measurements, and looks at charts, without a pause.
func (r *rider) work() {
	for n := 0; !r.w.over(); n++ {
		switch n % 4 {
		case 0, 1:
			text := fmt.Sprintf("Note %d on %s.", n, r.name)
			r.enter("note", args{"patient": r.w.patient, "text": text}, map[string]any{"text": text})
		case 2:
			set := args{"pulse": strconv.Itoa(60 + n%40)}
			r.enter("record_vitals", args{"patient": r.w.patient, "set": set}, map[string]any{"pulse": set["pulse"]})
		case 3:
			_, _ = r.look() // what it shows is compared at the end
		}
		time.Sleep(r.w.pace.people)
	}
}

func (r *rider) enter(cmd string, a args, fields map[string]any) {
	n := r.w.mean(demo.Intent{Kind: "entry", Station: r.name, User: r.by.user, Command: cmd, Patient: somebody[0].number, Fields: fields})
	var said struct{ Made []string }
	err := r.at().call(cmd, a, &said)
	r.w.done(n, "", said.Made, err)
}

// look opens the chart. Every look is meant, those at the end as well: else one
// that is missing would be made good by one that nobody counted.
func (r *rider) look() (raw json.RawMessage, err error) {
	n := r.w.mean(demo.Intent{Kind: "look", Station: r.name, User: r.by.user, Command: "chart", Fields: map[string]any{"subject": r.w.patient}})
	err = r.at().call("chart", args{"patient": r.w.patient}, &raw)
	r.w.done(n, "", nil, err)
	return raw, err
}

// restart starts the station's program anew, as the person at it does.
func (r *rider) restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.station.Kill()
	r.station = r.w.open(r.name)
	r.w.await(r.by.user+" signs in again on "+r.name, 60*time.Second, func() error {
		return r.station.call("sign_in", args{"user": r.by.user, "pin": r.by.pin}, nil)
	})
}

// revive starts what has ended by itself, as a full disk may make it.
func (w *torture) revive() {
	if !w.central.Alive() {
		w.serve()
	}
	for _, r := range w.riders {
		if !r.at().Alive() {
			r.restart()
		}
	}
}

// settle waits until all is sent, and counts as the demonstration does.
func (w *torture) settle() {
	w.t.Helper()
	for _, r := range w.riders {
		w.await("everything of "+r.name+" is receipted", 3*time.Minute, func() error {
			if l := r.station.link(); !l.Connected || l.Unsent != 0 {
				return fmt.Errorf("connected %v, %d unsent, %s", l.Connected, l.Unsent, l.Refused)
			}
			return nil
		})
	}
	var charts [2]json.RawMessage
	w.await("both charts are equal", time.Minute, func() (err error) {
		charts, err = w.sameCharts()
		return err
	})
	w.verify()
	export := w.ask("export", nil)
	w.hear(export)
	var l demo.Ledger
	w.await("the last looks, too, are on record", time.Minute, func() error { // they go last, and a line may be slow
		l = demo.Settle(w.intents, demo.Evidence{
			Export: export, Inbound: w.ask("inbound", nil), Audits: w.admin("audit", "list"),
			Charts: map[string][]json.RawMessage{"a": {charts[0]}, "b": {charts[1]}},
		})
		if l.Looks != l.LooksAudited {
			return fmt.Errorf("%d of %d looks:\n%s", l.LooksAudited, l.Looks, strings.Join(l.Breaches, "\n"))
		}
		return nil
	})
	w.t.Logf("%d entered, %d stored, %d looks, %d of them audited; %d outcomes that nobody heard", l.Entered, l.Stored, l.Looks, l.LooksAudited, len(w.unsure))
	if l.Lost+l.Duplicated+l.Changed > 0 || len(l.Breaches) > 0 || l.Looks != l.LooksAudited || l.Entered != l.Stored {
		w.t.Errorf("lost %d, doubled %d, changed %d:\n%s", l.Lost, l.Duplicated, l.Changed, strings.Join(l.Breaches, "\n"))
	}
	if l.Entered < 50 {
		w.t.Errorf("only %d things were entered: that proves nothing", l.Entered)
	}
}

// sameCharts are both stations' charts, which must say the same.
func (w *torture) sameCharts() (raw [2]json.RawMessage, err error) {
	var said [2]string
	for i, r := range w.riders {
		if raw[i], err = r.look(); err != nil {
			return raw, err
		}
		var c struct{ Chart chart }
		if err := json.Unmarshal(raw[i], &c); err != nil {
			return raw, err
		}
		said[i] = fmt.Sprintf("%+v %+v %+v %d", c.Chart.Results, c.Chart.Notes, c.Chart.AllergyList, len(c.Chart.Vitals))
	}
	if said[0] != said[1] {
		return raw, fmt.Errorf("\n%.2000s\n%.2000s", said[0], said[1])
	}
	return raw, nil
}

// hear settles the outcomes that nobody heard because the machine went down: what
// was written is there once, and was made, or is not there, and was not.
func (w *torture) hear(export []json.RawMessage) {
	claimed, number := map[string]bool{}, map[string]string{} // a station's id, by its name
	for _, in := range w.intents {
		for _, id := range in.Made {
			claimed[id] = true
			number[in.Station], _, _ = strings.Cut(id, "-")
		}
	}
	unclaimed := map[string][]string{}
	for _, raw := range export {
		if what, id := written(w.t, raw); what != "" && !claimed[id] {
			station, _, _ := strings.Cut(id, "-")
			unclaimed[station+what] = append(unclaimed[station+what], id)
		}
	}
	for _, n := range w.unsure {
		in := &w.intents[n]
		key := number[in.Station] + fmt.Sprint(in.Fields["text"], in.Fields["pulse"])
		if list := unclaimed[key]; in.Kind == "entry" && len(list) > 0 {
			in.Failed, in.Made, unclaimed[key] = "", list[:1], list[1:]
		}
	}
}

// written is what somebody wrote in a resource, as an intent's fields print it;
// "" where it is none of theirs.
func written(t *testing.T, raw json.RawMessage) (what, id string) {
	var r struct {
		ID      string
		Payload []struct{ ContentString string }
		Value   struct{ Value json.Number } `json:"valueQuantity"`
	}
	check(t, json.Unmarshal(raw, &r))
	switch {
	case len(r.Payload) == 1:
		return fmt.Sprint(r.Payload[0].ContentString, nil), r.ID
	case r.Value.Value != "":
		return fmt.Sprint(nil, r.Value.Value.String()), r.ID
	}
	return "", r.ID
}
