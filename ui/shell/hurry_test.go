package shell

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
)

// News wait while somebody types and come when the hand rests; for somebody who
// never rests they do not wait for ever.
func TestNewsWaitForTheHand(t *testing.T) {
	for name, c := range map[string]struct{ types, least, most time.Duration }{
		"nobody types":             {0, 0, 0},
		"a word":                   {time.Second, time.Second, time.Second + handRests + lookEvery},
		"somebody who never rests": {time.Minute, longestIn, longestIn + lookEvery},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer func() { // nobody is left behind in the bubble
				cancel()
				time.Sleep(time.Second)
			}()
			h, news, began := &hurry{}, make(chan ward.Notice, 1), time.Now()
			came := make(chan time.Duration, 1)
			go func() {
				for ; ctx.Err() == nil && time.Since(began) < c.types; time.Sleep(100 * time.Millisecond) {
					h.key()
				}
			}()
			synctest.Wait() // the first letter is there
			base.Follow(ctx, typedOver{news, h}, time.Hour, func(ward.Notice) { came <- time.Since(began) })
			news <- ward.Notice{Kind: ward.NoticePatients}
			if at := <-came; at < c.least || at > c.most {
				t.Errorf("%s: the news came after %v, want %v to %v", name, at, c.least, c.most)
			}
		})
	}
}

// Who makes room for somebody who types is told once when it begins and once when
// the hand rests, and again for the next word.
func TestTheHurryIsToldOnceAWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []bool
		h := &hurry{tell: func(on bool) {
			mu.Lock()
			told = append(told, on)
			mu.Unlock()
		}}
		now := func() []bool {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(told)
		}
		for range 2 {
			for range 9 {
				h.key()
				time.Sleep(handRests / 3)
			}
			if all := now(); !all[len(all)-1] {
				t.Error("the hand rests between two letters")
			}
			time.Sleep(3 * handRests)
		}
		if told := now(); !slices.Equal(told, []bool{true, false, true, false}) {
			t.Errorf("two words are told as %v", told)
		}
	})
}

// Whoever opens a chart, points or scrolls is given room too, and waits for no news: only
// between two letters are they put off.
func TestAHandAtWorkIsToldAndNoNewsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []bool
		h := &hurry{tell: func(on bool) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, on)
		}}
		for range 5 {
			h.move()
			began := time.Now()
			if h.Pause(context.Background()); time.Since(began) > 0 {
				t.Errorf("news waited %v for a hand that typed nothing", time.Since(began))
			}
			time.Sleep(handRests / 2)
		}
		time.Sleep(3 * handRests)
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(told, []bool{true, false}) {
			t.Errorf("one move is told as %v", told)
		}
	})
}

// A chart that is opened, a wheel and a pointer are a hand at work.
func TestTheWindowMakesRoomForAHand(t *testing.T) {
	for name, act := range map[string]func(*rig){
		"pointer": func(r *rig) { r.s.frame.Cursor() },
		"key":     func(r *rig) { r.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1}) },
		"chart":   func(r *rig) { r.s.Open(r.st.rows[0].Who.ID, func(Frame) {}) },
	} {
		r := newRig(t, light(), 1366, 768)
		r.signIn()
		told := make(chan bool, 9)
		r.s.hurry.mu.Lock()
		r.s.hurry.tell, r.s.hurry.told = func(on bool) { told <- on }, false
		r.s.hurry.mu.Unlock()
		act(r)
		select {
		case on := <-told:
			if !on {
				t.Errorf("%s: told that the hand rests", name)
			}
		default:
			t.Errorf("%s: nobody is told", name)
		}
	}
}

// typedOver is a stream of news beside somebody who types.
type typedOver struct {
	news chan ward.Notice
	*hurry
}

func (o typedOver) Subscribe(context.Context) <-chan ward.Notice { return o.news }

// What is read for a page that the search covers waits for the hand, and what is
// read for an alert does not.
func TestOnlyAlertsAreReadBetweenTwoLetters(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	n := r.s.seat
	r.s.Key(fyne.KeyK, ctrl)
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				r.s.hurry.key()
			}
		}
	}()
	time.Sleep(60 * time.Millisecond)
	func() {
		defer r.st.lock()()
		r.st.rows = r.st.rows[:2]
		r.st.alerts = []ward.Alert{r.st.alert(0, "k1", "Potassium", "6.8")}
	}()
	tell := func() {
		for range 40 { // everybody who listens takes some of the same
			r.st.news <- ward.Notice{Kind: ward.NoticePatients}
		}
		r.settle()
	}
	for range 5 {
		if tell(); n.urgent > 0 {
			break
		}
	}
	if n.urgent == 0 {
		t.Error("an alert waits for the hand")
	}
	if got := n.board.State().Rows.Len(); got != 5 {
		t.Errorf("the board was read between two letters: %d rows", got)
	}
	close(stop)
	for range 60 {
		if tell(); n.board.State().Rows.Len() == 2 {
			return
		}
	}
	t.Error("the board was not read when the hand rested")
}

// Whatever page lies below the search, what it shows anew is drawn when the search
// has gone: a page that is hidden asks for a frame of the whole window all the same.
func TestNoPageIsDrawnUnderTheSearch(t *testing.T) {
	for _, id := range []pageID{pageResults, pageTasks, pageHandover, pageOrders, pageOutage} {
		r := newRig(t, light(), 1366, 768)
		r.signIn()
		n := r.s.seat
		n.turn(id)
		r.s.Key(fyne.KeyK, ctrl) // before what was read can be drawn
		if r.settle(); n.late[id] == nil {
			t.Errorf("%s is drawn under the search", id)
		}
		if r.s.Key(fyne.KeyEscape, 0); n.late[id] != nil {
			t.Errorf("%s was not drawn after the search", id)
		}
	}
}
