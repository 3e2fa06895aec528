package demo

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// The page is made of the list, and each sight on it has its picture.
func TestTheTourIsWhole(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	page, err := os.ReadFile(filepath.Join(docs, "tour.md"))
	if err != nil || !bytes.Equal(page, tourPage()) {
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
		if i, err := png.DecodeConfig(bytes.NewReader(raw)); err != nil || i.Width != 1366 || i.Height != 768 {
			t.Errorf("%s: %v, %d x %d", s.title, err, i.Width, i.Height)
		}
	}
	files, err := os.ReadDir(filepath.Join(docs, "tour"))
	if err != nil || len(files) != len(sights) {
		t.Errorf("%d pictures for %d sights, %v", len(files), len(sights), err)
	}
}
