package seat

import (
	"testing"
	"time"
)

// What nobody waits for rests as long as it worked, so that it never has more than half
// of a processor, and not for ever after work that was itself kept waiting.
func TestWorkInTheBackgroundRests(t *testing.T) {
	rest := pauses()
	for range 3 {
		time.Sleep(5 * time.Millisecond)
		began := time.Now()
		if rest(); time.Since(began) < 5*time.Millisecond {
			t.Fatalf("it rested for %v after 5 ms of work", time.Since(began))
		}
	}
	rested := time.Hour
	for try := 0; rested > 15*packRest && try < 10; try++ { // a busy machine wakes one late, now and then
		time.Sleep(20 * packRest)
		began := time.Now()
		rest()
		rested = time.Since(began)
	}
	if rested > 15*packRest {
		t.Errorf("it rested for %v", rested)
	}
}
