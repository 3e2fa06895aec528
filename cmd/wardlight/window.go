package main

import (
	"context"
	"encoding/json"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver/desktop"

	"wardlight/assets"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
	"wardlight/internal/station/headless"
	"wardlight/internal/station/seat"
	"wardlight/internal/words"
	"wardlight/internal/words/languages"
	"wardlight/ui/settings"
	"wardlight/ui/shell"
	"wardlight/ui/theme"
)

type windowCmd struct {
	station
	Drive        bool          `help:"Also answer JSON lines on standard input and output, as 'headless' does, with show, where and story."`
	Size         string        `help:"Size of the window in pixels, WxH; by default it fills the screen it opens on." placeholder:"WxH"`
	Fullscreen   bool          `help:"Without frame, over the whole screen."`
	Theme        string        `enum:"light,dark,high-contrast,system" default:"light" help:"light, dark, high-contrast or system, while nobody has chosen in Settings."`
	Language     string        `help:"Language of the window while nobody has chosen in Settings: en or de; by default the computer's, English where there is none of it." env:"WARDLIGHT_LANGUAGE" placeholder:"TAG"`
	Scale        int           `default:"100" help:"Size of text, rows and icons in per cent, 80 to 200, while nobody has chosen in Settings."`
	IdleLock     time.Duration `default:"5m" help:"After how long an unused window locks itself: 30s to 1h. A window that a script drives does not." env:"WARDLIGHT_IDLE_LOCK" placeholder:"TIME"`
	OpenWall     bool          `help:"Show the ward for the wall (F11: bed and initials only) with nobody signed in. Only where the site allows it." env:"WARDLIGHT_OPEN_WALL"`
	LabelPrinter string        `help:"The printer of labels, as the printing system calls it; by default the computer's own printer." env:"WARDLIGHT_LABEL_PRINTER" placeholder:"NAME"`
	NoSound      bool          `help:"This computer makes no sound, where the site wants none of it." env:"WARDLIGHT_NO_SOUND"`
	Phone        string        `help:"The laboratory's telephone, said while the network is out." placeholder:"NUMBER"`
}

// Validate refuses what kong cannot know.
func (c *windowCmd) Validate() error {
	if c.Scale < 80 || c.Scale > 200 {
		return fault.New(fault.Invalid, "window", "", "--scale is 80 to 200")
	}
	if c.IdleLock < 30*time.Second || c.IdleLock > time.Hour {
		return fault.New(fault.Invalid, "window", "", "--idle-lock is 30s to 1h")
	}
	if c.Language != "" && !languages.Known(c.Language) {
		return fault.New(fault.Invalid, "window", "", "--language is en or de")
	}
	_, err := c.size()
	return err
}

// idleLock is when the window locks itself. Nobody sits before one that a script
// drives; a script locks when it means to.
func (c *windowCmd) idleLock() time.Duration {
	if c.Drive {
		return 0
	}
	return c.IdleLock
}

func (c *windowCmd) size() (fyne.Size, error) {
	if c.Size == "" {
		return fyne.NewSize(1366, 768), nil
	}
	w, h, ok := strings.Cut(c.Size, "x")
	x, errX := strconv.Atoi(w)
	y, errY := strconv.Atoi(h)
	if !ok || errX != nil || errY != nil || x < 640 || y < 480 || x > 16384 || y > 16384 {
		return fyne.Size{}, fault.New(fault.Invalid, "window", "", "--size is WIDTHxHEIGHT in pixels, 640x480 at least")
	}
	return fyne.NewSize(float32(x), float32(y)), nil
}

func (c *windowCmd) look() theme.Options {
	mode := map[string]theme.Mode{"light": theme.Light, "dark": theme.Dark, "high-contrast": theme.HighContrast}[c.Theme]
	return theme.Options{Mode: mode, Scale: float32(c.Scale) / 100}
}

// own are the settings of the window alone that somebody's safety depends on: they go on record
// where they differ from the last start's.
func (c *windowCmd) own() []seat.Setting {
	onOff := map[bool]string{true: "yes", false: "no"}
	lock := "never: a script drives it"
	if after := c.idleLock(); after > 0 {
		lock = after.String()
	}
	return []seat.Setting{
		{Name: "--idle-lock", Value: lock},
		{Name: "--open-wall", Value: onOff[c.OpenWall]},
		{Name: "--no-sound", Value: onOff[c.NoSound]},
		{Name: "--label-printer", Value: c.LabelPrinter},
		{Name: "--phone", Value: c.Phone},
		{Name: "--drive", Value: onOff[c.Drive]},
	}
}

// Run opens the window. Graphics that do not work are found out by a child
// process, while the station opens, because the toolkit ends the process then.
func (c *windowCmd) Run() error {
	withShortTextures()
	languages.SetComputer(c.Language)
	languages.Use("")
	goMemory.follow() // checking a PIN takes 64 MiB for a fifth of a second: give it back
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	type answer struct {
		words string
		ok    bool
	}
	works := make(chan answer, 1)
	go func() {
		words, ok := displayWorks()
		works <- answer{words, ok}
	}()
	c.wall, c.labels, c.door, c.set, c.hand = c.OpenWall, c.LabelPrinter, "window", c.own(), handHere.moves
	s, err := c.open(ctx)
	if err != nil {
		say(err) // whoever started it from a terminal sees no dialog, perhaps
		if a := <-works; a.ok && !c.Drive {
			showFor(ctx, err, c.look())
		}
		return told{err}
	}
	if a := <-works; !a.ok {
		_ = s.Close() // nothing was entered yet
		return fault.New(fault.Unavailable, "window", "", a.words)
	}
	s.Answer()
	live, end := untilGone(ctx, s)
	err = c.show(live, s)
	end()
	if gone := whyGone(s); gone != nil {
		err = gone
	}
	if cerr := s.Close(); err == nil {
		err = cerr
	}
	return err
}

// inUseFor is how long a second program on a folder says so before it ends by
// itself: perhaps nobody sits there who could close it.
const inUseFor = 20 * time.Second

// showFor says why there is no window: until somebody closes it, or, where the window
// that is open already is the one to use, for a while.
func showFor(ctx context.Context, err error, look theme.Options) {
	text := words.Say(err)
	if fault.Is(err, fault.Exists) {
		var end context.CancelFunc
		ctx, end = context.WithTimeout(ctx, inUseFor)
		defer end()
		text += " " + words.F("This notice closes by itself after %d seconds.", int(inUseFor/time.Second))
	}
	notice(ctx, text, look)
}

// show runs the window until it is closed, the script ends, or ctx ends.
func (c *windowCmd) show(ctx context.Context, s *seat.Seat) error {
	a := app.NewWithID("wardlight." + string(s.Info().Station)) // two stations on one computer share nothing
	a.Settings().SetTheme(theme.New(c.look()))
	if kept, ok := s.Look(""); ok { // somebody chose for everybody who uses this computer
		shell.Apply(kept)
	}
	size, err := c.size()
	if err != nil {
		return err
	}
	w := c.window(a)
	w.SetTitle("Wardlight") // no name of a patient ever stands in a title
	w.SetPadded(false)
	// Memory is dearer than time on a ward's PC. Little is allocated while nothing
	// changes, so that a small share above what lives costs little time.
	debug.SetGCPercent(25)
	view := shell.New(shell.Config{Sound: c.output(), Station: shellStation{s}, TitleIn: func() string { return wardTitle(s) }, Place: s.Info().Place, Version: version, Phone: c.Phone, IdleLock: c.idleLock(), OpenWall: c.OpenWall, Licences: licences(), Hurry: goMemory.hurry, Hand: handHere.moved, Hospital: s, Browse: browser(a)})
	w.SetContent(view.Content())
	w.Resize(size)
	view.Attach(w.Canvas())
	w.SetMaster()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		<-ctx.Done()
		fyne.Do(a.Quit)
	}()
	a.Lifecycle().SetOnStarted(func() {
		c.draws(s, true)
		view.Start()
		go trim(ctx)
		if c.Drive {
			go c.drive(ctx, cancel, s, view)
		}
	})
	w.Show()
	if c.Fullscreen {
		w.SetFullScreen(true)
	}
	a.Run()
	c.draws(s, false)
	view.Stop()
	return nil
}

// licences are those of everything that is inside this program.
func licences() []settings.Licence {
	var out []settings.Licence
	for _, l := range assets.LicencesOf() {
		out = append(out, settings.Licence{Of: l.Of, Text: l.Text})
	}
	return out
}

// window is an ordinary one, or without a frame where a script drives it at a
// size of its own: its pixels are then the screen's from the corner on.
func (c *windowCmd) window(a fyne.App) fyne.Window {
	if d, ok := a.Driver().(desktop.Driver); ok && c.Drive && c.Size != "" && !c.Fullscreen {
		return d.CreateSplashWindow()
	}
	return a.NewWindow("Wardlight")
}

// drive answers JSON lines until they end; then the window closes.
func (c *windowCmd) drive(ctx context.Context, end func(), s *seat.Seat, view *shell.Shell) {
	defer end()
	err := headless.Run(ctx, headless.Config{
		Station: deskOf{s}, About: about(s.Info()), In: os.Stdin, Out: os.Stdout,
		Extra: map[string]func(context.Context, []byte) (any, error){
			"show": driveShow(view), "where": driveWhere(view), "story": driveStory(view), "drawn": driveDrawn(view),
			"list": driveList(view), "await": driveAwait(view), "await_page": driveAwaitPage(view), "scrolled": driveScrolled(view), "walked": driveWalked(s), "open": driveOpen(view),
		},
	})
	if err != nil && ctx.Err() == nil {
		logger().Error("the script that drives the window broke off", "err", err)
	}
}

// driveRequest is what the three further commands may hold.
type driveRequest struct {
	ID      json.RawMessage `json:"id"`
	Cmd     string          `json:"cmd"`
	Page    string          `json:"page"`
	Patient fhir.ID         `json:"patient"`
	Tab     string          `json:"tab"`
	Name    string          `json:"name"`
	Text    string          `json:"text"`
}

func driveParse(text []byte) (driveRequest, error) {
	var r driveRequest
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return r, fault.New(fault.Invalid, "window.drive", "", "A field of the request is not known or cannot be read. Nothing was done.")
	}
	return r, nil
}

func driveShow(view *shell.Shell) func(context.Context, []byte) (any, error) {
	return func(_ context.Context, text []byte) (any, error) {
		r, err := driveParse(text)
		if err != nil {
			return nil, err
		}
		ok, page := false, ""
		fyne.DoAndWait(func() { ok, page = view.Show(r.Page, r.Patient, r.Tab), view.Page() })
		if !ok {
			return nil, fault.New(fault.NotFound, "window.show", r.Page, "The window has no such page now: sign in first, and name a patient for the chart.")
		}
		return map[string]string{"page": page}, nil
	}
}

func driveWhere(view *shell.Shell) func(context.Context, []byte) (any, error) {
	return func(_ context.Context, text []byte) (any, error) {
		r, err := driveParse(text)
		if err != nil {
			return nil, err
		}
		var x, y int
		ok := false
		fyne.DoAndWait(func() { x, y, ok = view.Where(r.Name) })
		if !ok {
			return nil, fault.New(fault.NotFound, "window.where", r.Name, "That is not to be seen in the window now.")
		}
		return map[string]int{"x": x, "y": y}, nil
	}
}

func driveDrawn(view *shell.Shell) func(context.Context, []byte) (any, error) {
	return func(_ context.Context, text []byte) (any, error) {
		if _, err := driveParse(text); err != nil {
			return nil, err
		}
		var rows, whole int
		var read bool
		var page string
		fyne.DoAndWait(func() { rows, whole = view.Drawn(); page, read = view.Page(), view.Read() })
		return map[string]any{"rows": rows, "whole": whole, "page": page, "read": read}, nil
	}
}

func driveStory(view *shell.Shell) func(context.Context, []byte) (any, error) {
	return func(_ context.Context, text []byte) (any, error) {
		r, err := driveParse(text)
		if err != nil {
			return nil, err
		}
		fyne.DoAndWait(func() { view.Tell(r.Text) })
		return nil, nil
	}
}

// shellStation is a seat as the window wants it.
type shellStation struct{ *seat.Seat }

// Desk implements shell.Station.
func (s shellStation) Desk() (shell.Desk, error) {
	d, err := s.Seat.Desk()
	if err != nil {
		return nil, err
	}
	return d, nil
}

func wardTitle(s *seat.Seat) string {
	i := s.Info()
	if len(i.Wards) == 0 {
		return "Wardlight"
	}
	names := make([]string, len(i.Wards))
	for n, w := range i.Wards {
		names[n] = string(w)
	}
	if len(names) == 1 {
		return words.F("Ward %s", names[0])
	}
	return words.F("Wards %s", strings.Join(names, ", "))
}
