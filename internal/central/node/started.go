package node

import (
	"context"
	"os"
	"os/user"
	"strconv"
	"strings"

	"wardlight/internal/central/callout"
	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// How central is started is configuration, too: on which addresses it listens, whose
// messages it takes, where the raw inbound log lies. Whoever starts it is asked by no
// command of ours, so each start is held to the one before, and what differs is on
// record before a door is opened.

// startNote is how central was started last.
const startNote = "started"

// startSetting is one setting of a start, as kept.
type startSetting struct {
	Name  string `cbor:"1,keyasint"`
	Value string `cbor:"2,keyasint"`
}

// startSettings are all of them, in a fixed order. A flag of 'serve' that is missing
// here fails a test of cmd/wardlightd.
func (n *Node) startSettings() []startSetting {
	c := n.conf
	list := []startSetting{
		{"program", c.Program},
		{"--listen", c.Listen},
		{"--mllp", c.MLLP},
		{"--mllps", c.MLLPS},
		{"--mllps-cert", c.MLLPSCert},
		{"--mllps-key", c.MLLPSKey},
		{"--processing-ids", strings.Join(c.ProcessingIDs, ",")},
		{"--inbound", c.Inbound},
		{"--data", c.Dir},
		{"--small", yesOf(c.Small)},
		{"--unsent", mebibytes(c.Unsent)},
		{"--passphrase-file", c.SecretsIn},
		{"central.json hosts", strings.Join(n.set.Hosts, ", ")},
		{"central.json zone", n.set.Zone},
	}
	for _, t := range callout.Tell(c.Dir) { // the file is read at a start, and only then
		list = append(list, startSetting(t))
	}
	return list
}

// noteStart puts on record what of this start differs from the last one, in the
// transaction that keeps it. What cannot be recorded is not begun.
func (n *Node) noteStart(ctx context.Context) error {
	now := n.startSettings()
	kept, err := record.Encode(now)
	if err != nil {
		return err
	}
	_, err = n.journal.Update(ctx, func(tx journal.Tx) error {
		was, err := startIn(tx)
		if err != nil {
			return err
		}
		changes := audit.Changed(audit.Differences(was, now, func(s startSetting) audit.Setting { return audit.Setting(s) })...)
		if len(changes) == 0 {
			return nil
		}
		e := audit.Event{
			Action: audit.Config, Recorded: n.conf.Now(), Observer: "central", Purpose: audit.Operations, Who: startedBy(),
			Details: append([]audit.Detail{{Name: "what", Value: "central was started in another way than the last time"}}, changes...),
		}
		b, err := e.JSON()
		if err != nil {
			return err
		}
		if err := tx.SetNote(startNote, kept); err != nil {
			return err
		}
		return tx.Audit(b)
	})
	return fault.Wrap("node.start", "", err)
}

func startIn(r journal.Reader) (list []startSetting, err error) {
	b, there, err := r.Note(startNote)
	if err != nil || !there {
		return nil, err
	}
	return list, record.Decode(b, &list)
}

func yesOf(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

func mebibytes(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n>>20) + " MiB"
}

// startedBy is the user of the system under whom central runs.
func startedBy() audit.Who {
	name := "uid " + strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return audit.Who{User: record.UserID(name), Name: "administrator " + name}
}
