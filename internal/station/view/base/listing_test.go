package base

import (
	"errors"
	"slices"
	"testing"
)

func TestPillsCountOverAllLinesWhateverIsListed(t *testing.T) {
	even := Keeps[string, int](func(f string, n int) bool { return f == "all" || n%2 == 0 })
	got := even.Pills([]string{"all", "even"}, map[string]string{"all": "All", "even": "Even"}, "even", []int{1, 2, 3, 4, 6})
	want := []Pill[string]{{"all", "All", 5, false}, {"even", "Even", 3, true}}
	if !slices.Equal(got, want) {
		t.Errorf("the pills are %v, want %v", got, want)
	}
	if kept := even.Of("even", []int{1, 2, 3, 4}); !slices.Equal(kept, []int{2, 4}) {
		t.Errorf("kept %v", kept)
	}
}

func TestTheChosenLineStaysWhileItIsListed(t *testing.T) {
	self := func(s string) string { return s }
	for _, c := range []struct {
		was   string
		lines []string
		want  string
	}{
		{"b", []string{"a", "b"}, "b"},
		{"gone", []string{"a", "b"}, "a"},
		{"", []string{"a"}, "a"},
		{"a", nil, ""},
	} {
		if got := Chosen(c.was, c.lines, self); got != c.want {
			t.Errorf("of %v, %q was chosen; now it is %q, want %q", c.lines, c.was, got, c.want)
		}
	}
}

func TestARefusedCommandIsStillToldAfterTheNextReading(t *testing.T) {
	var unread Unread
	said := "somebody else took it"
	if !unread.Heard(nil, &said) || said != "somebody else took it" {
		t.Errorf("a reading that succeeded left %q of what a command was refused for", said)
	}
	if unread.Heard(errors.New("the copy cannot be read"), &said) || said != "the copy cannot be read" {
		t.Errorf("a reading that failed is told as %q", said)
	}
	if !unread.Heard(nil, &said) || said != "" {
		t.Errorf("it is read again, and the page says %q", said)
	}
}
