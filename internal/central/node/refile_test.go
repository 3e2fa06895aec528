package node

import (
	"context"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
)

// A restored epoch began, and central ended before it had filed again what lies in the
// raw inbound log. Senders were answered for it: the next start files it, once, and says
// that nothing is left.
func TestARawLogThatWasNotFiledAgainIsAtTheNextStart(t *testing.T) {
	ctx := context.Background()
	conf := newCentral(t)
	conf.Listen, conf.MLLP = "127.0.0.1:0", "127.0.0.1:0"
	n := openNode(t, conf)
	raw := strings.Join([]string{
		`MSH|^~\&|PAS|N|WARDLIGHT|N|20261128080000+0000||ADT^A01|C1|P|2.5.1||||||UNICODE UTF-8`,
		`EVN|A01|20261128080000+0000`, `PID|1||9990419590^^^NHS^NH||ADEYEMI^FOLAKE||19540314|F`,
		`PV1|1|I|4B^B01^01^N||||||||||||||||V1^^^N^VN|||||||||||||||||||||||||20261128080000+0000`,
	}, "\r") + "\r"
	_, err := n.raw.Append(ctx, "mllp", []byte(raw))
	must(t, err)
	_, err = n.journal.Begin(ctx, record.CauseRestored, n.journal.Head().Position)
	must(t, err)
	closeNode(t, n)

	id := n.mllp.Translate([]byte(raw), "mllp", time.Now()).Inbound.ID
	for start := 1; start <= 2; start++ {
		n = openNode(t, conf)
		before := n.journal.Head().Position
		serveUntil(t, n, func() bool {
			whole, err := n.refiled(ctx)
			must(t, err)
			return whole
		})
		must(t, n.journal.View(ctx, func(r journal.Reader) error {
			_, known, err := r.Inbound(id)
			if err == nil && !known {
				t.Errorf("start %d: the message is not in the journal", start)
			}
			return err
		}))
		if start == 2 {
			waiting, err := n.replayRaw(ctx)
			must(t, err)
			if waiting != 0 {
				t.Errorf("the second start left %d messages", waiting)
			}
			if filed := n.journal.Head().Position - before; filed > 1 {
				t.Errorf("the second start made %d entries", filed)
			}
		}
		closeNode(t, n)
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
	for !so() {
		if ctx.Err() != nil {
			t.Error("it was waited for in vain")
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	end()
	must(t, <-ended)
}
