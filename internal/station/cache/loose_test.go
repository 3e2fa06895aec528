package cache_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// held opens a store whose walk stands still until go on is called.
func held(t *testing.T, o cache.Options) (c *cache.Cache, goOn func()) {
	t.Helper()
	gate := make(chan struct{})
	goOn = sync.OnceFunc(func() { close(gate) })
	o.Asked = func(op string) {
		if op == "cache.walk" {
			<-gate
		}
	}
	t.Cleanup(goOn) // after it is closed, which waits for the walk: so it is let go of before
	c = open(t, o)
	t.Cleanup(goOn)
	return c, goOn
}

var (
	rota      = fhir.Ref{Type: fhir.TypeBasic, ID: "rota"}
	otherRota = fhir.Ref{Type: fhir.TypeBasic, ID: "rota-2"}
)

// loose asks for one thing without a patient, and for all of them.
func loose(ctx context.Context, c *cache.Cache, ref fhir.Ref) (found bool, all int, err error) {
	err = c.View(ctx, func(r cache.Reader) (err error) {
		if _, found, err = r.LooseCurrent(ref); err != nil {
			return err
		}
		for _, err := range r.Loose() {
			if err != nil {
				return err
			}
			all++
		}
		return nil
	})
	return found, all, err
}

// What belongs to no patient is known before the walk through the store is done, where
// there is some and where there is none: the first list asks for it.
func TestWhatIsLooseIsKnownBeforeTheWalk(t *testing.T) {
	for name, more := range map[string][]record.Change{
		"nothing": nil,
		"a rota":  {change(fhir.TypeBasic, "rota", "", 1, `{"resourceType":"Basic","id":"rota"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			c := open(t, o)
			all := append([]record.Change{patient("p1", 1), patient("p2", 1), potassium("k1", "p1", 1, "4.1")}, more...)
			ok(t, c.Apply(bg, batch(0, 1, all...)))
			ok(t, c.Apply(bg, batch(1, 2, potassium("k1", "p1", 2, "4.2"))))
			ok(t, c.Close())
			c, _ = held(t, o)
			ctx, cancel := context.WithTimeout(bg, time.Minute)
			defer cancel()
			for range 2 { // the second time it is remembered
				found, n, err := loose(ctx, c, rota)
				ok(t, err)
				if found != (more != nil) || n != len(more) {
					t.Errorf("a rota: %v, %d things without a patient", found, n)
				}
				found, _, err = loose(ctx, c, otherRota)
				ok(t, err)
				if found {
					t.Error("there is a rota that was never written")
				}
			}
			// What comes meanwhile counts.
			ok(t, c.Apply(bg, batch(2, 3, change(fhir.TypeBasic, "rota-2", "", 1, `{"resourceType":"Basic","id":"rota-2"}`))))
			found, n, err := loose(ctx, c, otherRota)
			ok(t, err)
			if !found || n != len(more)+1 {
				t.Errorf("what has just come: %v, %d things without a patient", found, n)
			}
			// Of a patient's it is still waited for.
			short, end := context.WithTimeout(bg, 50*time.Millisecond)
			defer end()
			err = c.View(short, func(r cache.Reader) error {
				_, _, err := r.Current(fhir.Ref{Type: fhir.TypeObservation, ID: "k9"})
				return err
			})
			if !fault.Is(err, fault.Timeout) {
				t.Errorf("absence was believed before the walk: %v", err)
			}
		})
	}
}

// What was taken out of the store is never said not to be there.
func TestWhatIsLooseAndVanishedIsNotAbsent(t *testing.T) {
	everything := func(c *cache.Cache) {
		for _, k := range append(append(c.RawKeys("c//"), c.RawKeys("t/Basic/")...), "d/") {
			c.RawDelete(k)
		}
	}
	for name, tamper := range map[string]func(c *cache.Cache){
		"all of it":           everything,
		"one of two":          func(c *cache.Cache) { c.RawDelete("c//Basic/rota"); c.RawDelete("t/Basic/rota") },
		"the digest":          func(c *cache.Cache) { c.RawDelete("d/") },
		"the row":             func(c *cache.Cache) { c.RawDelete("c//Basic/rota") },
		"where it is":         func(c *cache.Cache) { c.RawDelete("t/Basic/rota") },
		"a patient with it":   func(c *cache.Cache) { everything(c); c.RawDelete("d/p2") },
		"another's in digest": func(c *cache.Cache) { c.RawSet("d/", c.RawGet("d/p2")) },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			c := open(t, o)
			ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), patient("p2", 1),
				change(fhir.TypeBasic, "rota", "", 1, `{"resourceType":"Basic","id":"rota"}`),
				change(fhir.TypeBasic, "rota-2", "", 1, `{"resourceType":"Basic","id":"rota-2"}`))))
			tamper(c)
			ok(t, c.Close())
			c, goOn := held(t, o)
			short, end := context.WithTimeout(bg, 100*time.Millisecond)
			defer end()
			if found, n, err := loose(short, c, rota); err == nil {
				t.Errorf("before the walk: found %v, %d in all, and no error", found, n)
			}
			goOn()
			<-c.Checked()
			if found, n, err := loose(bg, c, rota); err == nil || !fault.Is(err, fault.Corrupt) {
				t.Errorf("after it: found %v, %d in all, %v", found, n, err)
			}
		})
	}
}

// The walk is told of whoever waits for its end, and of nobody else.
func TestWhoeverWaitsForTheWalkHurriesIt(t *testing.T) {
	c, goOn := held(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1))))
	ok(t, c.View(bg, func(cache.Reader) error {
		if n := c.WaitingForTheWalk(); n != 0 {
			t.Errorf("%d wait, and one reads", n)
		}
		return nil
	}))
	done := make(chan error, 1)
	go func() {
		done <- c.View(bg, func(r cache.Reader) error {
			_, _, err := r.Current(fhir.Ref{Type: fhir.TypeObservation, ID: "k9"})
			return err
		})
	}()
	for end := time.Now().Add(time.Minute); c.WaitingForTheWalk() != 1; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the walk does not know that somebody waits")
		}
	}
	goOn()
	ok(t, <-done)
	if n := c.WaitingForTheWalk(); n != 0 {
		t.Errorf("%d wait in the end", n)
	}
}

// That there was nothing is remembered of that state alone.
func TestWhatCameAndVanishedIsNotAbsent(t *testing.T) {
	o := options(t)
	c := open(t, o)
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1))))
	ok(t, c.Close())
	c, _ = held(t, o)
	if _, n, err := loose(bg, c, rota); err != nil || n != 0 {
		t.Fatalf("%d things without a patient, %v", n, err)
	}
	ok(t, c.Apply(bg, batch(1, 2, change(fhir.TypeBasic, "rota", "", 1, `{"resourceType":"Basic","id":"rota"}`))))
	for _, k := range append(append(c.RawKeys("c//"), c.RawKeys("t/Basic/")...), "d/") {
		c.RawDelete(k)
	}
	short, end := context.WithTimeout(bg, 100*time.Millisecond)
	defer end()
	if found, n, err := loose(short, c, rota); err == nil {
		t.Errorf("found %v, %d in all, and no error", found, n)
	}
}
