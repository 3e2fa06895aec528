package node

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

var anAdmission = []byte(strings.Join([]string{
	`MSH|^~\&|PAS|N|WARDLIGHT|N|20261128080000+0000||ADT^A01|C1|P|2.5.1||||||UNICODE UTF-8`,
	`EVN|A01|20261128080000+0000`, `PID|1||9990419590^^^NHS^NH||ADEYEMI^FOLAKE||19540314|F`,
	`PV1|1|I|4B^B01^01^N||||||||||||||||V1^^^N^VN|||||||||||||||||||||||||20261128080000+0000`,
}, "\r") + "\r")

// A restored epoch began, and central ended before it had filed again what lies in the
// raw inbound log. Senders were answered for it: the next start files it, and the one
// after that finds nothing to do.
func TestARawLogThatWasNotFiledAgainIsAtTheNextStart(t *testing.T) {
	ctx := context.Background()
	conf := newCentral(t)
	conf.Listen, conf.MLLP = "127.0.0.1:0", "127.0.0.1:0"
	n := openNode(t, conf)
	restoredWithout(ctx, t, n)
	closeNode(t, n)
	for start := 1; start <= 2; start++ {
		n = openNode(t, conf)
		serveUntil(t, n, func() bool { return whole(ctx, t, n) })
		if !filed(ctx, t, n) {
			t.Errorf("start %d: the message is not in the journal", start)
		}
		if start == 2 {
			if waiting, err := n.replayRaw(ctx); err != nil || waiting != 0 {
				t.Errorf("the second start left %d messages, %v", waiting, err)
			}
		}
		closeNode(t, n)
	}
}

// Where the disk is full meanwhile, central goes on with it by itself once there is room.
func TestARawLogIsFiledAgainOnceThereIsRoom(t *testing.T) {
	ctx, end := context.WithTimeout(context.Background(), time.Minute)
	defer end()
	disk := new(fullDisk)
	conf := newCentral(t)
	conf.refileEvery = 5 * time.Millisecond
	conf.Wrap = func(j journal.Journal) journal.Journal { disk.Journal = j; return disk }
	n := openNode(t, conf)
	defer closeNode(t, n)
	restoredWithout(ctx, t, n)

	disk.full.Store(true)
	ended := make(chan struct{})
	go func() { defer close(ended); n.refileAgain(ctx) }()
	until(ctx, t, "it was tried more than once", func() bool { return disk.refused.Load() > 1 })
	disk.full.Store(false)
	until(ctx, t, "it is through", func() bool { return whole(ctx, t, n) })
	if !filed(ctx, t, n) {
		t.Error("the message is not in the journal")
	}
	end()
	<-ended
}

// restoredWithout begins a restored epoch, and leaves a message in the raw inbound log
// that is not in the journal.
func restoredWithout(ctx context.Context, t *testing.T, n *Node) {
	t.Helper()
	_, err := n.raw.Append(ctx, "mllp", anAdmission)
	must(t, err)
	_, err = n.journal.Begin(ctx, record.CauseRestored, n.journal.Head().Position)
	must(t, err)
}

// whole says whether the log is noted as filed again.
func whole(ctx context.Context, t *testing.T, n *Node) bool {
	t.Helper()
	is, err := n.refiled(ctx)
	must(t, err)
	return is
}

// filed says whether the message is in the journal.
func filed(ctx context.Context, t *testing.T, n *Node) (known bool) {
	t.Helper()
	id := n.mllp.Translate(anAdmission, "mllp", n.conf.Now()).Inbound.ID
	must(t, n.journal.View(ctx, func(r journal.Reader) (err error) {
		_, known, err = r.Inbound(id)
		return err
	}))
	return known
}

// fullDisk is a journal that takes nothing while it is full.
type fullDisk struct {
	journal.Journal
	full    atomic.Bool
	refused atomic.Int64
}

func (d *fullDisk) Update(ctx context.Context, do func(journal.Tx) error) (record.Entry, error) {
	if d.full.Load() {
		d.refused.Add(1)
		return record.Entry{}, fault.New(fault.Full, "test.update", "", "the disk is full")
	}
	return d.Journal.Update(ctx, do)
}

func until(ctx context.Context, t *testing.T, what string, so func() bool) {
	t.Helper()
	for !so() {
		if ctx.Err() != nil {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// serveUntil lets a node serve until a thing is so.
func serveUntil(t *testing.T, n *Node, so func() bool) {
	t.Helper()
	ctx, end := context.WithTimeout(context.Background(), time.Minute)
	defer end()
	ended := make(chan error, 1)
	ready := make(chan struct{})
	go func() { ended <- n.Serve(ctx, func(Ready) { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	until(ctx, t, "while central serves", so)
	end()
	must(t, <-ended)
}
