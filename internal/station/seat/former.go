package seat

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/keys"
)

// What a computer was before 'enrol --again' has entries in the keyring that open an
// old copy of patients' data and are of no use: they are removed once the new
// identity has been seen to work, with central and with its own copy. Before that
// they stay, so that a new identity that fails costs nothing.

const formerFile = "former.json"

type former struct {
	Version  int                `json:"version"` // 1
	Stations []record.StationID `json:"stations"`
}

// noteFormer notes an identity that gives way to another.
func noteFormer(dir string, was record.StationID) error {
	f, err := loadFormer(dir)
	if err != nil {
		return err
	}
	if !slices.Contains(f.Stations, was) {
		f.Stations = append(f.Stations, was)
	}
	b, err := json.Marshal(f)
	if err != nil {
		return fault.Wrap("seat.former", string(was), err)
	}
	return writeSynced(filepath.Join(dir, formerFile), append(b, '\n'))
}

func loadFormer(dir string) (former, error) {
	f := former{Version: 1}
	b, err := os.ReadFile(filepath.Join(dir, formerFile)) //nolint:gosec // the station's own folder
	if errors.Is(err, os.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, fault.As(fault.Unavailable, "seat.former", formerFile, err)
	}
	if json.Unmarshal(b, &f) != nil || f.Version != 1 {
		return f, fault.New(fault.Unsupported, "seat.former", formerFile, "the list of former identities was written by another version of this program")
	}
	return f, nil
}

// settle forgets the former identities once central has answered this one and its
// own copy is open. What cannot be forgotten now is tried again.
func (s *Seat) settle(ctx context.Context) {
	if _, err := s.Desk(); err != nil {
		return
	}
	if err := s.forgetFormer(ctx); err != nil {
		s.conf.Log.Warn("the keyring's entries of an identity that this computer had before could not be removed; it is tried again", "err", err)
	}
}

// forgetFormer removes what the keyring holds of former identities.
func (s *Seat) forgetFormer(ctx context.Context) error {
	f, err := loadFormer(s.conf.Dir)
	if err != nil || len(f.Stations) == 0 {
		return err
	}
	for _, was := range f.Stations {
		if was == s.info.Station { // 'enrol --again' broke off: it is still this one
			continue
		}
		if err := forgetSecrets(ctx, s.conf.Secrets, was); err != nil {
			return err
		}
	}
	return removeIfThere(filepath.Join(s.conf.Dir, formerFile))
}

func forgetSecrets(ctx context.Context, secrets keys.Secrets, of record.StationID) error {
	for _, account := range []string{anchor{secrets, of}.account(), join.Account(of)} {
		if err := secrets.Delete(ctx, account); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return nil
}
