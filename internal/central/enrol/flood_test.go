package enrol_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/central/enrol"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/pki"
)

// front is an office without a network, at a given cost of a guess, with one
// account.
func front(t *testing.T, cost enrol.Cost, busy ...func(record.StationID)) *enrol.Office {
	t.Helper()
	told := func(s record.StationID) {
		for _, f := range busy {
			f(s)
		}
	}
	o := enrol.New(enrol.Config{
		RefusedBusy: told,
		Journal:     memjournal.New(memjournal.Options{}), Now: time.Now, Cost: cost,
		Audit: func(context.Context, string, string, time.Time, ...audit.Change) ([]byte, error) {
			return []byte(`{"resourceType":"AuditEvent"}`), nil
		},
	})
	err := o.AddUser(context.Background(), record.Account{User: "g.mensah", Name: "Grace Mensah", Role: "nurse", Wards: []record.Ward{"4B"}}, "482915")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func at(n int) record.Peer {
	return record.Peer{Device: record.Device{Station: record.StationID(fmt.Sprintf("s%012d", n))}}
}

// Ten wrong PINs are ten, whether they come one after another or all at once from
// forty computers.
func TestGuessesThatComeAtOnceAreCounted(t *testing.T) {
	o := front(t, enrol.Cost{Memory: 1 << 10, Passes: 1, Threads: 1})
	var wrong atomic.Int32
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			_, err := o.SignIn(context.Background(), at(i), pki.SignInRequest{User: "g.mensah", PIN: fmt.Sprintf("10%04d", i)})
			if fault.Is(err, fault.Unknown) {
				wrong.Add(1)
			}
		})
	}
	all.Wait()
	if wrong.Load() > 10 {
		t.Errorf("%d guesses were answered, ten are allowed", wrong.Load())
	}
	_, err := o.SignIn(context.Background(), at(1), pki.SignInRequest{User: "g.mensah", PIN: "482915"})
	if !fault.Is(err, fault.Denied) {
		t.Errorf("after them, the right PIN: %v", err)
	}
}

// A crowd of sign-ins, each of which costs 16 MiB, costs central a few of them
// and not all: the rest wait or are told to come back.
func TestACrowdOfSignInsCannotTakeAllMemory(t *testing.T) {
	o := front(t, enrol.Cost{Memory: 16 << 10, Passes: 1, Threads: 1})
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		var top uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			top = max(top, m.HeapAlloc)
			select {
			case <-stop:
				most <- top
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	var all sync.WaitGroup
	for i := range 120 {
		all.Go(func() {
			_, err := o.SignIn(context.Background(), at(i), pki.SignInRequest{User: fmt.Sprintf("nobody%d", i), PIN: "100000"})
			if !fault.Is(err, fault.Unknown) && !fault.Is(err, fault.Full) {
				t.Errorf("sign-in %d: %v", i, err)
			}
		})
	}
	all.Wait()
	close(stop)
	if top := <-most; top > 512<<20 {
		t.Errorf("a hundred and twenty sign-ins at once took %d MiB", top>>20)
	}
}

// One computer that floods the door takes its own places only, and each sign-in that was
// turned away is told of, with the computer.
func TestOneComputerThatFloodsDoesNotKeepOthersOut(t *testing.T) {
	var told, others atomic.Int32
	o := front(t, enrol.Cost{Memory: 8 << 10, Passes: 1, Threads: 1}, func(s record.StationID) {
		told.Add(1)
		if s != at(0).Device.Station {
			others.Add(1)
		}
	})
	stop := make(chan struct{})
	var all sync.WaitGroup
	var refused atomic.Int32
	for i := range 100 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				_, err := o.SignIn(context.Background(), at(0), pki.SignInRequest{User: fmt.Sprintf("guess%d", i), PIN: "100000"})
				if fault.Is(err, fault.Full) {
					refused.Add(1)
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	for range 5 {
		if _, err := o.SignIn(context.Background(), at(1), pki.SignInRequest{User: "g.mensah", PIN: "482915"}); err != nil {
			t.Errorf("a nurse at another computer: %v", err)
		}
	}
	close(stop)
	all.Wait()
	if refused.Load() == 0 || told.Load() != refused.Load() || others.Load() != 0 {
		t.Errorf("%d of the flood were refused, %d told of, %d of them another computer's", refused.Load(), told.Load(), others.Load())
	}
}
