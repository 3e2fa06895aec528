package demo

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/ui/shell"
)

// The page is made of the list, and each sight on it has its picture.
func TestTheTourIsWhole(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	page, err := os.ReadFile(filepath.Join(docs, "tour.md"))
	_, stamp, _ := bytes.Cut(page, []byte("together, at "))
	stamp, _, _ = bytes.Cut(stamp, []byte(".\n"))
	if _, bad := time.Parse(time.RFC3339, string(stamp)); err != nil || bad != nil || !bytes.Equal(page, tourPage(string(stamp))) {
		t.Errorf("docs/tour.md is not what the list says (%v); run: make tour", err)
	}
	seen := map[string]string{}
	for _, s := range sights {
		raw, err := os.ReadFile(filepath.Join(docs, "tour", s.file+".png"))
		if err != nil {
			t.Errorf("%s has no picture; run: make tour", s.title)
			continue
		}
		if other := seen[string(raw)]; other != "" {
			t.Errorf("%s and %s are one picture", other, s.title)
		}
		seen[string(raw)] = s.title
		if made := textOf(raw, stampKey); made != string(stamp) {
			t.Errorf("the picture of %s was made at %q and not with the others, at %s; run: make tour, and keep all of it", s.title, made, stamp)
		}
		if i, err := png.DecodeConfig(bytes.NewReader(raw)); err != nil || i.Width != 1366 || i.Height != 768 {
			t.Errorf("%s: %v, %d x %d", s.title, err, i.Width, i.Height)
		}
	}
	files, err := os.ReadDir(filepath.Join(docs, "tour"))
	if err != nil {
		t.Error(err)
	}
	for _, f := range files {
		if !bytes.Contains(page, []byte("(tour/"+f.Name()+")")) {
			t.Errorf("docs/tour/%s is on no page", f.Name())
		}
	}
}

// Every page of the window has its picture, and every tab of one that has tabs: a new page
// has none until it is on the list.
func TestEveryPageOfTheWindowHasItsPicture(t *testing.T) {
	seen := map[[2]string]bool{}
	for _, s := range sights {
		if s.language != "" || s.look != "" || s.larger != 0 {
			continue // it is seen in English, light, first
		}
		seen[[2]string{s.page, ""}], seen[[2]string{s.page, s.tab}] = true, true
	}
	for _, page := range shell.Pages() {
		for _, tab := range append(shell.PageTabs(page), "") {
			if !seen[[2]string{page, tab}] {
				t.Errorf("no picture of %s %s: add it to the sights of the tour, and run: make tour", page, tab)
			}
		}
	}
}

// textOf is a text that a picture carries; "" where it carries none of that name.
func textOf(picture []byte, key string) string {
	_, rest, _ := bytes.Cut(picture, []byte("tEXt"+key+"\x00"))
	if len(rest) < len(time.RFC3339) {
		return ""
	}
	end := bytes.IndexByte(rest, 'Z')
	return string(rest[:end+1])
}
