package ward_test

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
)

// Where there is one line for a result, a number stands whole, and a text says
// how much more of it there is to read.
func TestATextInOneLineSaysHowMuchMoreThereIs(t *testing.T) {
	long := strings.Repeat("cocci in clusters ", 8)
	for _, c := range []struct {
		r    ward.Result
		want string
	}{
		{ward.Result{Value: "6.8"}, "6.8"},
		{ward.Result{Value: "positive", Text: true}, "positive"},
		{ward.Result{Value: "Gram positive cocci\r\nin clusters", Text: true}, "Gram positive cocci (and 1 more line)"},
		{ward.Result{Value: "a\n\nb\nc\n", Text: true}, "a (and 3 more lines)"},
		{ward.Result{Value: long, Text: true}, "cocci in clusters cocci in clusters cocci in clusters cocci …"},
	} {
		if got := c.r.Brief(); got != c.want {
			t.Errorf("%q in one line is %q, want %q", c.r.Value, got, c.want)
		}
	}
}
