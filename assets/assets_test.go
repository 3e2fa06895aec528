package assets

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"regexp"
	"testing"
)

// The renderer misdraws arcs, and recolours fills only: an icon with an arc
// command, a stroke or a fill of its own would look wrong on some theme.
func TestIconsAreOnesThatTheRendererDraws(t *testing.T) {
	path := regexp.MustCompile(` d="([^"]*)"`)
	if len(Icons()) != 61 {
		t.Errorf("there are %d icons, want the 61 that were looked at", len(Icons()))
	}
	seen := map[Icon]bool{}
	for _, icon := range Icons() {
		if seen[icon] {
			t.Errorf("%s is listed twice", icon)
		}
		seen[icon] = true
		data := IconData(icon)
		if err := xml.Unmarshal(data, new(struct{})); err != nil {
			t.Errorf("%s is no XML: %v", icon, err)
		}
		if bytes.Contains(data, []byte("stroke=")) || bytes.Contains(data, []byte("fill=")) {
			t.Errorf("%s has colours of its own", icon)
		}
		paths := path.FindAllSubmatch(data, -1)
		if len(paths) == 0 {
			t.Errorf("%s has no path", icon)
		}
		for _, p := range paths {
			if bytes.ContainsAny(p[1], "aA") {
				t.Errorf("%s draws an arc", icon)
			}
		}
	}
}

func TestFontsAreTrueTypeAndFew(t *testing.T) {
	total := 0
	for _, font := range Fonts() {
		data := FontData(font)
		total += len(data)
		if !bytes.HasPrefix(data, []byte{0, 1, 0, 0}) {
			t.Errorf("%s is no TrueType file", font)
		}
	}
	if total > 1_900_000 { // of which 460,000 are for names on paper in Arabic and Hebrew
		t.Errorf("fonts are %d bytes: only the weights in use belong here", total)
	}
}

func TestTokensAreJSONAndLicencesAreThere(t *testing.T) {
	if !json.Valid(Tokens()) {
		t.Error("tokens are no JSON")
	}
	for subject, words := range map[string]string{"IBM Plex": "SIL Open Font License", "Phosphor Icons": "MIT License"} {
		if !bytes.Contains(Licences()[subject], []byte(words)) {
			t.Errorf("the licence of %s is not embedded", subject)
		}
	}
}

func TestUnknownNameIsFoundAtOnce(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an icon that does not exist was returned")
		}
	}()
	IconData("no-such-icon")
}
