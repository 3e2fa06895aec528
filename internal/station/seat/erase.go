package seat

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
	"wardlight/internal/words"
)

// A computer that was lost or stolen is wiped when it next speaks with central.
// First it hands over its outbox file, sealed as it is: what was entered here and
// not sent is then at central. What central cannot take stays, sealed to central's
// recovery key alone. Then the keys go, and with them everything that they open;
// then the files.
//
// A marker is there from the first step to the last, so that a computer that is
// switched off in the middle goes on when it is started again, and opens nothing
// before.

const (
	wipeMarker = "wipe-ordered"
	wipedFile  = "wiped.json"
)

// errWiped is what whoever sits there reads.
func errWiped() error {
	return fault.As(fault.Denied, "seat.wiped", "", words.Errorf("This computer was erased by order of the hospital. What was entered here and not sent was handed to the server, or is kept here sealed for it. If you find this computer in use on a ward, tell IT; it has to be enrolled anew."))
}

func (s *Seat) wipeOrdered() bool {
	_, err := os.Stat(filepath.Join(s.conf.Dir, wipeMarker))
	return err == nil
}

// wipe begins it.
func (s *Seat) wipe(ctx context.Context) error {
	s.conf.Log.Warn("central has ordered this computer to be wiped")
	if err := writeSynced(filepath.Join(s.conf.Dir, wipeMarker), nil); err != nil {
		return err
	}
	return s.erase(ctx)
}

// erase goes through with it. Each step may be done again.
func (s *Seat) erase(ctx context.Context) error {
	s.closeForGood()
	left := s.handOver(ctx)
	if err := s.slots.Wipe(); err != nil {
		return err
	}
	for _, dir := range s.identityDirs() {
		if err := removeKeys(dir); err != nil {
			return err
		}
	}
	if err := s.removeFiles(left > 0); err != nil {
		return err
	}
	if err := s.door.Wiped(ctx, pki.WipedRequest{Left: left}); err != nil {
		return fault.Wrap("seat.erase", string(s.info.Station), err) // what is left opens nothing; it is told later
	}
	return s.forgetIdentity(ctx, left)
}

// closeForGood ends everything that works on the copy.
func (s *Seat) closeForGood() {
	s.forgetClock()
	s.mu.Lock()
	c, stop := s.cache, s.endWork
	s.cache, s.sync = nil, nil
	s.mu.Unlock()
	if stop != nil {
		stop()
	}
	if c != nil {
		_ = c.Close() // its files are about to go
	}
	s.rekeying.Lock()
	now := s.held.Load()
	s.held.Store(&held{device: now.device})
	s.rekeying.Unlock()
	now.data.Drop()
	if s.Why() == nil {
		s.setFailed(errWiped())
	}
}

func (s *Seat) setFailed(why error) {
	s.mu.Lock()
	d := s.desk
	s.failed, s.desk = why, nil
	select {
	case <-s.opened:
	default:
		close(s.opened)
	}
	s.mu.Unlock()
	if d != nil {
		d.EndSession()
	}
}

// handTries is how often central is asked to take the outbox file.
const handTries = 3

// handOver gives central the outbox files; left is how many segments it did not
// take.
func (s *Seat) handOver(ctx context.Context) (left int) {
	for _, dir := range s.identityDirs() {
		names, _ := filepath.Glob(filepath.Join(dir, "store", "outbox", "outbox-*.wlo"))
		if len(names) == 0 {
			continue
		}
		if err := s.handOne(ctx, names); err != nil {
			s.conf.Log.Warn("central did not take the outbox file; it is kept, sealed to central's recovery key", "err", err)
			left += len(names)
			continue
		}
		for _, n := range names {
			_ = os.Remove(n) // it is at central; removeFiles tries once more
		}
	}
	return left
}

func (s *Seat) handOne(ctx context.Context, names []string) (err error) {
	packed, err := packSegments(names)
	if err != nil {
		return err
	}
	for range handTries {
		if _, err = s.door.Unsent(ctx, packed); err == nil || !fault.Is(err, fault.Unavailable) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Second):
		}
	}
	return err
}

func packSegments(names []string) ([]byte, error) {
	slices.Sort(names)
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, n := range names {
		b, err := os.ReadFile(n) //nolint:gosec // the station's own folder
		if err == nil {
			err = w.WriteHeader(&tar.Header{Name: filepath.Base(n), Mode: 0o600, Size: int64(len(b))})
		}
		if err == nil {
			_, err = w.Write(b)
		}
		if err != nil {
			return nil, fault.As(fault.Unavailable, "seat.packsegments", filepath.Base(n), err)
		}
	}
	return out.Bytes(), fault.As(fault.Unavailable, "seat.packsegments", "", w.Close())
}

// removeKeys destroys the slots of a former identity: overwritten first, for the file
// may lie in a backup of the folder's blocks.
func removeKeys(dir string) error {
	path := filepath.Join(dir, "slots.v1")
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.As(fault.Unavailable, "seat.removekeys", "", err)
	}
	if f, err := os.OpenFile(path, os.O_WRONLY, 0o600); err == nil { //nolint:gosec // the station's own folder
		_, _ = f.Write(make([]byte, info.Size()))
		_, _ = f.Sync(), f.Close()
	}
	return removeIfThere(path)
}

// removeFiles removes everything of the station but what resuming needs: who it
// is, the marker, the lock; and the outbox files that central did not take.
func (s *Seat) removeFiles(keepOutbox bool) error {
	keep := []string{"station.json", formerFile, wipeMarker, lockName, socketName, "secrets.v1"}
	for _, dir := range s.identityDirs() {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return fault.As(fault.Unavailable, "seat.removefiles", "", err)
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			switch {
			case slices.Contains(keep, e.Name()), strings.HasPrefix(e.Name(), "identity-"), strings.HasPrefix(e.Name(), "secrets.v1"):
				continue
			case e.Name() == "store" && keepOutbox:
				err = keepOnlyOutbox(path)
			default:
				err = os.RemoveAll(path)
			}
			if err != nil {
				return fault.As(fault.Unavailable, "seat.removefiles", e.Name(), err)
			}
		}
	}
	return nil
}

func keepOnlyOutbox(store string) error {
	entries, err := os.ReadDir(store)
	for _, e := range entries {
		if err == nil && e.Name() != "outbox" {
			err = os.RemoveAll(filepath.Join(store, e.Name()))
		}
	}
	return err
}

// wiped is what is left in the folder, for whoever wonders.
type wiped struct {
	Version int       `json:"version"` // 1
	At      time.Time `json:"at"`
	Left    int       `json:"left"` // segments of the outbox file that are kept, sealed
}

// forgetIdentity removes the last that this computer was a station by.
func (s *Seat) forgetIdentity(ctx context.Context, left int) error {
	if err := s.forgetFormer(ctx); err != nil {
		return err
	}
	if err := forgetSecrets(ctx, s.conf.Secrets, s.info.Station); err != nil {
		return err
	}
	b, err := json.Marshal(wiped{Version: 1, At: s.conf.Now().UTC(), Left: left})
	if err != nil {
		return fault.Wrap("seat.wiped", "", err)
	}
	if err := writeSynced(filepath.Join(s.conf.Dir, wipedFile), append(b, '\n')); err != nil {
		return err
	}
	for _, name := range []string{"station.json", wipeMarker} {
		if err := removeIfThere(filepath.Join(s.conf.Dir, name)); err != nil {
			return err
		}
	}
	s.conf.Log.Warn("this computer was wiped")
	s.shut(errWiped())
	return nil
}

// WasWiped says in a folder that holds no station that it was wiped.
func WasWiped(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, wipedFile)); err == nil {
		return errWiped()
	}
	return nil
}
