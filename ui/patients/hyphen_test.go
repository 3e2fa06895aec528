package patients

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// A double name that fits no line breaks behind its hyphen, not within a part
// that would fit; nothing of it is lost.
func TestADoubleNameBreaksBehindItsHyphen(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light, Scale: 1}))
	const name = "FEATHERSTONEHAUGH-CHOLMONDELEY-WARBURTON, Maximiliana Alexandrina"
	var got []string
	for _, l := range broken(kit.T(name, kit.BodyStrong, theme.Text), 196) {
		if width(l) > 196 {
			t.Errorf("%q is wider than its room", l[0].Text)
		}
		got = append(got, l[0].Text)
	}
	if all := strings.Join(got, "|"); all != "FEATHERSTONEHAUGH-|CHOLMONDELEY-WARBURTON,|Maximiliana Alexandrina" && all != "FEATHERSTONEHAUGH-|CHOLMONDELEY-|WARBURTON, Maximiliana|Alexandrina" {
		t.Error(all)
	}
}
