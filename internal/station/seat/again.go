package seat

import (
	"context"
	"path/filepath"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/keys"
)

// Carried is what came along into a new identity.
type Carried struct {
	Was       record.StationID `json:"was"`
	Station   record.StationID `json:"station"`
	Mutations int              `json:"mutations"`
	Looks     int              `json:"looks"`
	Drafts    int              `json:"drafts"`
	Kept      int              `json:"kept"` // batches that a restored central is given back
	Old       string           `json:"old"`  // where the old identity's store still lies
}

// baggage is what an identity has that nobody else has.
type baggage struct {
	mutations []record.Mutation
	looks     [][]byte
	drafts    map[record.UserID][]cache.Draft
	kept      []cache.Keepsake // what central had signed for it
}

// Again gives a station a new identity: it was cloned, or put back to an older
// disk image, so that its numbers are not its own any more. What was written
// here and has no receipt is written down again under the new one (see
// record.Mutation.Again), looks that central lacks and drafts come along, and so do
// the batches that central signed for the old identity: they are what brings back,
// to a central that is restored, what that one had receipts for. Everything else
// comes from central. The old store stays where it is; what opens it
// goes when the new identity has been seen to work.
//
// The old store is opened by central's share while the old certificate is still
// welcome, else by a PIN that fits a slot. The station must not be running. The
// new identity counts from the moment at which station.json is replaced; what
// breaks off before leaves the old one as it was.
func Again(ctx context.Context, conf Config, req join.Request, user, pin string) (Carried, error) {
	old, err := load(ctx, conf)
	if err != nil {
		return Carried{}, err
	}
	defer old.lock.Release()
	defer old.cancel()
	bag, err := old.pack(ctx, user, pin)
	if err != nil {
		return Carried{}, err
	}
	conf = old.conf
	if req.Server == "" {
		req.Server = conf.Servers[0]
	}
	if req.Place == "" {
		req.Place = old.info.Place
	}
	j, err := join.Enrol(ctx, req, conf.Now())
	if err != nil {
		return Carried{}, err
	}
	j.Config.Home, j.Config.Phone = "identity-"+string(j.Config.Station), old.info.Phone
	if len(old.info.Servers) > 0 {
		j.Config.Servers = old.info.Servers
	}
	data, id, err := furnish(ctx, filepath.Join(conf.Dir, j.Config.Home), conf.Secrets, j)
	if err != nil {
		return Carried{}, err
	}
	did, err := bag.unpack(ctx, storeOf(conf, j.Config, data, id), j)
	if err != nil {
		return Carried{}, err
	}
	if err := noteFormer(conf.Dir, old.info.Station); err != nil {
		return Carried{}, err
	}
	did.Was, did.Station, did.Old = old.info.Station, j.Config.Station, filepath.Join(conf.Dir, old.info.Home, "store")
	return did, j.Config.Save(conf.Dir)
}

// pack reads what only this identity has.
func (s *Seat) pack(ctx context.Context, user, pin string) (bag baggage, err error) {
	data, err := s.unlock(ctx, user, pin)
	if err != nil {
		return bag, err
	}
	id, err := sealingOf(s.slots, data)
	if err != nil {
		return bag, err
	}
	key, _, err := copyKeyOf(s.slots, data)
	if err != nil {
		return bag, err
	}
	c, err := s.openCache(storeOf(s.conf, s.info, key, id))
	if err != nil {
		return bag, err
	}
	defer func() { _ = c.Close() }() // nothing was written
	if bag.mutations, err = c.Unsent(0, 1<<30); err != nil {
		return bag, err
	}
	looks, err := c.UnsentLooks(0, 1<<30)
	if err != nil {
		return bag, err
	}
	for _, l := range looks {
		bag.looks = append(bag.looks, l.Event)
	}
	kept, err := readPackLooks(s.packLooksPath(), data) // openCache takes none of them in
	if err != nil {
		s.conf.Log.Error("who printed the ward pack while the copy was broken cannot be read", "err", err)
	}
	for _, l := range kept.Looks {
		bag.looks = append(bag.looks, l)
	}
	wrong, _, _, err := s.untoldWrong(c, true) // the list of this identity is not looked at again
	if err != nil {
		s.conf.Log.Error("the wrong PINs of this identity cannot be read", "err", err)
	}
	bag.looks = append(bag.looks, wrong...)
	if bag.drafts, err = c.AllDrafts(); err != nil {
		return bag, err
	}
	bag.kept, err = c.Keepsakes()
	return bag, err
}

// unlock finds the data key.
func (s *Seat) unlock(ctx context.Context, user, pin string) (keys.Key, error) {
	if pin != "" {
		return s.openPIN(ctx, user, pin)
	}
	share, err := s.door.Share(ctx)
	if err != nil {
		return keys.Key{}, fault.Newf(fault.KindOf(err), "seat.again", string(s.info.Station),
			"this computer's own copy could not be opened, because the server does not give its share (%w); somebody who has signed in here before can open it: --user NAME --pin-file FILE", err)
	}
	return s.openWith(share)
}

// carryAtOnce is how many mutations or looks one commit takes.
const carryAtOnce = 50

// unpack writes the baggage into the new identity's store.
func (b baggage) unpack(ctx context.Context, o cache.Options, j join.Joined) (did Carried, err error) {
	key, err := keys.ParseDeviceKey(j.Secret.Key)
	if err != nil {
		return did, err
	}
	c, err := cache.Open(ctx, o)
	if err != nil {
		return did, err
	}
	defer func() {
		if e := c.Close(); err == nil {
			err = e
		}
	}()
	if err := c.Inherit(ctx, b.kept); err != nil {
		return did, err
	}
	again, err := b.again(c, key, j.Config.Station)
	if err != nil {
		return did, err
	}
	for at := 0; at < len(again) || at < len(b.looks); at += carryAtOnce {
		muts, looks := again[min(at, len(again)):min(at+carryAtOnce, len(again))], b.looks[min(at, len(b.looks)):min(at+carryAtOnce, len(b.looks))]
		if err := c.Commit(ctx, muts, looks); err != nil {
			return did, err
		}
	}
	for user, drafts := range b.drafts {
		for _, d := range drafts {
			if err := c.SetDraft(ctx, user, d.Key, d.Body); err != nil {
				return did, err
			}
			did.Drafts++
		}
	}
	did.Mutations, did.Looks, did.Kept = len(again), len(b.looks), len(b.kept)
	return did, nil
}

// again writes the mutations down under the new identity, in their order.
func (b baggage) again(c *cache.Cache, key keys.DeviceKey, station record.StationID) ([]record.Mutation, error) {
	to := map[record.MutationID]record.MutationID{}
	for _, m := range b.mutations {
		seq, err := c.NextSeq()
		if err != nil {
			return nil, err
		}
		to[m.ID] = record.MutationOf(station, seq)
	}
	list := make([]record.Mutation, 0, len(b.mutations))
	for _, m := range b.mutations {
		n, err := m.Again(station, to)
		if err != nil {
			return nil, err
		}
		n.KeyID = key.ID()
		msg, err := n.SigningBytes()
		if err != nil {
			return nil, err
		}
		if n.Sig, err = key.Sign(msg); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}
