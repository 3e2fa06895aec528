package assets

import "strings"

// Licence is one licence text and what it is the licence of.
type Licence struct {
	Of   []string // "fyne.io/fyne/v2 v2.8.1"
	Text string
}

// licenceMark begins a licence in licences.txt: a line for each work that it is
// the licence of, then an empty line, then the text.
const licenceMark = "=== "

// LicencesOf returns the licences of everything that is inside the programs:
// modules of others, typefaces and icons, each text once. The file is made by
// TestEveryModuleHasItsLicence, which also holds it to what is built in.
func LicencesOf() []Licence {
	out := []Licence{
		{[]string{"IBM Plex, the typefaces"}, string(must("fonts/LICENSE_FONT"))},
		{[]string{"Phosphor Icons"}, string(must("icons/LICENSE"))},
	}
	for _, block := range strings.Split("\n"+string(must("licences.txt")), "\n\n"+licenceMark) {
		head, text, ok := strings.Cut(strings.TrimPrefix(block, "\n"+licenceMark), "\n\n")
		if !ok {
			continue
		}
		var of []string
		for _, line := range strings.Split(head, "\n") {
			of = append(of, strings.TrimPrefix(line, licenceMark))
		}
		out = append(out, Licence{of, strings.TrimSpace(text)})
	}
	return out
}
