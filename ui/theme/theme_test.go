package theme

import (
	"bytes"
	"encoding/json"
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	fynetheme "fyne.io/fyne/v2/theme"

	"wardlight/assets"
)

var modes = []Mode{Light, Dark, HighContrast}

// tokensForTests is the part of the tokens that only tests read.
type tokensForTests struct {
	Themes map[Mode]struct {
		Colors map[Token]string `json:"colors"`
	} `json:"themes"`
	Text          map[string]float32 `json:"text"`
	ContrastPairs []struct {
		Foreground   Token   `json:"foreground"`
		Background   Token   `json:"background"`
		Minimum      float64 `json:"minimum"`
		Light        float64 `json:"light"`
		Dark         float64 `json:"dark"`
		HighContrast float64 `json:"highContrast"`
	} `json:"contrastPairs"`
}

func readTokens(t *testing.T) tokensForTests {
	t.Helper()
	var f tokensForTests
	if err := json.Unmarshal(assets.Tokens(), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// luminance and contrast are those of WCAG 2.2, relative luminance.
func luminance(c color.NRGBA) float64 {
	channel := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(c.R) + 0.7152*channel(c.G) + 0.0722*channel(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestEveryPairIsReadableInEveryAppearance(t *testing.T) {
	tokens := readTokens(t)
	if len(tokens.ContrastPairs) != 67 {
		t.Errorf("%d pairs, want the 67 of the design", len(tokens.ContrastPairs))
	}
	for _, pair := range tokens.ContrastPairs {
		stated := map[Mode]float64{Light: pair.Light, Dark: pair.Dark, HighContrast: pair.HighContrast}
		for _, mode := range modes {
			th := New(Options{Mode: mode})
			fg := th.Color(fyne.ThemeColorName(pair.Foreground), fynetheme.VariantLight).(color.NRGBA)
			bg := th.Color(fyne.ThemeColorName(pair.Background), fynetheme.VariantLight).(color.NRGBA)
			got := contrast(fg, bg)
			if got < pair.Minimum {
				t.Errorf("%s: %s on %s is %.2f, needs %.1f", mode, pair.Foreground, pair.Background, got, pair.Minimum)
			}
			if math.Abs(got-stated[mode]) > 0.01 {
				t.Errorf("%s: %s on %s is %.2f, the design says %.2f", mode, pair.Foreground, pair.Background, got, stated[mode])
			}
		}
	}
}

func TestTokensOfTheProgramAreThoseOfTheDesign(t *testing.T) {
	tokens := readTokens(t)
	named := map[Token]bool{}
	for _, token := range Tokens() {
		named[token] = true
	}
	for _, mode := range modes {
		if len(tokens.Themes[mode].Colors) != len(named) {
			t.Errorf("%s has %d colours, the program names %d", mode, len(tokens.Themes[mode].Colors), len(named))
		}
		for token := range tokens.Themes[mode].Colors {
			if !named[token] {
				t.Errorf("%s: %s has no name in the program", mode, token)
			}
		}
	}
}

func TestAMissingColourStopsTheProgram(t *testing.T) {
	broken := bytes.Replace(assets.Tokens(), []byte(`"criticalText": "#A40E1F"`), []byte(`"criticalTexT": "#A40E1F"`), 1)
	if _, err := parseDesign(broken); err == nil {
		t.Error("tokens without a colour were accepted")
	}
	broken = bytes.Replace(assets.Tokens(), []byte("#A40E1F"), []byte("#A40E1"), 1)
	if _, err := parseDesign(broken); err == nil {
		t.Error("a colour of five digits was accepted")
	}
}

// A value must not shift when it becomes bold, and columns must hold: all ten
// digits are equally wide, in Regular, SemiBold and Bold.
func TestAllDigitsAreEquallyWide(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(New(Options{Mode: Light}))
	for _, face := range []Face{Regular, SemiBold, Bold} {
		for digit := '0'; digit <= '9'; digit++ {
			// Ten of each, so that rounding of one glyph cannot hide a difference.
			text := canvas.NewText(string(bytes.Repeat([]byte{byte(digit)}, 10)), color.Black)
			text.TextSize, text.FontSource = 100, FontOf(face)
			if got := text.MinSize().Width; math.Abs(float64(got)-600) > 1 {
				t.Errorf("%s: ten times %c is %.1f wide, want 600", face, digit, got)
			}
		}
	}
}

func TestNoTextSizeIsUnderTwelve(t *testing.T) {
	for name, size := range readTokens(t).Text {
		if size < 12 {
			t.Errorf("text size %s is %v", name, size)
		}
	}
	for _, name := range []fyne.ThemeSizeName{fynetheme.SizeNameText, fynetheme.SizeNameCaptionText, fynetheme.SizeNameSubHeadingText, fynetheme.SizeNameHeadingText} {
		if got := New(Options{}).Size(name); got < 12 {
			t.Errorf("%s is %v", name, got)
		}
	}
}

func TestScaleGrowsTextAndRoomButNotLines(t *testing.T) {
	small, large := New(Options{Mode: Light, Scale: 1}), New(Options{Mode: Light, Scale: 2})
	if small.Size(fynetheme.SizeNameText) != 14 || large.Size(fynetheme.SizeNameText) != 28 {
		t.Error("text does not follow the scale")
	}
	if large.Size(fynetheme.SizeNamePadding) != 2*small.Size(fynetheme.SizeNamePadding) {
		t.Error("paddings do not follow the scale")
	}
	if large.Size(fynetheme.SizeNameSeparatorThickness) != small.Size(fynetheme.SizeNameSeparatorThickness) {
		t.Error("lines grew")
	}
	for asked, want := range map[float32]float32{0: 1, 0.1: 0.8, 0.8: 0.8, 1.5: 1.5, 9: 2} {
		if got := New(Options{Scale: asked}).Options().Scale; got != want {
			t.Errorf("scale %v became %v, want %v", asked, got, want)
		}
	}
}

func TestTheModeDecidesAndSystemFollows(t *testing.T) {
	white, black := color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}, color.NRGBA{0, 0, 0, 0xFF}
	surface := fyne.ThemeColorName(Surface)
	for _, c := range []struct {
		mode    Mode
		variant fyne.ThemeVariant
		want    color.Color
	}{
		{Light, fynetheme.VariantDark, white},
		{HighContrast, fynetheme.VariantLight, black},
		{System, fynetheme.VariantLight, white},
		{System, fynetheme.VariantDark, color.NRGBA{0x17, 0x21, 0x2A, 0xFF}},
	} {
		if got := New(Options{Mode: c.mode}).Color(surface, c.variant); got != c.want {
			t.Errorf("mode %q on variant %v: surface is %v, want %v", c.mode, c.variant, got, c.want)
		}
	}
}

func TestFynesOwnWidgetsGetOurColours(t *testing.T) {
	th := New(Options{Mode: Light})
	for name, token := range map[fyne.ThemeColorName]Token{
		fynetheme.ColorNameForeground:      Text,
		fynetheme.ColorNameError:           CriticalText,
		fynetheme.ColorNameInputBackground: Surface,
		fynetheme.ColorNameShadow:          Transparent,
	} {
		if th.Color(name, 0) != th.Color(fyne.ThemeColorName(token), 0) {
			t.Errorf("%s is not %s", name, token)
		}
	}
	if th.Size(fynetheme.SizeNameModalBlurRadius) != 0 {
		t.Error("modal windows blur what is under them")
	}
	if th.Font(fyne.TextStyle{Bold: true}) != FontOf(SemiBold) || th.Font(fyne.TextStyle{Monospace: true}) != FontOf(Mono) {
		t.Error("the font slots are not those of the design")
	}
}

func TestColourAndIconFollowTheAppsTheme(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(New(Options{Mode: Light}))
	icon := Icon(assets.IconWarningOctagon, CriticalText)
	light, drawn := Color(CriticalText), string(icon.Content())
	app.Settings().SetTheme(New(Options{Mode: Dark, Scale: 1.5}))
	if Color(CriticalText) == light {
		t.Error("the colour did not follow")
	}
	if string(icon.Content()) == drawn {
		t.Error("the icon did not follow")
	}
	if Px(10) != 15 || TextSize(14) != 21 {
		t.Error("lengths did not follow the scale")
	}
	if Color("no such token") != color.Color(color.Transparent) {
		t.Error("an unknown token has a colour")
	}
	if Color(Transparent) != color.Color(color.Transparent) {
		t.Error("the toolkit would paint what is transparent")
	}
	if got := Color(Scrim).(color.NRGBA).A; got != 115 {
		t.Errorf("the scrim's alpha is %d, want 45 per cent", got)
	}
}

func TestHighContrastHasHeavierEdges(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(New(Options{Mode: Light}))
	light := Stroke(FocusRing)
	app.Settings().SetTheme(New(Options{Mode: HighContrast}))
	if light != 2 || Stroke(FocusRing) != 3 || Stroke(Control) != 2 {
		t.Errorf("focus is %v then %v, control %v", light, Stroke(FocusRing), Stroke(Control))
	}
	if !IsHighContrast() {
		t.Error("high contrast is not known")
	}
}

func TestDensitiesKeepTheSmallestTarget(t *testing.T) {
	app := test.NewTempApp(t)
	for density, want := range map[Density]float32{Compact: 24, Standard: 32, Touch: 44} {
		app.Settings().SetTheme(New(Options{Density: density}))
		rows := RowHeights()
		if rows.MinTarget != want || rows.Steady < want || rows.FormField < want {
			t.Errorf("%s: %+v", density, rows)
		}
	}
}

// The dimmed ground is the background under the scrim, in every appearance, and
// only what a frame is cleared to: a widget that asks for the background gets it.
func TestTheGroundIsDimmedAndNothingElse(t *testing.T) {
	defer DimGround(false)
	for _, mode := range []Mode{Light, Dark, HighContrast} {
		th := New(Options{Mode: mode})
		p := th.palette(fynetheme.VariantLight)
		back, scrim := p.colors[Background].(color.NRGBA), p.colors[Scrim].(color.NRGBA)
		DimGround(true)
		got := th.Color(fynetheme.ColorNameBackground, fynetheme.VariantLight).(color.NRGBA)
		want := float64(back.G)*(1-float64(scrim.A)/255) + float64(scrim.G)*float64(scrim.A)/255
		if got.A != 0xFF || math.Abs(float64(got.G)-want) > 1 {
			t.Errorf("%s: the ground is %v, want green %.1f", mode, got, want)
		}
		test.ApplyTheme(t, th)
		if c := Color(Background); c != back {
			t.Errorf("%s: what asks for the background gets %v", mode, c)
		}
		DimGround(false)
		if c := th.Color(fynetheme.ColorNameBackground, fynetheme.VariantLight); c != back {
			t.Errorf("%s: the ground stays %v", mode, c)
		}
	}
}
