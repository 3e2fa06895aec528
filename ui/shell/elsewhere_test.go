package shell

import (
	"runtime"
	"slices"
	"strings"
	"testing"
)

// inMemory are what the window may ask where it draws: they are answered from
// memory. Everything else may read or write the disk, whose next answer may take a
// second.
var inMemory = []string{"SignedIn", "Look", "MayWall"}

// fromDisplay says which question of the window it is that is being asked on the
// goroutine that draws, or "" for one that may be asked there, or that is asked
// elsewhere or by a test itself. In a test that goroutine is the test's own: it
// drains the Dispatcher's queue and presses the keys.
//
// The draft that is being typed when a session ends is the one exception: it is
// written before anything else can happen to it.
func fromDisplay() string {
	pc := make([]uintptr, 96)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	question, window, display := "", "", false
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		name := f.Function[strings.LastIndex(f.Function, "/")+1:]
		switch {
		case question == "":
			question = name[strings.LastIndex(name, ".")+1:]
		case strings.HasSuffix(name, "(*session).flush"):
			return ""
		case f.Function == "testing.tRunner":
			display = true
		case window == "" && strings.HasPrefix(f.Function, "wardlight/") && !strings.HasSuffix(f.File, "_test.go"):
			window = name
		}
	}
	if window == "" || !display || slices.Contains(inMemory, question) {
		return ""
	}
	return question + " by " + window
}

// The display never waits for the store: in every test of this package each
// question to the desk or the station is looked at for where it is asked. This one
// shows that it is noticed.
func TestAQuestionOnTheDrawingGoroutineIsNoticed(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	drawn := func() []string { defer r.st.lock()(); return r.st.onDisplay }
	if got := drawn(); len(got) > 0 {
		t.Fatalf("to sign in asks %v where frames are drawn", got)
	}
	go r.s.seat.look("board", "") // as the window does it
	if r.settle(); len(drawn()) > 0 {
		t.Errorf("a question that is asked elsewhere is blamed: %v", drawn())
	}
	r.s.seat.look("board", "")
	if got := drawn(); !slices.Equal(got, []string{"OpenList by shell.(*session).look"}) {
		t.Errorf("a look that is written down where frames are drawn is noticed as %v", got)
	}
	defer r.st.lock()()
	r.st.onDisplay = nil
}
