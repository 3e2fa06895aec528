package kit

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/ui/theme"
)

// silent are widgets that have nothing to say of their own: what lies in them speaks.
var silent = map[string]bool{
	"Block": true, "Panel": true, "Sheet": true, "Slab": true, "TopBar": true, "AlertCard": true, "Spark": true, "Prose": true,
}

// Each widget of the kit says what stands in it to whatever reads a screen aloud; one
// that is new and does not is noticed.
func TestEachWidgetHasAName(t *testing.T) {
	wear(t, theme.Options{Mode: theme.Light})
	clock := Clock{Now: time.Now, After: func(time.Duration, func()) func() { return func() {} }}
	secret := NewTextField(TextConfig{Placeholder: "PIN", Secret: true}, nil)
	secret.SetText("123456")
	why := NewTextField(TextConfig{Placeholder: "Why"}, nil)
	why.SetText("it was for bed 8")
	list := NewList(func() fyne.CanvasObject { return NewLine() }, func(fyne.CanvasObject, Item, RowState) {}, clock)
	list.SetItems([]Item{{ID: "a", Height: 30, Key: "ADEYEMI"}, {ID: "b", Height: 30, Key: "RAHMAN"}})
	list.Select("b")
	toast := NewToast(clock)
	toast.Say(ToastConfig{Text: "Saved", Action: "Undo"}, nil)
	span := T("Potassium 6.8", Body, theme.Text)
	for name, c := range map[string]struct {
		w    fyne.Accessible
		want string
	}{
		"Button": {NewButton(ButtonConfig{Text: "Take"}, nil), "Take"}, "FilterPill": {NewFilterPill(FilterPillConfig{Text: "Mine 2"}, nil), "Mine 2"},
		"TextField": {why, "Why, it was for bed 8"}, "secret": {secret, "PIN, typed letters are not said"},
		"Tabs": {NewTabs([]string{"Results", "Notes"}, 1, nil), "Results; Notes, chosen"}, "Segmented": {NewSegmented(SegmentedConfig{Labels: []string{"Air", "Oxygen"}, Selected: -1}, nil), "Air; Oxygen"},
		"Rail": {NewRail(RailConfig{Items: []RailItem{{Label: "Ward", Count: "3"}, {Label: "Tasks"}}, Selected: 0}, nil), "Ward 3, chosen; Tasks"},
		"List": {list, "row 2 of 2: RAHMAN"}, "Empty": {NewEmpty("None"), "None"}, "Note": {NewNote(InfoNote, span), "Potassium 6.8"}, "Toast": {toast, "Saved, Undo"},
		"RedBand":     {NewRedBand(RedBandConfig{Left: []Span{span}, Right: "13:40", Action: "Open"}, nil), "Potassium 6.8 13:40, Open"},
		"StatusStrip": {NewStatusStrip(StripConfig{Left: []Span{span}}, nil), "Potassium 6.8"},
		"Banner":      {NewBanner(BannerConfig{Name: "ADEYEMI, Folake", Second: []BannerPiece{{Label: "Born", Value: "14-Mar-1954"}}}, nil), "ADEYEMI, Folake, Born 14-Mar-1954"},
		"FieldRow":    {NewFieldRow(90, "By", span), "By, Potassium 6.8"}, "FormRow": {NewFormRow(FormRowConfig{Label: "Pulse", Unit: "/min", Before: "88"}, why, nil), "Pulse, /min, 88"},
		"NumberField": {NewNumberField(NumberConfig{}, nil), "number"}, "Line": {NewLine(span), "Potassium 6.8"}, "Flow": {NewFlow(span), "Potassium 6.8"},
	} {
		if got := strings.Join(strings.Fields(c.w.AccessibilityLabel()), " "); got != c.want {
			t.Errorf("%s says %q, want %q", name, got, c.want)
		}
		if r := c.w.AccessibilityRole(); r == "" || r == fyne.AccessibleRoleContainer {
			t.Errorf("%s is %q", name, r)
		}
	}
}

// A widget that is new to the kit and says nothing is noticed.
func TestNoWidgetOfTheKitIsSilent(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	draws, says := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil {
				continue
			}
			star, ok := fn.Recv.List[0].Type.(*ast.StarExpr)
			if !ok {
				continue
			}
			name := star.X.(*ast.Ident).Name
			switch fn.Name.Name {
			case "CreateRenderer":
				draws[name] = ast.IsExported(name)
			case "AccessibilityLabel":
				says[name] = true
			}
		}
	}
	if len(draws) < 20 {
		t.Fatalf("%d widgets were found", len(draws))
	}
	for name, exported := range draws {
		if exported && !says[name] && !silent[name] {
			t.Errorf("%s has no AccessibilityLabel", name)
		}
		if silent[name] && says[name] {
			t.Errorf("%s is said to be silent, and speaks", name)
		}
	}
}
