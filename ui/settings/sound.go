package settings

import (
	"strconv"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/sound"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// soundTab says whether this computer sounds, how loud, and until when it is muted.
type soundTab struct {
	body                    *fyne.Container
	scroll                  fyne.CanvasObject
	state                   *kit.Note
	volume, quiet           *kit.Segmented
	hours                   *kit.Flow
	test, short, hour, back *kit.Button
	muted                   *kit.Flow
	trouble                 *kit.Note
	rest                    []fyne.CanvasObject // what is of no use where the site wants no sound
}

// What the page says of the rules; they are those of clinical/sound.
var soundRules = []words.Key{
	words.K("A critical result, or a correction of one that somebody acted on, sounds when it comes: three tones. Until a window has shown it, it sounds again every minute, later every five. Ten tones say that nobody has taken it and the next people are due. However many wait, one sound is heard."),
	words.K("Quiet hours make every sound soft and hold corrections back. They silence nothing critical."),
	words.K("Sound is never the only sign: the card, the red band and the numbers say the same without it."),
	words.K("This holds for this computer, whoever uses it. Every change is recorded under your name."),
}

var noSound = words.K("The site has chosen that this computer makes no sound. The card, the red band and the numbers say everything without it.")

func (p *Page) newSound(m *view.Model) fyne.CanvasObject {
	t := &soundTab{state: kit.NewNote(kit.LateNote), trouble: kit.NewNote(kit.CriticalNote), hours: kit.NewFlow(), muted: kit.NewFlow()}
	p.sound = t
	var volumes, hours []string
	for _, v := range view.Volumes() {
		volumes = append(volumes, strconv.Itoa(v)+" %")
	}
	for _, h := range view.QuietHours() {
		hours = append(hours, h.Label)
	}
	t.volume = kit.NewSegmented(kit.SegmentedConfig{Labels: volumes}, m.SetVolume)
	t.quiet = kit.NewSegmented(kit.SegmentedConfig{Labels: hours}, m.SetQuiet)
	t.test = kit.NewButton(kit.ButtonConfig{Text: testWords.Say()}, m.Test)
	mutes := view.Mutes()
	t.short = kit.NewButton(kit.ButtonConfig{Text: words.F("Mute for %s", ward.Span(mutes[0]))}, func() { m.Mute(mutes[0]) })
	t.hour = kit.NewButton(kit.ButtonConfig{Text: words.F("Mute for %s", ward.Span(mutes[1]))}, func() { m.Mute(mutes[1]) })
	t.back = kit.NewButton(kit.ButtonConfig{Text: backWords.Say()}, func() { m.Mute(0) })
	t.rest = []fyne.CanvasObject{
		row(words.T("Volume"), kit.NewBar(12, t.volume, t.test)),
		kit.NewColumn(4, kit.NewText(words.T("Mute this computer"), kit.BodyStrong, theme.Text), t.muted, kit.NewBar(8, t.short, t.hour, t.back)),
		kit.NewColumn(4, kit.NewText(words.T("Quiet hours"), kit.BodyStrong, theme.Text), kit.NewBar(0, t.quiet), t.hours),
	}
	parts := append([]fyne.CanvasObject{t.state, t.trouble}, t.rest...)
	for _, rule := range soundRules {
		f := kit.NewFlow(kit.T(rule.Say(), kit.Dense, theme.TextMuted))
		parts, t.rest = append(parts, f), append(t.rest, f)
	}
	t.body = kit.NewColumn(14, parts...)
	scroll := kit.NewScroll(kit.NewInset(20, 16, t.body))
	t.scroll = scroll
	for _, b := range []*kit.Button{t.test, t.short, t.hour, t.back} {
		b.OnFocus = func() { kit.Reveal(scroll, b) }
	}
	for _, s := range []*kit.Segmented{t.volume, t.quiet} {
		s.OnFocus = func() { kit.Reveal(scroll, s) }
	}
	t.show(m.State())
	return scroll
}

var (
	testWords = words.K("Play a test sound")
	backWords = words.K("Sound again now")
)

// name names its controls for a script and a test.
func (t *soundTab) name(all map[string]fyne.CanvasObject) {
	all["volume"], all["quiet"], all["test-sound"] = t.volume, t.quiet, t.test
	all["mute"], all["mute-hour"], all["unmute"] = t.short, t.hour, t.back
}

// ShowSound draws a state of the sound.
func (p *Page) ShowSound(s view.State) { p.sound.show(s) }

func (t *soundTab) show(s view.State) {
	for _, o := range t.rest {
		shown(o, !s.Off)
	}
	shown(t.state, true)
	switch {
	case s.Off:
		t.state.Update(kit.LateNote, kit.T(noSound.Say(), kit.Body, theme.Text))
	case s.Trouble != "":
		t.state.Update(kit.CriticalNote, kit.T(s.Trouble, kit.BodyStrong, theme.Text))
	case s.Works != "":
		t.state.Update(kit.InfoNote, kit.T(s.Works, kit.Body, theme.Text))
	default:
		shown(t.state, false)
	}
	t.trouble.Update(kit.CriticalNote, kit.T(s.Error, kit.Body, theme.Text))
	shown(t.trouble, s.Error != "")
	choose(t.volume, s.Volume)
	choose(t.quiet, s.Quiet)
	t.hours.Update(kit.T(words.F("Now: %s", s.Hours), kit.Body, theme.Text))
	shown(t.hours, s.Hours != "")
	test := testWords.Say()
	if s.Busy {
		test = words.T("Playing…")
	}
	t.test.Update(kit.ButtonConfig{Text: test, Off: s.Busy})
	muted := words.T("Not muted. A mute ends by itself, and until then every screen of this computer says so.")
	if s.Muted != "" {
		muted = words.F("Muted until %s. It ends by itself, and what came meanwhile sounds then.", s.Muted)
	}
	t.muted.Update(kit.T(muted, kit.Body, theme.Text))
	t.back.Update(kit.ButtonConfig{Text: backWords.Say(), Off: s.Muted == ""})
	t.body.Refresh()
	t.scroll.Refresh()
}

func choose(s *kit.Segmented, i int) {
	s.Update(kit.SegmentedConfig{Labels: s.Config().Labels, Selected: i})
}

func shown(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}
