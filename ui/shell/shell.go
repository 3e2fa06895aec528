// Package shell is the window's content: the top bar, the status strip that
// never goes away, the rail, the pages, the alert card above them, the sign-in
// page, and the keys of all of it.
//
// What it promises:
//   - Nothing of a patient is drawn while nobody is signed in or the window is
//     locked.
//   - The display never waits for the desk: every call to it is made on another
//     goroutine, and its answer comes back by the Dispatcher.
//   - Nothing but a person moves the focus, except an alert card, by the rules
//     of the alerts' view model.
//   - A session that begins or ends by another road (a script that drives the
//     station) shows in the window as if a person had typed.
package shell

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	valerts "wardlight/internal/station/view/alerts"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/board"
	"wardlight/internal/station/view/chart"
	vemergency "wardlight/internal/station/view/emergency"
	"wardlight/internal/station/view/handover"
	"wardlight/internal/station/view/idle"
	"wardlight/internal/station/view/orders"
	"wardlight/internal/station/view/outage"
	voverprint "wardlight/internal/station/view/overprint"
	vphoned "wardlight/internal/station/view/phoned"
	"wardlight/internal/station/view/results"
	"wardlight/internal/station/view/reviews"
	vrota "wardlight/internal/station/view/rota"
	vroutines "wardlight/internal/station/view/routines"
	vrules "wardlight/internal/station/view/rules"
	vsettings "wardlight/internal/station/view/settings"
	"wardlight/internal/station/view/signin"
	vsound "wardlight/internal/station/view/sound"
	"wardlight/internal/station/view/strip"
	"wardlight/internal/station/view/tasks"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/settings"
	"wardlight/ui/theme"
)

// Desk is what the window needs of the desk.
type Desk interface {
	board.Desk
	valerts.Desk
	results.Desk
	reviews.Desk
	tasks.Desk
	orders.Desk
	handover.Desk
	vphoned.Desk
	vrota.Desk
	vroutines.Desk
	vrules.Desk
	HandoversWaiting(ctx context.Context) ([]ward.Waiting, error)
	chart.Desk
	outage.Desk
	OpenList(ctx context.Context, list, search string) error
	// Patient is who somebody is, where this computer holds them.
	Patient(ctx context.Context, id ward.PatientID) (ward.Identity, error)
	SignedIn() (ward.Person, bool)
	// WhyEnded is why a session ends, or ended, that its owner did not end here.
	WhyEnded() ward.SessionEnd
	Lock()
}

// Station is what is around the desk. Desk fails before the station is open.
type Station interface {
	signin.Door
	Opened() <-chan struct{}
	Desk() (Desk, error)
	vemergency.Door
	vsettings.Keeper
	vsettings.LabelKeeper
	vsettings.AccountDoor
	vsound.Station
	wallDesk
	Printer
	// BeginDrill practises a downtime for so long; EndDrill ends it.
	BeginDrill(ctx context.Context, lasts time.Duration) error
	EndDrill(ctx context.Context) error
	// Unread is what this person has not read of what happened to the store.
	Unread(user string) []ward.StoreNote
	MarkRead(user, id string) error
}

// Printer prints for the person who is signed in. It says in words what became of
// it; the look is written down before anything is printed.
type Printer interface {
	PrintHandover(ctx context.Context, patients []ward.PatientID) (words string, err error)
	PrintWard(ctx context.Context) (words string, err error)
	// PrintPack prints the ward pack of now; where this computer's copy is not whole,
	// the one that is kept ready.
	PrintPack(ctx context.Context) (words string, err error)
	// What is over the limit (*ward.OverLimit) is printed by PrintOver, with why and the PIN.
	voverprint.Door
	// PrintLabels prints the labels of these orders of one patient, so many of each.
	PrintLabels(ctx context.Context, patient ward.PatientID, orders []fhir.ID, copies int) (words string, err error)
	// OpenDocument shows a document of a result.
	OpenDocument(ctx context.Context, patient ward.PatientID, result ward.ResultID, sum string) (words string, err error)
}

// Config is what a Shell is made of. Station is required.
type Config struct {
	Station Station
	Title   string // "Ward 4B"
	// TitleIn is Title in the language in use; nil: it is the same in each.
	TitleIn func() string
	Place   string // what colleagues call this computer
	Version string
	Phone   string // of the laboratory, for an outage
	// Licences are those of everything that is inside, for the settings page.
	Licences []settings.Licence
	// OpenWall says that the site allows the wall with nobody signed in.
	OpenWall bool
	// Hospital lets people sign in with the hospital's account; nil: nobody can. Browse
	// opens an address in the system's browser.
	Hospital signin.Hospital
	Browse   func(address string) error
	// Sound plays what is heard; nil where the site wants no sound of this computer.
	Sound vsound.Output
	// IdleLock is after how long an unused window locks itself; 0 is never.
	IdleLock time.Duration
	// Hurry, where set, is called when a hand begins to move, as Hand says it, and when it
	// rests: what can wait for that should.
	Hurry func(on bool)
	// Hand, where set, is called whenever a hand moves: at each key, move of the pointer
	// and turn of a list. It is called on the display's goroutine, and returns at once.
	Hand     func()
	Now      func() time.Time
	Clock    kit.Clock
	Dispatch base.Dispatcher // brings state to the display
}

// Shell is the window's content.
type Shell struct {
	conf   Config
	keys   kit.KeyMap
	typing *kit.Typing
	canvas fyne.Canvas
	ctx    context.Context
	cancel context.CancelFunc

	frame  *frame
	signIn *signInPage
	strip  strip.State
	link   ward.Link // that strip is made of
	sound  *vsound.Model
	links  *base.Loader[ward.Link]
	desk   Desk
	seat   *session    // nil while nobody is signed in
	wall   *wallScreen // nil while it is not shown
	// wallOpened: it was opened by itself, or somebody began to work before it could be.
	wallOpened bool
	idle       idle.Watch
	closing    string // "Locks in 20 s", shortly before it does
	hiding     bool   // locked here, and the desk has yet to say so
	last       kept   // where whoever locked the window was
	wards      string // "24 patients"
	story      string
	lost       string           // why the desk is not to be had
	first      ward.Look        // how the program was started to look
	moving     *vsettings.Model // goes on while the pages are made anew

	renewed bool  // the theme was set again, see freeFonts
	awake   awake // that the window goes on drawing
	hurry   hurry
	watches []watch
	beacon  *beacon // nil until something is measured
	legs    Legs
	// scrolled counts, where somebody measures how smoothly the list moves.
	scrolled *scrolled
}

// kept is where somebody was when the window was locked: they come back to it.
type kept struct {
	user    string
	page    pageID
	patient ward.PatientID
	tab     chart.Tab
}

// New makes the content. Start begins to follow the station.
func New(conf Config) *Shell {
	if conf.Now == nil {
		conf.Now = time.Now
	}
	if conf.Clock.Now == nil {
		conf.Clock.Now = conf.Now
	}
	if conf.Dispatch == nil {
		conf.Dispatch = base.DispatcherFunc(fyne.Do)
	}
	s := &Shell{conf: conf, keys: keyMap(), typing: kit.NewTyping(conf.Clock), idle: idle.Watch{Limit: conf.IdleLock}}
	s.hurry.tell = conf.Hurry
	s.typing.OnDrawn = s.settle
	s.typing.OnQuiet = func() { s.later(func() { s.tickAlerts() }) }
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.links = base.NewLoader(conf.Dispatch, func(context.Context) (ward.Link, error) { return conf.Station.Link(), nil },
		func(l ward.Link, _ error) { s.showLink(l) })
	s.first = lookNow()
	s.sound = vsound.New(conf.Station, conf.Sound, conf.Dispatch, conf.Now, s.showSound)
	s.signIn = newSignInPage(s)
	s.frame = newFrame(s)
	s.frame.show(s.signIn.object)
	s.showTop()
	return s
}

// Content is what the window shows.
func (s *Shell) Content() fyne.CanvasObject { return s.frame }

// Attach takes the keys of a window's canvas.
func (s *Shell) Attach(c fyne.Canvas) {
	s.canvas = c
	kit.OnPresence(s.present)
	kit.OnShortcut(s.chord)
	kit.OnTurn(s.handMoved)
	s.frame.moved = s.present
	c.SetOnTypedKey(func(ev *fyne.KeyEvent) {
		s.present()
		defer s.settle()
		if s.wallKey(ev.Name) {
			return
		}
		if !s.Key(ev.Name, 0) && s.seat != nil && !s.seat.plainKey(ev.Name) {
			s.seat.listKey(ev)
		}
	})
	c.SetOnTypedRune(func(r rune) {
		s.present()
		if s.seat != nil && s.wall == nil {
			s.seat.listRune(r)
		}
	})
	for _, b := range s.keys {
		if b.Chord.Mod == 0 {
			continue
		}
		c.AddShortcut(shortcut(b.Chord), s.chord)
	}
	s.signIn.focus()
}

// chord does what a key with its modifiers means, wherever the focus is.
func (s *Shell) chord(pressed fyne.Shortcut) {
	for _, b := range s.keys {
		if b.Chord.Mod != 0 && shortcut(b.Chord).ShortcutName() == pressed.ShortcutName() {
			s.present()
			defer s.settle()
			s.Key(b.Chord.Key, b.Chord.Mod)
			return
		}
	}
}

// Start follows the station until Stop. It calls the Dispatcher from its own
// goroutines.
func (s *Shell) Start() {
	s.links.Reload()
	s.signIn.model.Refresh()
	if s.seat == nil {
		s.signIn.focus()
	}
	go s.follow()
	go s.beat()
}

// Stop ends what Start began; what was being typed is kept as a draft.
func (s *Shell) Stop() {
	if s.seat != nil {
		s.seat.flush()
		s.seat.leave()
	}
	s.cancel()
}

// follow waits for the desk and then for its notices.
func (s *Shell) follow() {
	select {
	case <-s.ctx.Done():
		return
	case <-s.conf.Station.Opened():
	}
	d, err := s.conf.Station.Desk()
	if err != nil {
		s.later(func() { s.lost = base.Words(err); s.signIn.model.Lost() })
		return
	}
	go s.sound.Run(s.ctx, d)
	news := d.Subscribe(s.ctx)
	s.later(func() { s.desk = d; s.lookAtSession(); s.openWall() })
	for n := range news {
		s.links.Reload()
		switch n.Kind {
		case ward.NoticeSession:
			s.later(s.lookAtSession)
		case ward.NoticeEnding:
			why := d.WhyEnded()
			s.later(func() { s.yield(why) })
		case ward.NoticeFailed:
			s.later(s.storeFailed)
		case ward.NoticeLink, ward.NoticePatients, ward.NoticeAlert, ward.NoticeReviews:
		}
	}
}

// beat counts the seconds: ages, the clock, and cards that wait for a pause.
func (s *Shell) beat() {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-t.C:
			s.links.Reload()
			s.later(func() {
				s.keepDrawing()
				s.lookAtSession()
				s.openWall()
				s.watchIdle()
				s.freeFonts()
				s.showTop()
				s.tickAlerts()
				if s.seat != nil {
					s.seat.notice.loader.Reload()
				}
			})
		}
	}
}

func (s *Shell) later(fn func()) { s.conf.Dispatch.Do(fn) }

// lookAtSession shows what the session is now: the pages, or the sign-in page.
func (s *Shell) lookAtSession() {
	if s.desk == nil {
		return
	}
	p, ok := s.desk.SignedIn()
	if s.hiding = s.hiding && ok && p.User == s.last.user; s.hiding {
		return // what is hidden stays so until the desk has locked, too
	}
	switch {
	case ok && s.seat == nil:
		s.begin(p)
	case ok && s.seat.person.User != p.User:
		s.end()
		s.begin(p)
	case !ok && s.seat != nil:
		s.end()
	}
}

// begin shows the pages to somebody who has signed in: the board, or where they
// were when they locked.
func (s *Shell) begin(p ward.Person) {
	s.dropWall()
	s.look(s.lookOf(p.User))
	s.signIn.clear()
	s.signIn.model.Lock(nil)
	s.present()
	s.unfocus()
	s.seat = newSession(s, p)
	s.frame.show(s.seat.body)
	s.seat.start()
	if s.last.user == p.User && s.last.page == pageChart && s.last.patient != "" {
		s.seat.openChart(s.last.patient, s.last.tab)
	} else {
		s.seat.turn(pageBoard)
	}
	s.last = kept{}
	s.showTop()
}

// end takes everything of a patient off the screen.
func (s *Shell) end() {
	name := s.seat.person.Name
	s.last = s.seat.leave()
	s.dropWall()
	s.seat = nil
	theme.DimGround(false) // the search may have been open
	if s.signIn.model.Locked() == nil {
		s.signIn.model.Lock(&signin.Locked{User: s.last.user, Name: name, At: s.conf.Now()})
	}
	s.unfocus()
	s.look(s.lookOf(""))
	s.frame.show(s.signIn.object)
	s.signIn.welcome(s.last.user)
	s.showTop()
}

// focus gives a field the focus by the window's canvas: a field that has not
// been drawn yet does not know its own.
func (s *Shell) focus(f *kit.TextField) {
	kit.Focus(s.canvas, f.Focusable())
}

func (s *Shell) unfocus() {
	if s.canvas != nil {
		s.canvas.Unfocus()
	}
}

// storeFailed says what no page can: that this computer could not write.
func (s *Shell) storeFailed() {
	s.frame.trouble(words.T("This computer could not write to its disk. What was saved before is safe. Do not enter more here: use another computer, and call IT."))
}

func (s *Shell) tickAlerts() {
	if s.seat != nil {
		s.seat.alerts.Tick()
	}
}

// showLink draws the strip. What the pages say of it they read themselves.
func (s *Shell) showLink(l ward.Link) {
	s.link, s.strip = l, strip.Of(l, s.conf.Phone, s.conf.Now())
	heard := s.sound.State()
	s.strip.Sound, s.strip.SoundShort = heard.Strip, heard.Short
	s.frame.showStrip(s.strip, s.seat != nil && (s.strip.Tone != strip.Calm || s.strip.More))
	if s.seat != nil {
		s.seat.pack.draw()
		s.seat.drill.draw(l.Drill)
	}
	if s.wall != nil {
		s.wall.page.Hush(heard.Short)
	}
	if l.Withdrawn {
		s.withdraw()
	}
	if s.seat == nil && !s.signIn.state.Busy {
		s.signIn.model.Refresh()
	}
}

// showLine opens what the strip speaks of: what waits, the feeds, and what an
// outage left behind.
func (s *Shell) showLine() {
	if s.seat != nil {
		s.seat.turn(pageOutage)
	}
}

// title is what stands at the top left.
func (s *Shell) title() string {
	if s.conf.TitleIn != nil {
		return s.conf.TitleIn()
	}
	return s.conf.Title
}

func (s *Shell) showTop() {
	now := s.conf.Now()
	c := kit.TopBarConfig{Title: s.title(), Subtitle: s.conf.Place, Right: ward.Date(now), Clock: ward.Clock(now)}
	if s.seat != nil {
		c.Subtitle, c.Person, c.Lock = s.wards, ward.SayName(s.seat.person.Name), words.C("verb", "Lock")
		c.Search, c.Key = words.T("Find a patient, page or action"), s.keys.Cap(doFind)
		if s.closing != "" {
			c.Subtitle = s.closing
		}
	}
	s.frame.top.Update(c)
}

// Key does what a key of the window means, and reports whether it means
// anything now.
func (s *Shell) Key(name fyne.KeyName, mod fyne.KeyModifier) bool {
	action, ok := s.keys.Lookup(name, mod)
	switch {
	case !ok:
		return false
	case s.wall != nil:
		return s.wallKey(name)
	case action == doWall:
		s.toggleWall()
		return true
	case s.seat != nil:
		return s.seat.key(action, name)
	case action == doLarger || action == doSmaller:
		s.step(action)
		return true
	}
	return false
}
