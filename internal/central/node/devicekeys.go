package node

import (
	"context"

	"wardlight/internal/clinical/record"
)

// A computer whose key was changed must be let in when an older backup is restored, in
// which it has the key of before, and that one must not. So every change stands in the list
// of revocations (revocations.go) as well, as a line of version 2, which earlier programs
// pass over:
//
//	{"v":2,"station":"s…","key":"…","since":1764345600000,"sig":"…"}
//
// Serve adds what the journal knows and the list does not, and Restore gives the computers
// of the backup the keys of the list that are later.

// deviceKey is one line of the list.
type deviceKey struct {
	V       int              `json:"v"` // 2
	Station record.StationID `json:"station"`
	Key     []byte           `json:"key"`   // P-256 public key, SubjectPublicKeyInfo
	Since   int64            `json:"since"` // ms since 1970, central
	Sig     []byte           `json:"sig"`
}

var deviceKeyLine = signedLine[deviceKey]{2, "wardlight device key v1", func(k *deviceKey) *[]byte { return &k.Sig }}

// deviceKeys reads the newest line of each computer; bad is how many lines cannot be
// believed.
func (n *Node) deviceKeys() (list map[record.StationID]deviceKey, bad int, err error) {
	list = map[record.StationID]deviceKey{}
	bad, err = deviceKeyLine.read(n, func(k deviceKey) {
		if k.Since > list[k.Station].Since {
			list[k.Station] = k
		}
	})
	return list, bad, err
}

// noteDeviceKey adds one to the list, durably.
func (n *Node) noteDeviceKey(d record.Device) error {
	return deviceKeyLine.note(n, deviceKey{V: deviceKeyLine.version, Station: d.Station, Key: d.Key, Since: d.Keyed})
}

// noteDeviceKeys adds what the journal knows and the list does not.
func (n *Node) noteDeviceKeys(ctx context.Context) error {
	known, _, err := n.deviceKeys()
	if err != nil {
		return err
	}
	lacks := func(d record.Device) bool { return d.Keyed > known[d.Station].Since }
	return n.noteLacking(ctx, lacks, n.noteDeviceKey)
}

// keyed is told of a computer that came with its new key for the first time. The session
// that it began with the one of before ends.
func (n *Node) keyed(d record.Device) {
	if h := n.serving.Load(); h != nil {
		h.Changed(d)
	}
	if err := n.noteDeviceKey(d); err != nil {
		n.conf.Log.Error("a computer's new key could not be noted beside the raw inbound log; it is tried again at the next start. Until then the computer would have to be enrolled again if an older backup were restored", "station", string(d.Station), "err", err)
	}
}

// keysAgain gives the computers of a restored central the keys that they have had since.
func (n *Node) keysAgain(ctx context.Context, said map[string]any) error {
	known, bad, err := n.deviceKeys()
	if err != nil {
		return err
	}
	again := []record.StationID{}
	for _, k := range known {
		did, err := n.office.KeyAgain(ctx, k.Station, k.Key, k.Since)
		if err != nil {
			return err
		}
		if did {
			again = append(again, k.Station)
		}
	}
	said["keys_again"] = again
	if bad > 0 {
		said["unreadable_keys"] = bad
	}
	return nil
}
