package kit

import (
	"image"
	"image/png"
	"math"
	"os"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"wardlight/assets"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// wear starts an application with our theme and returns it.
func wear(t *testing.T, o theme.Options) fyne.App {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(o))
	return app
}

// window shows an object in a window without padding.
func window(t *testing.T, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	win := test.NewTempWindow(t, o)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	return win
}

func writePNG(t *testing.T, path string, img image.Image) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

var day = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

func at(days int, clock string) time.Time {
	c, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return day.AddDate(0, 0, days).Add(time.Duration(c.Hour())*time.Hour + time.Duration(c.Minute())*time.Minute)
}

func sampleTrend() ChartConfig {
	return ChartConfig{
		Points: []ChartPoint{
			{At: at(0, "06:20"), Value: 4.6, Label: "4.6"},
			{At: at(1, "06:10"), Value: 5.1, Label: "5.1"},
			{At: at(1, "18:05"), Shape: NoPoint, Label: "no result:\nhaemolysed"},
			{At: at(2, "06:15"), Value: 5.8, Shape: TriangleUp, Label: "5.8"},
			{At: at(2, "13:31"), Value: 6.8, Shape: SquarePoint, Label: "6.8"},
		},
		Bands: []ChartBand{
			{From: 3.5, To: 5.3, Fill: theme.ChartRefBand, Label: "range\n3.5–5.3", Colour: theme.Ok},
			{From: 6.5, To: math.NaN(), Fill: theme.ChartCritBand, Line: theme.Critical, Label: "crit 6.5", Colour: theme.CriticalText},
			{From: math.NaN(), To: 2.5, Fill: theme.ChartCritBand, Line: theme.Critical, Label: "crit 2.5", Colour: theme.CriticalText},
		},
	}
}

func sampleStrip(alarm bool) *StatusStrip {
	if alarm {
		return NewStatusStrip(StripConfig{
			Alarm: true, Icon: assets.IconWarning, Lead: "Network out since 02:14",
			Left: []Span{
				T("You are looking at this computer’s own copy.", Dense, theme.Text).After(16),
				T("Results after 02:14 are not here", DenseStrong, theme.Text).After(4),
				T(": phone the laboratory on 5512.", Dense, theme.Text),
			},
			Right:  []Span{{Icon: assets.IconCloudArrowUp, Text: "7 unsent, safe on this computer", Style: DenseStrong}},
			Action: "Show",
		}, nil)
	}
	return NewStatusStrip(StripConfig{
		Icon: assets.IconCheckCircle, Lead: "Connected",
		Left: []Span{
			T("Everything up to", Dense, theme.Text).After(16),
			T("14:05:12", DenseStrong, theme.Text).After(4),
			T("is here", Dense, theme.Text).After(4),
			T("Nothing waiting to be sent", Dense, theme.TextMuted).After(16),
		},
		Right: []Span{T("Laboratory feed 14:04", Dense, theme.TextMuted), T("EHR feed 14:05", Dense, theme.TextMuted).After(16)},
	}, nil)
}

func sampleBanner(config BannerConfig) *Banner {
	score := NewColumn(2,
		NewBar(8, NewSpring(), NewText("NEWS2", Dense, theme.TextMuted), NewScoreBadge(Score("7", SquareBox, ScoreBanner))),
		NewText("scale 1 · 13:40 · was 4 at 12:35", Caption, theme.TextMuted))
	return NewBanner(config, score)
}

func sampleBannerConfig() BannerConfig {
	return BannerConfig{
		Name:  "ADEYEMI, Folake (Mrs)",
		First: []BannerPiece{{Label: "Born", Value: "14-Mar-1954 (72y)"}, {Label: "Gender", Value: "Female"}, {Label: "NHS No.", Value: "999 041 7732"}},
		Second: []BannerPiece{
			{Spans: []Span{{Icon: assets.IconWarningDiamond, Text: "Known allergies", Style: DenseStrong, Color: theme.CriticalText, Keep: true}}},
			{Spans: []Span{T("Penicillin: anaphylaxis (severe)", DenseStrong, theme.Text).Kept(), T(", trimethoprim: rash", Dense, theme.Text).Glued()}},
			{Spans: []Span{T("Show all", DenseStrong, theme.Primary).Linked("allergies").Kept()}},
			{Label: "Bed", Value: "07"},
			{Label: "Consultant", Value: "Dr H. Osei"},
			{Label: "Resuscitation", Value: "For full treatment"},
			{Spans: []Span{Chip("Falls risk", assets.IconPersonSimpleWalk, Quiet)}},
		},
	}
}

func sampleRail() *Rail {
	return NewRail(RailConfig{Items: []RailItem{
		{Label: "Board", Icon: assets.IconSquaresFour},
		{Label: "Alerts", Icon: assets.IconBell, Count: "2", Urgent: true},
		{Label: "Results", Icon: assets.IconFlask, Count: "10"},
		{Label: "Reviews", Icon: assets.IconGitDiff, Count: "1"},
		{Label: "Tasks", Icon: assets.IconListChecks, Count: "14"},
		{Label: "Handover", Icon: assets.IconArrowsLeftRight},
		{Label: "More", Icon: assets.IconDotsThreeCircle},
	}}, nil)
}

func sampleTopBar() *TopBar {
	return NewTopBar(TopBarConfig{
		Title: "Ward 4B", Subtitle: "24 of 24 beds", Search: "Find a patient, page or action", Key: "Ctrl K",
		Right: "22-Nov-2026", Clock: "14:05", Person: "Grace Mensah, nurse", Lock: "Lock",
	}, nil, nil)
}

func sampleButtons() fyne.CanvasObject {
	return NewColumn(10,
		NewBar(12,
			NewButton(ButtonConfig{Text: "I take it", Key: "F5", Kind: Primary, Size: Large}, nil),
			NewButton(ButtonConfig{Text: "Record action", Key: "F6", Size: Large}, nil),
			NewButton(ButtonConfig{Text: "Ward pack", Icon: assets.IconPrinter}, nil),
			NewButton(ButtonConfig{Text: "Sign and decide", Key: "Enter", Kind: Primary}, nil),
			NewButton(ButtonConfig{Text: "Set aside", Key: "Esc", Kind: Link}, nil),
			NewButton(ButtonConfig{Text: "Chosen: anaphylaxis", Icon: assets.IconCheckCircle, Kind: Chosen}, nil),
			NewButton(ButtonConfig{Text: "Disabled", Off: true}, nil),
			NewButton(ButtonConfig{Text: "Small", Size: Small}, nil)),
		NewBar(6,
			NewFilterPill(FilterPillConfig{"All 24", true}, nil), NewFilterPill(FilterPillConfig{"Mine 6", false}, nil),
			NewFilterPill(FilterPillConfig{"Observations overdue 2", false}, nil), NewSpring(),
			NewText("as of 14:05", Caption, theme.TextMuted),
			NewSegmented(SegmentedConfig{Labels: []string{"Worst first", "By bed"}}, nil)),
		NewBar(8,
			NewScoreBadge(Score("8", SquareBox, ScoreRow)), NewScoreBadge(Score("6", RoundedBox, ScoreRow)),
			NewScoreBadge(Score("≥5", RoundedBox, ScoreRow)), NewScoreBadge(Score("3", DoubleStroke, ScoreRow)),
			NewScoreBadge(Score("2", Pill, ScoreRow)), NewScoreBadge(Score("12", Pill, ScoreRow)),
			NewSpark(3, 3, 4, 7), NewLine(Trend(true, true, "from 4")), NewLine(Trend(false, false, "from 2")),
			NewLine(Chip("CRITICAL HIGH", assets.IconWarningOctagon, CriticalTone)),
			NewLine(Chip("CORRECTED", assets.IconPencilSimple, CorrectedTone)),
			NewLine(Chip("scale 2", "", InfoTone)),
			NewLine(Chip("DNACPR", assets.IconProhibit, Quiet)),
			NewLine(Chip("OLD VERSION", assets.IconWarning, LateTone)),
			NewLine(Chip("CUT OFF 44 min", assets.IconCloudSlash, WarningTone))),
		NewBar(8, NewScoreBadge(Score("≥5", RoundedBox, ScoreLive)), NewScoreBadge(Score("3", DoubleStroke, ScoreWall)), NewScoreBadge(Score("2", Pill, ScoreWall)), NewScoreBadge(Score("7", SquareBox, ScoreBanner)),
			NewLine(I(assets.IconWarningOctagon, Body, theme.CriticalText), T("Potassium", BodyStrong, theme.Text).After(6), T("6.8", ValueRow, theme.CriticalText).After(6), T("mmol/L", Dense, theme.Text).After(6)),
			NewLine(T("K", Dense, theme.Text), T("7.1", Dense, theme.TextMuted).Struck().After(4), T("→", Dense, theme.Text).After(4), T("4.3", DenseStrong, theme.Text).After(4), T("mmol/L", Dense, theme.Text).After(4))),
	)
}

func sampleValues() fyne.CanvasObject {
	values := []fyne.CanvasObject{
		NewValueText(ValueConfig{Number: "139"}),
		NewValueText(ValueConfig{Number: "12.4", Flag: AboveRange, FlagText: "H"}),
		NewValueText(ValueConfig{Number: "132", Flag: BelowRange, FlagText: "L"}),
		NewValueText(ValueConfig{Number: "18.6", Flag: AboveRange, FlagText: "H", Italic: true}),
		NewValueText(ValueConfig{Number: "138", Earlier: "128", Below: "corrected 09:40", BelowColor: theme.Corrected}),
		NewValueText(ValueConfig{Number: "7.1", Struck: true, Below: "withdrawn"}),
		NewCriticalBlock(CriticalConfig{Number: "6.8", Word: "CRITICAL HIGH"}),
	}
	return NewColumn(4, values...)
}

func sampleForm() fyne.CanvasObject {
	typing := NewTyping(Clock{})
	pulse := NewNumberField(NumberConfig{Max: 3}, typing)
	pulse.SetText("95")
	temp := NewNumberField(NumberConfig{Max: 4, Decimal: true}, typing)
	note := NewTextField(TextConfig{Placeholder: "Note", Lines: 3, Width: 300}, typing)
	note.SetText("A note that is long enough to wrap to a second line in its area.")
	return NewColumn(0,
		NewFormRow(FormRowConfig{Label: "Pulse", Unit: "per minute", Before: "88", Note: []Span{T("1", BodyBold, theme.OnNewsSingle)}}, pulse, nil),
		NewFormRow(FormRowConfig{Label: "Air or oxygen", Before: "air"}, NewSegmented(SegmentedConfig{Labels: []string{"Air", "Oxygen"}, Tall: true}, nil), nil),
		NewFormRow(FormRowConfig{
			Label: "Temperature", Unit: "°C", Before: "37.2", Note: []Span{T("— missing", DenseStrong, theme.WarningText)},
			Below: []Span{T("Temperature 50 is not possible. Nothing was saved. Type it again.", DenseStrong, theme.CriticalText)},
		}, temp, nil),
		NewFormRow(FormRowConfig{Label: "Note"}, note, nil),
		NewFieldRow(108, "Collected", T("22-Nov-2026 12:40", Dense, theme.Text)),
		NewFieldRow(108, "Raises potassium", T("ramipril, spironolactone", DenseStrong, theme.Text), T("(given 08:10)", Dense, theme.Text).After(4)),
	)
}

// sampleRow is a row as a page would draw it.
type sampleRow struct {
	Block
	bed, name, result *Line
}

func newSampleRow() fyne.CanvasObject {
	r := &sampleRow{bed: NewLine(), name: NewLine(), result: NewLine()}
	r.Parts = []fyne.CanvasObject{r.bed, r.name, r.result}
	r.Min = func() fyne.Size { return fyne.NewSize(px(200), px(20)) }
	r.Place = func(size fyne.Size) {
		for i, x := range []float32{12, 48, 240} {
			putMiddle(r.Parts[i], px(x), 0, size.Height)
		}
	}
	r.Init(r)
	return r
}

func bindSampleRow(o fyne.CanvasObject, it Item, st RowState) {
	r := o.(*sampleRow)
	bed, name, result := T(it.ID, BodyBold, theme.Text), T(it.Key, BodyStrong, theme.Text), T("none", Dense, theme.TextMuted)
	switch {
	case it.Group:
		bed, name, result = T(it.Key, DenseStrong, theme.Text), Span{}, Span{}
	case st.Gone:
		name = T(it.Key, Body, theme.TextMuted).Struck()
	}
	r.bed.Update(bed)
	r.name.Update(name)
	r.result.Update(result)
	r.Changed()
}

func sampleList(clock Clock) *List { return NewList(newSampleRow, bindSampleRow, clock) }

func sampleItems() []Item {
	return []Item{
		{ID: "19", Key: "RAHMAN, Yusuf", Height: 41, Bar: theme.Critical, Urgent: true},
		{ID: "22", Key: "FERREIRA, Lúcia", Height: 41, Bar: theme.Warning},
		{ID: "g", Key: "Others", Height: 24, Group: true},
		{ID: "03", Key: "O’CONNOR, Maeve", Height: 24},
		{ID: "14", Key: "SINGH, Harpreet", Height: 24},
		{ID: "15", Key: "HOLLOWAY, Brian", Height: 24},
	}
}

func sampleCard(clock Clock) *AlertCard {
	c := NewAlertCard(CardConfig{Title: "Critical result: potassium very high", Icon: assets.IconWarningOctagon, Right: "7 min, nobody has taken it", Count: "2 of 3"}, clock)
	who := NewBanner(BannerConfig{Name: "ADEYEMI, Folake (Mrs)", First: sampleBannerConfig().First, Thin: true}, nil)
	left := NewColumn(2,
		NewLine(T("6.8", ValueAlert, theme.CriticalText), T("mmol/L", Heading, theme.Text).After(12), Chip("CRITICAL HIGH", assets.IconWarningOctagon, CriticalTone).After(12)),
		NewFieldRow(120, "Kidney", T("268 µmol/L creatinine,", DenseStrong, theme.Text), T("was 92", DenseStrong, theme.Text).After(4)),
		NewFieldRow(120, "Allergies", Span{Icon: assets.IconWarningDiamond, Text: "Penicillin: anaphylaxis", Style: DenseStrong, IconColor: theme.CriticalText}))
	chart := NewTrendChart(sampleTrend())
	body := NewColumn(0, who, NewInset(20, 12, NewColumns(28, []float32{1, 1}, left, NewColumn(4, NewText("Potassium, 3 days", BodyStrong, theme.Text), chart))))
	foot := NewInset(20, 14, NewBar(12,
		c.Button(ButtonConfig{Text: "I take it", Key: "F5", Kind: Primary, Size: Large}, nil),
		c.Button(ButtonConfig{Text: "Record action", Key: "F6", Size: Large}, nil),
		c.Button(ButtonConfig{Text: "Hand to…", Key: "F7", Size: Large}, nil), NewSpring(),
		c.Button(ButtonConfig{Text: "Set aside", Key: "Esc", Kind: Link}, nil)))
	c.SetBody(body, foot)
	return c
}

// gallery is every widget of the package on one page.
func gallery() fyne.CanvasObject {
	list := sampleList(Clock{})
	list.SetItems(sampleItems())
	list.Select("14")
	dead := sampleBannerConfig()
	dead.Over = "Died 22-Nov-2026"
	middle := NewColumns(12, []float32{1, 1, 1},
		NewPanel(PanelConfig{}, NewInset(12, 12, sampleValues())),
		NewPanel(PanelConfig{}, NewInset(12, 12, NewColumn(8, NewText("Potassium", Subheading, theme.Text), high(NewTrendChart(sampleTrend()), 220)))),
		NewPanel(PanelConfig{}, high(list, 240)))
	page := NewColumn(10,
		sampleBanner(sampleBannerConfig()),
		NewTabs([]string{"Timeline", "Results", "Vital signs", "Medicines", "Allergies"}, 1, nil),
		NewRedBand(RedBandConfig{Left: []Span{{Icon: assets.IconWarningOctagon, Text: "Bed 07", Style: BodyStrong}, T("Potassium 6.8 mmol/L", BodyStrong, "").After(12)}, Right: "7 min, nobody has taken it", Action: "Open", Key: "F4"}, nil),
		NewInset(12, 4, sampleButtons()), NewInset(12, 0, middle),
		NewInset(12, 0, NewPanel(PanelConfig{}, sampleForm())),
		NewInset(12, 0, NewNote(LateNote, Span{Icon: assets.IconWarning, Text: "Urgent threshold reached already.", Style: DenseStrong, Color: theme.WarningText}, T("A missing temperature can only raise the score. Tell the team at once.", Dense, theme.Text).After(6))),
		NewEmpty("Not loaded: this computer has had no contact since 02:14."),
		sampleBanner(dead))
	return NewFill(NewColumn(0, sampleTopBar(), sampleStrip(false), sampleStrip(true)),
		NewColumns(0, []float32{0, 1}, sampleRail(), page))
}

// high gives an object a height of its own.
func high(o fyne.CanvasObject, height float32) fyne.CanvasObject {
	b := &Block{Parts: []fyne.CanvasObject{o}}
	b.Min = func() fyne.Size { return fyne.NewSize(o.MinSize().Width, px(height)) }
	b.Place = func(size fyne.Size) { put(o, 0, 0, size.Width, size.Height) }
	b.Init(b)
	return b
}

// TestGallery draws every widget on one picture, for a person to look at:
// WARDLIGHT_GALLERY=/tmp/kit.png go test -run Gallery ./ui/kit.
func TestGallery(t *testing.T) {
	path := os.Getenv("WARDLIGHT_GALLERY")
	if path == "" {
		t.Skip("set WARDLIGHT_GALLERY to a file to draw the gallery")
	}
	o := theme.Options{Mode: theme.Mode(os.Getenv("WARDLIGHT_GALLERY_MODE")), Scale: 1}
	if os.Getenv("WARDLIGHT_GALLERY_SCALE") == "2" {
		o.Scale = 2
	}
	wear(t, o)
	win := window(t, gallery(), 1366*o.Scale, 1300*o.Scale)
	writePNG(t, path, uitest.Capture(win))
}

// TestCardGallery draws the alert card over the gallery.
func TestCardGallery(t *testing.T) {
	path := os.Getenv("WARDLIGHT_GALLERY_CARD")
	if path == "" {
		t.Skip("set WARDLIGHT_GALLERY_CARD to a file to draw the alert card")
	}
	wear(t, theme.Options{Mode: theme.Mode(os.Getenv("WARDLIGHT_GALLERY_MODE")), Scale: 1})
	card := sampleCard(Clock{})
	win := window(t, container.NewStack(gallery(), card), 1366, 768)
	card.Open(win.Canvas())
	writePNG(t, path, uitest.Capture(win))
}
