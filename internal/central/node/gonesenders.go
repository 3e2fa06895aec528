package node

import (
	"context"
	"slices"

	"wardlight/internal/trust/audit"
)

// A sender that was taken off must stay so when an older backup is restored, in which it
// is welcome. So what it was known by stands in the list of revocations (revocations.go) as
// well, as a line of version 3, signed by central's journal key. Earlier programs, which
// have no port for senders over TLS, count it as one that they cannot read:
//
//	{"v":3,"sender":"…","mark":"…","at":1764345600000,"sig":"…"}
//
// Restore takes off again whoever the list knows and was let in before that.

type goneSender struct {
	V      int    `json:"v"` // 3
	Sender string `json:"sender"`
	Mark   string `json:"mark"` // sender.mark
	At     int64  `json:"at"`   // ms since 1970, central
	Sig    []byte `json:"sig"`
}

var goneSenderLine = signedLine[goneSender]{3, "wardlight sender taken off v1", func(g *goneSender) *[]byte { return &g.Sig }}

func (n *Node) noteGoneSender(s sender) error {
	return goneSenderLine.note(n, goneSender{V: goneSenderLine.version, Sender: s.Name, Mark: s.mark(), At: n.conf.Now().UnixMilli()})
}

// sendersAgain shuts out who was taken off after the backup was made, and says who is let
// in now.
func (n *Node) sendersAgain(ctx context.Context, said map[string]any) error {
	last := map[string]int64{}
	bad, err := goneSenderLine.read(n, func(g goneSender) { last[g.Mark] = max(last[g.Mark], g.At) })
	if err != nil {
		return err
	}
	again, welcome := []string{}, []string{}
	for _, s := range n.senders.Load().List {
		if last[s.mark()] >= s.Added {
			again = append(again, s.Name)
		} else {
			welcome = append(welcome, s.Name)
		}
	}
	for _, name := range again {
		err := n.changeSenders(ctx, Order{Cmd: "restore", Args: map[string]string{"sender": name}}, func(l *senders) ([]audit.Change, error) {
			gone := l.of(name)
			l.List = slices.DeleteFunc(l.List, func(s sender) bool { return s.Name == name })
			return changesOf(gone, sender{}), nil
		})
		if err != nil {
			return err
		}
	}
	said["senders_removed_again"], said["senders"] = again, welcome
	if bad > 0 {
		said["unreadable_senders"] = bad
	}
	return nil
}
