package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"wardlight/assets"
	"wardlight/internal/fault"
)

// Run tells the story and settles the ledger. An error means that the story
// could not be told to its end; breaches are in the ledger.
func Run(ctx context.Context, o Options) (Ledger, error) {
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return Ledger{}, fault.As(fault.Unavailable, "demo.run", o.Data, err)
	}
	stage, err := NewStage(o.Data, o.Shots)
	if err != nil {
		return Ledger{}, err
	}
	h := &hospital{o: o, stage: stage}
	defer h.close()
	if h.intents, err = CreateIntents(h.path("intents.jsonl")); err != nil {
		return Ledger{}, err
	}
	defer func() { _ = h.intents.Close() }()
	h.say("A bus and a keyring of our own, and a screen where there is none")
	if err := stage.OpenKeyring(ctx); err != nil {
		return Ledger{}, err
	}
	if h.windowed() {
		if err := stage.OpenScreen(ctx, o.Own); err != nil {
			return Ledger{}, err
		}
	}
	for _, chapter := range []func(context.Context) error{h.open1, h.fill, h.shift, h.outage, h.kills, h.back} {
		if err := chapter(ctx); err != nil {
			return Ledger{}, err
		}
	}
	l, err := h.settle(ctx)
	if err != nil {
		return l, err
	}
	if o.Tour != "" && h.windowed() {
		if err := h.tour(ctx); err != nil {
			return l, err
		}
	}
	if o.Settled != nil {
		o.Settled(l)
	}
	if o.Stay && h.windowed() && !stage.Own {
		h.say("The story is over. Close the window when you have seen enough.")
		select {
		case <-h.ward.done:
		case <-o.Leave:
		}
	}
	return l, nil
}

// open1 builds the hospital and opens the stations.
func (h *hospital) open1(ctx context.Context) error {
	h.say("Central, a ward station and a clinic station are made and enrolled")
	if err := h.build(ctx); err != nil {
		return err
	}
	if err := firstOf(h.startWard(), h.startClinic()); err != nil {
		return err
	}
	if err := h.stage.waitShot(ctx, h, "01-sign-in"); err != nil {
		return err
	}
	return firstOf(h.signIn(ctx, h.ward, 0), h.signIn(ctx, h.clinic, 2))
}

func (h *hospital) signIn(ctx context.Context, s *Station, who int) error {
	u := users[who]
	enter := func() error {
		return WaitFor(ctx, "sign-in of "+u.name, 60*time.Second, func(ctx context.Context) (bool, error) {
			err := s.Call(ctx, "sign_in", map[string]any{"user": u.name, "pin": u.pin}, nil)
			return err == nil, err
		})
	}
	if s == h.ward && h.windowed() { // a window opens on the board
		return h.meant(s.Name, u.name, "sign_in", listNamed("board"), enter)
	}
	return enter()
}

// fill sends the ward's messages, with the troubles of real senders.
func (h *hospital) fill(ctx context.Context) error {
	now := time.Now()
	ward, err := Load(assets.DemoWard(), now)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(h.o.Seed, 1)) //nolint:gosec // a story, repeatable from its seed
	list := Trouble(ward, rng)
	for _, name := range []string{"clinic-register.hl7", "update.hl7", "unknown-patient.hl7", "no-control-id.hl7", "bad-status.hl7", "cut-short.hl7"} {
		more, err := h.story(name)
		if err != nil {
			return err
		}
		list = append(list, more...)
	}
	if h.o.Messages != "" {
		more, err := LoadFolder(h.o.Messages, now)
		if err != nil {
			return err
		}
		list = append(list, more...)
	}
	h.say("The laboratory and the patient system send %d messages: some twice, some late, some broken", len(list))
	if err := h.send(ctx, list); err != nil {
		return err
	}
	if err := h.caughtUp(ctx, h.ward, 24); err != nil {
		return err
	}
	return h.setAside(ctx, "02-critical-lactate")
}

func (h *hospital) story(name string) ([]Sending, error) {
	list, err := Load(assets.DemoStory(), time.Now())
	var out []Sending
	for _, s := range list {
		if s.File == name {
			out = append(out, s)
		}
	}
	return out, err
}

// caughtUp waits until a station shows so many patients and holds everything.
func (h *hospital) caughtUp(ctx context.Context, s *Station, patients int) error {
	return WaitFor(ctx, fmt.Sprintf("%d patients on the %s station", patients, s.Name), 60*time.Second, func(ctx context.Context) (bool, error) {
		rows, err := h.board(ctx, s)
		if err != nil || len(rows) < patients {
			return false, err
		}
		l, err := h.link(ctx, s)
		return l.Connected && l.Unsent == 0, err
	})
}

type linkReply struct {
	Connected bool `json:"connected"`
	Unsent    int  `json:"unsent"`
}

func (h *hospital) link(ctx context.Context, s *Station) (linkReply, error) {
	var r struct {
		Link linkReply `json:"link"`
	}
	return r.Link, s.Call(ctx, "status", nil, &r)
}

// vitals are one set for bed b, steady or ill.
func vitals(rng *rand.Rand, ill int) map[string]any {
	one := func(base, spread int) string { return strconv.Itoa(base + rng.IntN(spread)) }
	v := map[string]any{
		"respirations": one(14, 5), "spo2": one(96, 3), "systolic": one(116, 24), "diastolic": one(66, 14), "pulse": one(64, 22),
		"temperature": fmt.Sprintf("36.%d", 2+rng.IntN(7)), "consciousness": "A", "oxygen": false,
	}
	if ill > 0 {
		v["respirations"], v["spo2"], v["pulse"] = one(21, 3), one(94, 2), one(96, 12)
	}
	if ill > 1 {
		v["systolic"], v["oxygen"], v["respirations"] = one(94, 6), true, one(25, 3)
	}
	return v
}

func (h *hospital) measure(ctx context.Context, r boardRow, rng *rand.Rand, ill int) error {
	set := vitals(rng, ill)
	fields := map[string]any{}
	for k := range vitalCodes {
		fields[k] = set[k]
	}
	return h.enter(ctx, h.ward, users[0].name, "record_vitals", r.Who.Number, map[string]any{"patient": r.Who.ID, "set": set}, fields)
}

// shift is ordinary work with the network up.
func (h *hospital) shift(ctx context.Context) error {
	h.say("The ward is on the board. The nurse goes round: observations, allergies, a chart")
	rng := rand.New(rand.NewPCG(h.o.Seed, 2)) //nolint:gosec // a story, repeatable from its seed
	rows, err := h.board(ctx, h.ward)
	if err != nil {
		return err
	}
	ill := map[string]int{"19": 2, "22": 1, "03": 1}
	for _, r := range rows {
		if r.Who.Bed == "11" || r.Who.Bed == "20" {
			continue // their round is still to come
		}
		if err := h.measure(ctx, r, rng, ill[r.Who.Bed]); err != nil {
			return err
		}
		if r.Allergies.State == "not-recorded" && r.Who.Bed != "07" && r.Who.Bed != "04" && r.Who.Bed != "20" {
			if err := h.enter(ctx, h.ward, users[0].name, "no_known_allergies", r.Who.Number, map[string]any{"patient": r.Who.ID}, nil); err != nil {
				return err
			}
		}
	}
	if err := h.shoot(ctx, "board", "", "", "03-ward-board"); err != nil {
		return err
	}
	seven, err := h.bed(ctx, h.ward, "07")
	if err != nil {
		return err
	}
	if _, err := h.open(ctx, h.ward, seven.Who.ID); err != nil {
		return err
	}
	if err := h.shoot(ctx, "chart", seven.Who.ID, "Results", "04-chart-results"); err != nil {
		return err
	}
	if err := h.shoot(ctx, "chart", seven.Who.ID, "Vital signs", "05-vital-signs"); err != nil {
		return err
	}
	if err := h.shoot(ctx, "chart", seven.Who.ID, "Allergies", "06-allergies"); err != nil {
		return err
	}
	return h.shoot(ctx, "board", "", "", "")
}

// outage cuts the cable; the potassium arrives while it is cut.
func (h *hospital) outage(ctx context.Context) error {
	h.say("The network goes out. Ward and clinic are cut off; the laboratory is not")
	h.net.Cut()
	for _, s := range []*Station{h.ward, h.clinic} {
		if err := WaitFor(ctx, "the "+s.Name+" station notices", 60*time.Second, func(ctx context.Context) (bool, error) {
			l, err := h.link(ctx, s)
			return err == nil && !l.Connected, err
		}); err != nil {
			return err
		}
	}
	h.pause(2 * time.Second)
	if err := h.shoot(ctx, "board", "", "", "07-network-out"); err != nil {
		return err
	}
	potassium, err := h.story("potassium.hl7")
	if err != nil {
		return err
	}
	h.say("A potassium of 6.8 for bed 07 reaches central")
	if err := h.send(ctx, potassium); err != nil {
		return err
	}
	if err := h.undelivered(ctx); err != nil {
		return err
	}
	return h.offlineWork(ctx)
}

// undelivered: central must say that no screen of the ward has shown it.
func (h *hospital) undelivered(ctx context.Context) error {
	lines, err := h.look(ctx, "undelivered", "--json")
	if err != nil {
		return err
	}
	for _, l := range lines {
		if strings.Contains(string(l), `"4B"`) && strings.Contains(strings.ToLower(string(l)), "potassium") {
			h.say("Central says: not yet on any screen of ward 4B")
			return nil
		}
	}
	h.breach("central does not show the potassium as undelivered to ward 4B")
	return nil
}

func (h *hospital) offlineWork(ctx context.Context) error {
	h.say("The ward works on: observations, an older critical result is taken, allergies are asked for")
	rng := rand.New(rand.NewPCG(h.o.Seed, 3)) //nolint:gosec // a story, repeatable from its seed
	for bed, ill := range map[string]int{"11": 1, "07": 1} {
		r, err := h.bed(ctx, h.ward, bed)
		if err != nil {
			return err
		}
		if err := h.measure(ctx, r, rng, ill); err != nil {
			return err
		}
	}
	nineteen, err := h.bed(ctx, h.ward, "19")
	if err != nil {
		return err
	}
	if c := nineteen.Critical; c == nil || !c.Open {
		h.breach("the lactate of bed 19 is no open critical result on the ward station")
	} else if err := h.enter(ctx, h.ward, users[0].name, "take", nineteen.Who.Number,
		map[string]any{"patient": nineteen.Who.ID, "result": c.ID, "version": c.Version, "kind": "taken"}, map[string]any{"result": c.ID}); err != nil {
		return err
	}
	seven, err := h.bed(ctx, h.ward, "07")
	if err != nil {
		return err
	}
	if err := h.enter(ctx, h.ward, users[0].name, "no_known_allergies", seven.Who.Number, map[string]any{"patient": seven.Who.ID}, nil); err != nil {
		return err
	}
	h.say("At the clinic, offline too, penicillin anaphylaxis is recorded for the same patient")
	typed := map[string]any{
		"substance": "Penicillin", "reaction": "anaphylaxis", "severity": "severe", "certainty": "confirmed",
		"note": "Amoxicillin 2019, adrenaline given. GP letter.",
	}
	args := maps.Clone(typed)
	args["patient"] = seven.Who.ID
	return h.enter(ctx, h.clinic, users[2].name, "add_allergy", seven.Who.Number, args, typed)
}

const unfinished = "Called at the bedside, she is short of breath and"

// kills ends central and the ward station as a power cut would.
func (h *hospital) kills(ctx context.Context) error {
	h.say("Central is killed (SIGKILL) and started again")
	h.central.Kill()
	if err := h.startCentral(ctx); err != nil {
		return err
	}
	eleven, err := h.bed(ctx, h.ward, "11")
	if err != nil {
		return err
	}
	h.say("The ward station is killed in the middle of a note")
	if err := h.writeHalf(ctx, eleven.Who.ID); err != nil {
		return err
	}
	h.ward.Kill()
	if err := h.startWard(); err != nil {
		return err
	}
	if err := h.signIn(ctx, h.ward, 0); err != nil {
		return err
	}
	var kept struct {
		Drafts []struct {
			Patient string `json:"patient"`
			Body    string `json:"body"`
		} `json:"drafts"`
	}
	if err := h.ward.Call(ctx, "drafts", nil, &kept); err != nil {
		return err
	}
	found := false
	for _, d := range kept.Drafts {
		found = found || d.Patient == eleven.Who.ID && d.Body == unfinished
	}
	if !found {
		h.breach("the draft did not survive the kill")
	}
	h.say("It starts again with the network out: the draft is there")
	if _, err := h.open(ctx, h.ward, eleven.Who.ID); err != nil {
		return err
	}
	if err := h.shoot(ctx, "chart", eleven.Who.ID, "Notes", "08-draft-after-kill"); err != nil {
		return err
	}
	return h.enter(ctx, h.ward, users[0].name, "note", eleven.Who.Number,
		map[string]any{"patient": eleven.Who.ID, "text": unfinished + " sits up. Sats 95 %."}, map[string]any{"text": unfinished + " sits up. Sats 95 %."})
}

// writeHalf types half a note: by the keyboard where the screen is ours.
func (h *hospital) writeHalf(ctx context.Context, id string) error {
	if !h.stage.Own {
		return h.ward.Call(ctx, "draft", map[string]any{"patient": id, "kind": "note", "body": unfinished}, nil)
	}
	if err := h.shoot(ctx, "chart", id, "Notes", ""); err != nil {
		return err
	}
	if err := h.clickOn(ctx, "note"); err != nil {
		return err
	}
	if err := h.stage.Type(ctx, unfinished); err != nil {
		return err
	}
	time.Sleep(time.Second) // a draft is written a third of a second after typing rests
	return nil
}

// back mends the cable: the potassium alerts, and is taken.
func (h *hospital) back(ctx context.Context) error {
	h.say("The network returns")
	if err := h.shoot(ctx, "board", "", "", ""); err != nil {
		return err
	}
	if err := h.net.Mend(); err != nil {
		return err
	}
	var seven boardRow
	err := WaitFor(ctx, "the potassium on the ward", 60*time.Second, func(ctx context.Context) (bool, error) {
		var err error
		seven, err = h.bed(ctx, h.ward, "07")
		return err == nil && seven.Critical != nil && seven.Critical.Value == "6.8" && seven.Critical.Open, err
	})
	if err != nil {
		return err
	}
	h.say("The potassium alerts on the ward")
	if err := h.takePotassium(ctx, seven); err != nil {
		return err
	}
	corrected, err := h.story("corrected.hl7")
	if err != nil {
		return err
	}
	moved, err := h.story("update.hl7") // the patient system speaks again, too
	if err != nil {
		return err
	}
	corrected = append(corrected, moved...)
	if err := h.send(ctx, corrected); err != nil {
		return err
	}
	for _, s := range []*Station{h.ward, h.clinic} {
		if err := h.allSent(ctx, s); err != nil {
			return err
		}
	}
	if err := h.allergyStands(ctx); err != nil {
		return err
	}
	return firstOf(
		h.shoot(ctx, "reviews", "", "", "10-reviews"), h.shoot(ctx, "alerts", "", "", "11-alerts"),
		h.shoot(ctx, "chart", seven.Who.ID, "Results", "12-chart-after"), h.shoot(ctx, "keys", "", "", "13-keys"),
		h.shoot(ctx, "board", "", "", "14-board-after"),
	)
}

// takePotassium owns the alert: by a real click where the screen is ours.
func (h *hospital) takePotassium(ctx context.Context, seven boardRow) error {
	c := seven.Critical
	fields := map[string]any{"result": c.ID}
	if !h.stage.Own {
		if h.windowed() {
			h.pause(6 * time.Second) // time to read the card, and to take it oneself
		}
		return h.enter(ctx, h.ward, users[0].name, "take", seven.Who.Number, map[string]any{
			"patient": seven.Who.ID, "result": c.ID, "version": c.Version, "kind": "taken",
		}, fields)
	}
	n, err := h.intents.Mean(Intent{Kind: "entry", Station: "ward", User: users[0].name, Command: "take", Fields: fields})
	if err != nil {
		return err
	}
	time.Sleep(1500 * time.Millisecond) // the card opens, and its guard passes
	if err := h.stage.Shoot(ctx, "09-critical-alert"); err != nil {
		return err
	}
	if err := h.clickOn(ctx, "take"); err != nil {
		return err
	}
	err = WaitFor(ctx, "the click takes the potassium", 45*time.Second, func(ctx context.Context) (bool, error) {
		r, err := h.bed(ctx, h.ward, "07")
		return err == nil && (r.Critical == nil || !r.Critical.Open), err
	})
	return firstOf(err, h.intents.Done(n, "", nil, ""))
}

func (h *hospital) allSent(ctx context.Context, s *Station) error {
	return WaitFor(ctx, "everything of the "+s.Name+" station is receipted", 60*time.Second, func(ctx context.Context) (bool, error) {
		l, err := h.link(ctx, s)
		return err == nil && l.Connected && l.Unsent == 0, err
	})
}

// allergyStands: the allergy is in force on both stations, and a review waits.
func (h *hospital) allergyStands(ctx context.Context) error {
	for _, s := range []*Station{h.ward, h.clinic} {
		err := WaitFor(ctx, "the allergy on the "+s.Name+" station", 60*time.Second, func(ctx context.Context) (bool, error) {
			r, err := h.bed(ctx, s, map[string]string{"ward": "07", "clinic": "1"}[s.Name])
			if s.Name == "clinic" {
				r, err = h.byFamily(ctx, s, "Adeyemi")
			}
			return err == nil && r.Allergies.State == "known" && strings.EqualFold(r.Allergies.Worst, "penicillin"), err
		})
		if err != nil {
			h.breach("the penicillin allergy is not in force on the %s station", s.Name)
		}
		var r struct {
			Reviews []json.RawMessage `json:"reviews"`
		}
		if err := h.list(ctx, s, "reviews", &r); err != nil {
			return err
		}
		if len(r.Reviews) != 1 {
			h.breach("%d reviews wait on the %s station, 1 expected", len(r.Reviews), s.Name)
		}
	}
	h.say("The allergy stays in force, and a review waits for a person. Everything is receipted")
	return nil
}
