package demo

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"wardlight/internal/fault"
)

// sight is one picture of the tour: where it stands, what is pressed there, and what is
// said about it.
type sight struct {
	file, title, words string

	page, tab string
	bed       string   // whose chart
	keys      []string // pressed on the page, by their X names
	sees      string   // what stands there then
	typed     string   // written after them
	then      []string // and pressed after that
	as        int      // who sits there, of users
	cut       bool     // the network is out
	look      string   // a theme's name; "" for light
	language  string   // "de"; "" for English
	larger    int      // per cent; 0 for 100
}

// sights are the tour, in the order of a shift. Who adds a screen adds it here.
var sights = []sight{
	{
		file: "sign-in", page: "signin", title: "Sign in",
		words: "A name and a PIN. Nothing of a patient is shown before, and the page says whether central is reached and what is still to be sent. It works with the network out for whoever has signed in here before.",
	},
	{
		file: "board", page: "board", title: "The ward board",
		words: "One row a patient, who is getting worse on top: bed, name, NEWS2 with its trend, observations due, allergies, what nobody has acknowledged. Similar names are marked. The strip above says how old everything is.",
	},
	{
		file: "card", page: "board", keys: []string{"F4"}, title: "A critical result",
		words: "A band first, which takes the focus from nobody; the card opens by F4, or by itself when the hands rest. `I take it` is one press. This one could not be filed, for its patient is not known here: it warns nevertheless.",
	},
	{
		file: "chart-results", page: "chart", bed: "07", tab: "Results", title: "Chart: results",
		words: "The banner stays in place. Panels as a cumulative table, the chosen test as a curve with its bands; a corrected value keeps what was said before.",
	},
	{
		file: "chart-vitals", page: "chart", bed: "07", tab: "Vital signs", keys: []string{"F8"}, title: "Chart: vital signs",
		words: "The observation chart in the manner of NEWS2: gaps stay gaps, and a set that is not whole says `at least`.",
	},
	{
		file: "observe", page: "chart", bed: "11", tab: "Vital signs", keys: []string{"ctrl+o"}, sees: "respirations", title: "Observations",
		words: "One pass on the keyboard; the score follows while typing. An impossible value is refused at its field, an improbable one asked again.",
	},
	{
		file: "chart-allergies", page: "chart", bed: "07", tab: "Allergies", title: "Chart: allergies",
		words: "What the ward wrote (none known) and what the clinic wrote (anaphylaxis) while both were cut off: the allergy stands, and a person decides.",
	},
	{
		file: "chart-orders", page: "chart", bed: "07", tab: "Orders", title: "Chart: orders",
		words: "What was asked for and where it stands. Until a laboratory is linked an order says that it waits.",
	},
	{
		file: "order", page: "chart", bed: "07", tab: "Orders", as: doctor, keys: []string{"ctrl+t"}, typed: "potassium", then: []string{"Return"}, title: "A new order",
		words: "Sets and search; the last result or the pending sample stands beside what would be a duplicate, an allergy beside what it speaks against.",
	},
	{
		file: "chart-notes", page: "chart", bed: "11", tab: "Notes", title: "Chart: notes",
		words: "Saved while one types, sealed to the author. This note was half written when the computer was killed. What was written on paper is entered with the time at which it was true.",
	},
	{
		file: "chart-problems", page: "chart", bed: "07", tab: "Problems", keys: []string{"F2"}, typed: "Pneumonia, right base", title: "Chart: problems",
		words: "Diagnoses that the hospital's system sent and problems that were written here, by what holds; resolved by one press and taken back by one. The list says that it may not be complete.",
	},
	{
		file: "chart-medicines", page: "chart", bed: "07", tab: "Medicines", title: "Chart: medicines",
		words: "What was requested here, held against the allergies of now. It says that it is no drug chart, and what it cannot know.",
	},
	{
		file: "chart-tasks", page: "chart", bed: "07", tab: "Tasks", title: "Chart: tasks",
		words: "What is to be done for this patient, and what was done today by whom; ticked and taken back in place.",
	},
	{
		file: "chart-documents", page: "chart", bed: "07", tab: "Documents", title: "Chart: documents",
		words: "What came with results: how large it is, and whether it is on this computer. Opening one is a look, and recorded.",
	},
	{
		file: "chart-routines", page: "chart", bed: "07", tab: "Routines", title: "Chart: routines",
		words: "The ward's checklists in place of paper: each step is ticked in one press and taken back by one, by whom and when; some open the page on which the step is done.",
	},
	{
		file: "chart-visits", page: "chart", bed: "07", tab: "Visits", title: "Chart: visits",
		words: "Present, expected and past stays with their moves, who is responsible and how long it has lasted by now; a cancelled one is struck through, and what is not on this computer is said.",
	},
	{
		file: "chart-timeline", page: "chart", bed: "07", tab: "Timeline", title: "Chart: the timeline",
		words: "Everything by when it was true, and beside it when it was received or recorded where that differs; what was written afterwards carries both times. By kind, letters jump, Enter opens.",
	},
	{
		file: "phoned", page: "chart", bed: "07", tab: "Results", keys: []string{"ctrl+j"}, sees: "read-back", title: "A phoned result",
		words: "Who called, the value as it was said, read back or why not. The electronic result becomes one with it.",
	},
	{
		file: "inbox", page: "results", title: "Results inbox",
		words: "What nobody has acknowledged, critical first; corrected values with old and new side by side.",
	},
	{
		file: "alerts", page: "alerts", title: "Alerts",
		words: "What is open, what somebody has taken and by when the action is to be recorded, and who is told next.",
	},
	{
		file: "reviews", page: "reviews", title: "Reviews",
		words: "Two people wrote what contradicts while they could not see one another. No rule decides: both are said in words, and two presses settle it.",
	},
	{file: "tasks", page: "tasks", title: "Tasks", words: "What is to be done, for a person or a role, finished by one press and taken back by one."},
	{
		file: "handover", page: "handover", typed: "adeyemi", title: "Handover",
		words: "I-PASS, filled from the record with times; what somebody wrote is never changed by itself. Giver and receiver sign.",
	},
	{
		file: "orders", page: "orders", title: "Orders of the ward",
		words: "What the whole ward asked for and waits for, the oldest first, and what is late.",
	},
	{
		file: "routines", page: "routines", as: charge, title: "Routines",
		words: "The ward writes its checklists itself: admission, discharge, a round. Each version has its author; each step can be switched off, and what became of it is counted.",
	},
	{
		file: "rules", page: "rules", title: "Alert rules",
		words: "Each rule with its source, its limits and who set them, and what became of it: how often it fired, what people did, and whether it may be muted. The hospital's own limits are set within a range.",
	},
	{
		file: "on-call", page: "board", keys: []string{"ctrl+k"}, sees: "search", typed: "on call", then: []string{"Return"}, title: "On call",
		words: "Who is on call, by role and hour: the ladder of an alert says whom it tells, and mail and pager go to them.",
	},
	{
		file: "search", page: "board", keys: []string{"ctrl+k"}, sees: "search", typed: "ngu", title: "Find anything",
		words: "Patient, page or action by a few letters; accents and the order of names are forgiven, and similar names are told apart.",
	},
	{
		file: "drafts", page: "chart", bed: "07", tab: "Problems", keys: []string{"F2"}, typed: "Pneumonia, right base", then: []string{"ctrl+k"}, title: "What is not saved yet",
		words: "What is being typed is a draft, sealed to its author: it survives a lock, another person and a crash. The search lists one's own on top, and opens the form where it was left.",
	},
	{
		file: "emergency", page: "board", keys: []string{"ctrl+k"}, sees: "search", typed: "emergency access", then: []string{"Down", "Return"}, title: "Emergency access",
		words: "For a patient of another ward whom somebody must treat now: with a reason and the PIN once more, for an hour, and each one is reviewed.",
	},
	{file: "keys", page: "keys", title: "Keys", words: "Every action has a key."},
	{file: "settings", page: "settings", tab: "appearance", title: "Settings", words: "Language, theme and size of text, for this person on this computer."},
	{file: "settings-sound", page: "settings", tab: "sound", title: "Settings: sound", words: "How this computer sounds by day and by night, and until when it is muted. For this picture the site has chosen none, and the page says so."},
	{file: "settings-printing", page: "settings", tab: "printing", title: "Settings: printing", words: "On what labels are printed here."},
	{file: "settings-account", page: "settings", tab: "account", title: "Settings: account", words: "One's own PIN, and where one is signed in besides; from here every other session is ended."},
	{file: "settings-about", page: "settings", tab: "about", title: "Settings: about", words: "Which version this is, on which computer of which ward."},
	{file: "settings-licences", page: "settings", tab: "licences", title: "Settings: licences", words: "What the program is made of, with each licence whole."},
	{file: "wall", page: "wall", title: "The ward on the wall", words: "For the large screen: bed and initials only."},
	{
		file: "outage", page: "board", cut: true, title: "The network is out",
		words: "The strip says since when, and what it means: results after that time are not here. Everything that is here works on. Below it stands which ward pack is kept ready, and one press prints it.",
	},
	{
		file: "outage-page", page: "outage", cut: true, title: "An outage, in full",
		words: "What is not here, what waits to be sent, and afterwards what came meanwhile.",
	},
	{file: "dark", page: "board", look: "dark", title: "Dark", words: "For the night. Colour is never alone: every mark has a shape or a word."},
	{file: "contrast", page: "chart", bed: "07", tab: "Results", look: "high-contrast", title: "High contrast", words: "Black, white and few colours."},
	{file: "german", page: "board", language: "de", title: "In German", words: "The other language, chosen by each person in the settings; it holds at once. What stands in the record stays as it was written, and values and times are never rewritten."},
	{file: "german-chart", page: "chart", bed: "07", tab: "Results", language: "de", title: "A chart in German", words: "What a rule says of a value is said in the language of whoever reads."},
	{file: "large", page: "chart", bed: "07", tab: "Results", larger: 200, title: "Text at 200 %", words: "No value, unit, flag or time is cut; what has no room moves below."},
}

// tour takes the pictures of docs/tour.md and writes the page itself.
func (h *hospital) tour(ctx context.Context) error {
	h.say("The tour: a picture of each screen")
	h.stage.Shots = filepath.Join(h.o.Tour, "tour")
	if err := os.MkdirAll(h.stage.Shots, 0o755); err != nil { //nolint:gosec // pictures, for everybody to look at
		return fault.As(fault.Unavailable, "demo.tour", h.stage.Shots, err)
	}
	h.stamp = time.Now().UTC().Format(time.RFC3339)
	if err := h.furnish(ctx); err != nil {
		return err
	}
	for _, s := range sights {
		if err := h.visit(ctx, s); err != nil {
			return fault.As(fault.Unavailable, "demo.tour", s.file, err)
		}
	}
	page := filepath.Join(h.o.Tour, "tour.md")
	return fault.As(fault.Unavailable, "demo.tour", page, os.WriteFile(page, tourPage(h.stamp), 0o644)) //nolint:gosec // documentation, for everybody to read
}

// Who sits at the ward's window in the tour, of users.
const (
	nurse  = 0
	doctor = 1
	charge = 3
)

// sit lets somebody else sit down at the ward's window.
func (h *hospital) sit(ctx context.Context, who int) error {
	if h.sits == who {
		return nil
	}
	if err := h.ward.Call(ctx, "show", map[string]any{"page": "signin"}, nil); err != nil {
		return err
	}
	h.sits = who
	return h.signIn(ctx, h.ward, who)
}

// visit goes where a picture is to be taken, and takes it.
func (h *hospital) visit(ctx context.Context, s sight) error {
	if err := firstOf(h.dress(ctx, s), h.sit(ctx, s.as), h.weather(ctx, s.cut)); err != nil {
		return err
	}
	if err := h.turn(ctx, s); err != nil {
		return err
	}
	if err := h.press(ctx, s.keys); err != nil {
		return err
	}
	if s.sees != "" {
		if err := WaitFor(ctx, s.sees+" is on the screen", 60*time.Second, func(ctx context.Context) (bool, error) {
			return h.sees(ctx, s.sees), nil
		}); err != nil {
			return err
		}
		time.Sleep(drawn)
	}
	if s.typed != "" {
		if err := h.stage.Type(ctx, s.typed); err != nil {
			return err
		}
		time.Sleep(drawn)
	}
	if err := h.press(ctx, s.then); err != nil {
		return err
	}
	if err := h.picture(ctx, s.file); err != nil {
		return err
	}
	if s.page == "signin" {
		return h.signIn(ctx, h.ward, h.sits)
	}
	if len(s.keys) > 0 || s.page == "keys" { // what was opened is closed again
		return h.press(ctx, []string{"Escape", "Escape"})
	}
	return nil
}

// turn shows a sight's page, and waits until it is read and nothing lies over it: a card
// that opens by itself meanwhile, as after the window began anew, is set aside by turning
// there again.
func (h *hospital) turn(ctx context.Context, s sight) error {
	patient := ""
	if s.bed != "" {
		r, err := h.bed(ctx, h.ward, s.bed)
		if err != nil {
			return err
		}
		patient = r.Who.ID
	}
	for {
		if err := h.ward.Call(ctx, "show", map[string]any{"page": s.page, "patient": patient, "tab": s.tab}, nil); err != nil {
			return err
		}
		if err := WaitFor(ctx, "the page is read", 60*time.Second, func(ctx context.Context) (bool, error) {
			var r struct {
				Page string
				Read bool
			}
			err := h.ward.Call(ctx, "drawn", nil, &r)
			return r.Read && (r.Page == s.page || s.page == "keys"), err
		}); err != nil {
			return err
		}
		time.Sleep(2 * drawn)
		if !h.sees(ctx, "set-aside") {
			return ctx.Err()
		}
	}
}

// sees says whether something that the window names is on the screen.
func (h *hospital) sees(ctx context.Context, name string) bool {
	return h.ward.Call(ctx, "where", map[string]any{"name": name}, nil) == nil
}

// stampKey is the text in a picture that says in which tour it was made, so that one
// which was left behind when the others were made anew is found.
const stampKey = "tour"

// picture takes one, and keeps 255 of its colours: a third of the bytes, and no eye
// finds the others.
func (h *hospital) picture(ctx context.Context, file string) error {
	path := filepath.Join(h.stage.Shots, file+".png")
	return firstOf(h.stage.Shoot(ctx, file), h.stage.tool(ctx, "convert", path, "+dither", "-colors", "255", "-set", stampKey, h.stamp, "PNG8:"+path))
}

// drawn is how long a picture waits for what it shows.
const drawn = 1500 * time.Millisecond

func (h *hospital) press(ctx context.Context, keys []string) error {
	for _, k := range keys {
		if err := h.stage.Key(ctx, k); err != nil {
			return err
		}
		time.Sleep(drawn)
	}
	return nil
}

// dress opens the window anew where it looks otherwise, and takes the story's strip off.
func (h *hospital) dress(ctx context.Context, s sight) error {
	want := clothes{theme: s.look, scale: s.larger, language: s.language}
	if want != h.worn {
		h.worn = want
		h.ward.Stop(5 * time.Second)
		if err := firstOf(h.startWard(), h.signIn(ctx, h.ward, h.sits)); err != nil {
			return err
		}
	}
	return h.ward.Call(ctx, "story", map[string]any{"text": ""}, nil)
}

// weather cuts the network or mends it, and waits until the ward has noticed. Something is
// written while it is cut.
func (h *hospital) weather(ctx context.Context, cut bool) error {
	l, err := h.link(ctx, h.ward)
	if err != nil || l.Connected != cut {
		return err
	}
	if cut {
		h.net.Cut()
	} else if err := h.net.Mend(); err != nil {
		return err
	}
	if err := WaitFor(ctx, "the ward notices the network", 60*time.Second, func(ctx context.Context) (bool, error) {
		l, err := h.link(ctx, h.ward)
		return err == nil && l.Connected != cut, err
	}); err != nil || !cut {
		return err
	}
	r, err := h.bed(ctx, h.ward, "11") // something waits to be sent, as always in an outage
	if err != nil {
		return err
	}
	_, err = h.write(ctx, "note", r.Who.ID, map[string]any{"text": "Sleeps, breathes easily. Family phoned back."})
	return err
}

// clothes are how the ward's window looks.
type clothes struct {
	theme    string // "" for light
	scale    int    // per cent; 0 for 100
	language string // "" for English
}

func (c clothes) args() []string {
	return []string{"--theme", cmp.Or(c.theme, "light"), "--scale", strconv.Itoa(cmp.Or(c.scale, 100)), "--language", cmp.Or(c.language, "en")}
}

// tourPage is docs/tour.md of the pictures that were made together at stamp.
func tourPage(stamp string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# A tour\n\nEvery screen, with the synthetic ward of the demonstration. Made by `make tour`: the\nwindow itself, on a screen in memory, driven by its own keys. All of them were made\ntogether, at %s.\n", stamp)
	for _, s := range sights {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n![%s](tour/%s.png)\n", s.title, s.words, s.title, s.file)
	}
	return b.Bytes()
}
