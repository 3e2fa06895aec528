package submit

import (
	"context"
	"slices"
	"strings"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/rbac"
)

// Accounts, devices and their keys are notes of the journal, so that a backup
// of the journal is a backup of who may do what.
const (
	userPrefix   = "user/"
	devicePrefix = "device/"
)

// PutAccount stores a user; by is who did it.
func (s *Submitter) PutAccount(ctx context.Context, by record.Author, a record.Account) error {
	const op = "submit.putaccount"
	if a.User == "" || len(a.User) > 64 || strings.ToLower(string(a.User)) != string(a.User) || strings.ContainsAny(string(a.User), "/ ") {
		return fault.New(fault.Invalid, op, "", "a sign-in name is 1 to 64 lower-case characters without spaces")
	}
	if !rbac.Role(a.Role).Known() {
		return fault.New(fault.Invalid, op, string(a.User), "the role is not one of: "+roleNames())
	}
	return s.putNote(ctx, op, userPrefix+string(a.User), a, by)
}

func roleNames() string {
	var names []string
	for _, r := range rbac.Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// PutDevice stores an enrolled workstation. A new key leaves the earlier one
// valid for what it signed. Other wards note where the journal stands: the
// station then begins with a snapshot of what it may hold now.
func (s *Submitter) PutDevice(ctx context.Context, by record.Author, d record.Device) error {
	const op = "submit.putdevice"
	if d.Station == "" || len(d.Station) > 32 || len(d.Key) == 0 {
		return fault.New(fault.Invalid, op, string(d.Station), "a workstation has an id and a key")
	}
	d.KeyID = keys.KeyID(d.Key)
	_, err := s.update(ctx, op, string(d.Station), func(w *work) error {
		old, existed, err := noteOf[record.Device](w, record.DeviceNote(d.Station))
		if err != nil {
			return err
		}
		d := d
		if d.Rescoped = old.Rescoped; existed && !slices.Equal(old.Wards, d.Wards) {
			d.Rescoped = w.Head().Position + 1
		}
		b, err := record.Encode(d)
		if err != nil {
			return err
		}
		return w.putNote(record.KV{Key: record.DeviceNote(d.Station), Value: b}, by, record.KV{Key: record.KeyNote(d.Station, d.KeyID), Value: d.Key})
	})
	return err
}

// putNote writes one fact with its audit event; the same fact again writes
// nothing.
func (s *Submitter) putNote(ctx context.Context, op, key string, v any, by record.Author) error {
	b, err := record.Encode(v)
	if err != nil {
		return fault.Wrap(op, key, err)
	}
	_, err = s.update(ctx, op, key, func(w *work) error {
		return w.putNote(record.KV{Key: key, Value: b}, by)
	})
	return err
}

func (w *work) putNote(fact record.KV, by record.Author, also ...record.KV) error {
	old, existed, err := w.Note(fact.Key)
	if err != nil || existed && string(old) == string(fact.Value) {
		return err
	}
	for _, kv := range append([]record.KV{fact}, also...) {
		if err := w.SetNote(kv.Key, kv.Value); err != nil {
			return err
		}
	}
	return w.audit(settingEvent(fact.Key, by))
}

// Account is a user, or fault.NotFound.
func (s *Submitter) Account(ctx context.Context, id record.UserID) (a record.Account, err error) {
	return a, s.view(ctx, "submit.account", string(id), func(r journal.Reader) (ok bool, err error) {
		a, ok, err = accountOf(r, id)
		return ok, err
	})
}

// Device is an enrolled workstation, or fault.NotFound.
func (s *Submitter) Device(ctx context.Context, id record.StationID) (d record.Device, err error) {
	return d, s.view(ctx, "submit.device", string(id), func(r journal.Reader) (ok bool, err error) {
		d, ok, err = noteOf[record.Device](r, record.DeviceNote(id))
		return ok, err
	})
}

// Accounts are all users, in order of id.
func (s *Submitter) Accounts(ctx context.Context) ([]record.Account, error) {
	return notesOf[record.Account](ctx, s, userPrefix)
}

// Devices are all enrolled workstations, in order of id.
func (s *Submitter) Devices(ctx context.Context) ([]record.Device, error) {
	return notesOf[record.Device](ctx, s, devicePrefix)
}

func (s *Submitter) view(ctx context.Context, op, subject string, fn func(journal.Reader) (bool, error)) error {
	return fault.Wrap(op, subject, s.journal.View(ctx, func(r journal.Reader) error {
		ok, err := fn(r)
		if err == nil && !ok {
			return fault.New(fault.NotFound, op, subject, "not known to central")
		}
		return err
	}))
}

func accountOf(r journal.Reader, id record.UserID) (record.Account, bool, error) {
	return noteOf[record.Account](r, userPrefix+string(id))
}

// deviceOf is the peer's device as central has it now: wards may have changed
// and the device may have been shut out since the connection was made.
func (w *work) deviceOf(peer record.Peer) (record.Device, error) {
	d, ok, err := noteOf[record.Device](w, record.DeviceNote(peer.Device.Station))
	if err != nil || ok {
		return d, err
	}
	return peer.Device, nil
}

func noteOf[T any](r journal.Reader, key string) (v T, ok bool, err error) {
	b, ok, err := r.Note(key)
	if err != nil || !ok {
		return v, false, err
	}
	return v, true, record.Decode(b, &v)
}

func notesOf[T any](ctx context.Context, s *Submitter, prefix string) (list []T, err error) {
	err = s.journal.View(ctx, func(r journal.Reader) error {
		list = nil
		for kv, err := range r.Notes(prefix) {
			if err != nil {
				return err
			}
			var v T
			if err := record.Decode(kv.Value, &v); err != nil {
				return err
			}
			list = append(list, v)
		}
		return nil
	})
	return list, fault.Wrap("submit.notes", prefix, err)
}
