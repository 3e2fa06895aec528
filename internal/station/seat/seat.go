// Package seat is one station, assembled: it opens what the keyring and the
// slots protect, starts the desk over the cache and the sync client beside it,
// and lets people sign in. The window, the headless station, the benchmark and
// the tests all sit on it.
//
// A station has two states. Closed: nobody has opened the cache since the
// program started; there is nothing to show but who may sign in. Open: the
// cache is open and kept level with central, whether or not somebody is signed
// in. It opens by central's share, as soon as central answers, or by the first
// PIN that fits a slot.
//
// Secrets are read off the caller's goroutine and within time-outs, so that a
// keyring that asks for a password nobody can see freezes nothing. All methods
// are safe for concurrent use.
package seat

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/folder"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/desk"
	"wardlight/internal/station/join"
	"wardlight/internal/station/printer"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
	"wardlight/internal/trust/wallclock"
	"wardlight/internal/words"
	"wardlight/sync/client"
	"wardlight/sync/link"
	"wardlight/sync/wire"
)

// Config is what a Seat is made of. Dir and Secrets are required.
type Config struct {
	Dir     string
	Secrets keys.Secrets
	Servers []string // instead of those that the station enrolled with
	Now     func() time.Time
	Program string // "wardlight 0.1.0", for central's log
	// Door is what this station was started as ("window", "headless program"), and
	// Settings how: what differs from the last start of that door is on record. "": no
	// door that has settings.
	Door     string
	Settings []Setting
	Log      *slog.Logger
	Zone     *time.Location // the ward's; nil is the computer's
	Cost     keys.Cost      // of a PIN; the zero value is the default
	// OpenWall allows the wall, by bed and initials, with nobody signed in.
	OpenWall bool
	// LabelPrinter is the printer of labels as the printing system calls it; "" is the
	// default one.
	LabelPrinter string
	Print        printer.Runner // runs the programs that print; nil is this computer's

	Uptime func() time.Duration // a clock that nobody sets; nil is the computer's
	Boot   func() string        // names the run of the system that Uptime belongs to; nil is this computer's
	Every  time.Duration        // how often central is asked, and the time alone counted; 0 is a minute
	// PackEvery is how often the ward pack that is kept ready is made at most; 0 is 15
	// minutes.
	PackEvery time.Duration
	// Asked, where set, is called before each question to the store, on the goroutine
	// that asks (see cache.Options).
	Asked func(op string)
	// Hand, where set, says whether somebody's hand moves at this computer (see
	// cache.Options).
	Hand func() bool

	between func(step string) // tests: where a change of the device secret is killed
	older   []wire.Capability // tests: what an older program does not know
	mute    bool              // tests: it does not say how long its chain of looks is, nor what it holds of the log
	deaf    bool              // tests: it does not ask how it stands
	stuck   bool              // tests: its program does not know that a journal key can be handed over
}

// Tests set these: what comes of central's answer is then not decided by how busy the
// machine is.
var (
	patience    time.Duration      // with each answer; 0 is the door's own
	opensWithin = 15 * time.Second // of the copy, once central has let somebody in
)

// Seat is one station.
type Seat struct {
	conf   Config
	info   join.Config
	secret join.Secret // without what opens the slots, which is held; its keys change under kept
	held   atomic.Pointer[held]
	signs  signs // central's journal keys
	// recovery is whom unsent work is sealed to, as station.json has it.
	recovery atomic.Pointer[string]
	// sealing is the station's own sealing identity as the slots file has it; nil: closed.
	sealing atomic.Pointer[keys.SealIdentity]
	// rekeying: the device secret is being changed, or may not be any more.
	rekeying sync.Mutex
	kept     sync.Mutex // held while station.json, or the device key, is changed
	key      atomic.Pointer[keys.DeviceKey]
	tls      atomic.Pointer[tls.Config] // replaced when the certificate is renewed
	door     *join.Door
	slots    *keys.Slots
	people   *people
	notes    *notes
	looks    *looks
	sounds   *sounds
	labels   *labels
	age      *copyAge
	clock    ownClock
	barred   atomic.Bool // central has shut this computer out
	// withdrawn: central said so itself; turned wakes whoever acts on it.
	withdrawn atomic.Bool
	turned    chan struct{}
	wrongs    chan struct{} // somebody was refused here: it is to be put on record
	packLooks sync.Mutex    // of the file of that name
	drilling  sync.Mutex    // guards drill
	drill     *drill        // a downtime that is practised; nil: none

	lock     *folder.Lock
	listener net.Listener // of those who ask how it is; nil: nobody may

	meter  link.Meter
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu     sync.Mutex
	cache  *cache.Cache
	desk   *desk.Desk
	sync   *client.Client
	failed error
	opened chan struct{} // closed when the cache is open, or cannot be
	user   record.UserID
	// vouched is whom the hospital vouched for, between ByHospital and Complete.
	vouched *vouched

	hospital atomic.Pointer[pki.HospitalAccount] // what central offers; nil: nothing
	untold   atomic.Bool                         // nobody is told of an emergency access here, as central said last

	sat   sat   // who sits here, since when
	talks talks // with central about people, by somebody who sits here
	asked atomic.Uint64

	alone   alone              // how long central has not been spoken with
	ask     chan struct{}      // asks central sooner how this computer stands
	gone    chan struct{}      // closed when the station may not go on
	endWork context.CancelFunc // ends what works on the open copy

	sealingSwept time.Time // when identities of before were last looked at; keepDevice's own
	keyFailed    time.Time // when another device key was last not to be had; keepDevice's own

	// Since when central's audit log has not been the one of before; hear's own.
	doubtful   bool
	doubtSince time.Duration
}

// Enrol makes a folder a station: it brings the code to central, keeps the
// secret in the keyring and the rest in the folder.
func Enrol(ctx context.Context, dir string, s keys.Secrets, req join.Request) (join.Config, error) {
	if _, err := join.Load(dir); err == nil {
		return join.Config{}, fault.New(fault.Exists, "seat.enrol", dir, "this folder is a station already; choose another folder, or remove it first")
	}
	// A code works once: what could fail here is tried before it is used.
	if err := makeFolder(dir); err != nil {
		return join.Config{}, err
	}
	if err := keys.Probe(ctx, s); err != nil {
		return join.Config{}, fault.Newf(fault.KindOf(err), "seat.enrol", dir, "the code was not used, it still works: %w", err)
	}
	j, err := join.Enrol(ctx, req, time.Now())
	if err != nil {
		return join.Config{}, err
	}
	if _, _, err := furnish(ctx, dir, s, j); err != nil {
		return join.Config{}, err
	}
	return j.Config, j.Config.Save(dir)
}

// furnish makes an identity's home: its secret in the keyring, its slots in the
// folder, a data key that they open, and the outbox file's own identity.
func furnish(ctx context.Context, home string, s keys.Secrets, j join.Joined) (data keys.Key, id keys.SealIdentity, err error) {
	if err := makeFolder(home); err != nil {
		return data, id, err
	}
	if err := j.Secret.Save(ctx, s, j.Config.Station); err != nil {
		return data, id, err
	}
	slots, err := keys.NewSlots(home, string(j.Config.Station), keys.Cost{})
	if err != nil {
		return data, id, err
	}
	data = keys.NewKey()
	if err := slots.AddShare(j.Share, j.Secret.Device, data); err != nil {
		return data, id, err
	}
	if id, err = keys.NewSealIdentity(); err != nil {
		return data, id, err
	}
	return data, id, slots.SetSecret(outboxIdentity, id.Secret(), data)
}

// Open loads a station and begins to open it. Close ends it. The folder is then
// this program's: a second one is refused, fault.Exists.
func Open(ctx context.Context, conf Config) (*Seat, error) {
	s, err := load(ctx, conf)
	if err != nil {
		return nil, err
	}
	s.beginClock()
	s.run("clock", s.watchClock)
	s.run("standing", s.hear)
	if s.wipeOrdered() { // interrupted: it opens nothing any more
		s.setFailed(errWiped())
		return s, nil
	}
	s.work.Add(1)
	go s.openByShare()
	s.run("certificate", s.keepCertificate)
	return s, nil
}

// load takes the folder for this program and reads what a station is made of;
// it opens nothing.
func load(ctx context.Context, conf Config) (*Seat, error) {
	info, err := join.Load(conf.Dir)
	if fault.Is(err, fault.NotFound) && WasWiped(conf.Dir) != nil {
		return nil, WasWiped(conf.Dir)
	}
	if err != nil {
		return nil, err
	}
	lock, err := take(ctx, conf.Dir)
	if err != nil {
		return nil, err
	}
	s, err := loadTaken(ctx, conf, info)
	if err != nil {
		lock.Release()
		return nil, err
	}
	s.lock = lock
	return s, nil
}

// loadTaken is load in a folder that is this program's.
func loadTaken(ctx context.Context, conf Config, info join.Config) (*Seat, error) {
	secret, err := join.LoadSecret(ctx, conf.Secrets, info.Station)
	if err != nil {
		return nil, err
	}
	secret, another := secret.InUse(info.Cert)
	key, err := keys.ParseDeviceKey(secret.Key)
	if err != nil {
		return nil, err
	}
	conf = withDefaults(conf, info)
	info.Servers = conf.Servers
	tlsConf, err := info.TLS(secret)
	if err != nil {
		return nil, err
	}
	slots, err := keys.NewSlots(filepath.Join(conf.Dir, info.Home), string(info.Station), conf.Cost)
	if err != nil {
		return nil, err
	}
	s := &Seat{conf: conf, info: info, secret: secret, slots: slots, people: loadPeople(conf.Dir), notes: loadNotes(conf.Dir), looks: loadLooks(conf.Dir), sounds: loadSounds(conf.Dir), labels: loadLabels(conf.Dir), age: loadCopyAge(conf.Dir), opened: make(chan struct{}), gone: make(chan struct{}), ask: make(chan struct{}, 1), turned: make(chan struct{}, 1), wrongs: make(chan struct{}, 1)}
	s.alone.now, s.alone.ran = conf.Now, conf.Uptime
	slots.Clock(conf.Now)
	s.key.Store(&key)
	if err := s.settleDevice(ctx); err != nil {
		return nil, err
	}
	if another {
		s.settleKey(ctx)
	}
	s.keep()
	if err := s.signs.begin(info); err != nil {
		return nil, err
	}
	s.recovery.Store(&info.Recovery)
	s.tls.Store(tlsConf)
	s.door = join.NewDoor(info.Servers, s.tls.Load)
	if patience > 0 {
		s.door.Patiently(patience)
	}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.clock.owes = make(chan struct{}, 1)
	return s, nil
}

func withDefaults(conf Config, info join.Config) Config {
	if len(conf.Servers) == 0 {
		conf.Servers = info.Servers
	}
	if conf.Now == nil {
		conf.Now = time.Now
	}
	if conf.Uptime == nil {
		conf.Uptime = wallclock.Uptime
	}
	if conf.Boot == nil {
		conf.Boot = wallclock.Boot
	}
	if conf.Log == nil {
		conf.Log = slog.New(slog.DiscardHandler)
	}
	if conf.Zone == nil {
		conf.Zone = time.Local
	}
	return conf
}

// openByShare asks central for its share until the station is open.
func (s *Seat) openByShare() {
	defer s.work.Done()
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
		share, err := s.door.Share(s.ctx)
		if err == nil {
			s.alone.met()
			var data keys.Key
			if data, err = s.openWith(share); err == nil {
				err = s.open(data)
			}
			data.Zero()
			clear(share)
		}
		if err != nil {
			s.conf.Log.Info("central's share is not to be had yet", "err", err)
		}
		select {
		case <-s.ctx.Done():
			return
		case <-s.opened:
			return
		case <-time.After(wait):
		}
	}
}

// open opens the cache with the data key and starts what works on it. A second
// call finds it open.
func (s *Seat) open(data keys.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cache != nil || s.failed != nil {
		return s.failed
	}
	err := s.openLocked(data)
	if err != nil && !heals(err) {
		s.failed = err
	}
	if err == nil || s.failed != nil {
		close(s.opened)
	}
	return err
}

func (s *Seat) openLocked(data keys.Key) error {
	id, err := sealingOf(s.slots, data)
	if err != nil {
		return err
	}
	c, err := s.openCopy(data, id)
	if err != nil {
		return err
	}
	if err := s.start(c, data); err != nil {
		_ = c.Close() // the first error is the one to tell
		return err
	}
	s.held.Store(&held{device: s.held.Load().device, data: keys.KeepKey(&data)})
	s.cache = c
	s.sealing.Store(&id)
	s.run("device secret", s.keepDevice)
	return nil
}

// openCopy opens the copy of the record. One whose time is over, or that is to
// have another key, is let go first, and an empty one is opened in its place.
func (s *Seat) openCopy(data keys.Key, id keys.SealIdentity) (*cache.Cache, error) {
	for {
		renewed := s.renewalAsked()
		if renewed {
			if err := s.renewCopy(data, id); err != nil {
				return nil, err
			}
		}
		key, _, err := copyKeyOf(s.slots, data)
		if err != nil {
			return nil, err
		}
		info := s.info
		info.Recovery = *s.recovery.Load()
		c, err := s.openCache(storeOf(s.conf, info, key, id))
		if err != nil {
			return nil, err
		}
		err = s.unpackCarried(s.ctx, c, data)
		if err == nil {
			err = s.unpackLooks(s.ctx, c, data)
		}
		if err == nil {
			err = s.alone.begin(c)
		}
		m, l := s.alone.count()
		if err == nil && (renewed || !l.Expired(m)) {
			return c, nil
		}
		if cerr := c.Close(); err == nil {
			err = cerr
		}
		if err == nil {
			err = s.askRenewal(0)
		}
		if err != nil {
			return nil, err
		}
	}
}

// storeOf says where an identity's cache lies and how it opens.
func storeOf(conf Config, info join.Config, data keys.Key, id keys.SealIdentity) cache.Options {
	return cache.Options{
		Dir: filepath.Join(conf.Dir, info.Home, "store"), Key: data, Station: info.Station, DeviceSealing: id,
		RecoveryRecipient: info.Recovery, Now: conf.Now, Anchor: anchor{conf.Secrets, info.Station}, Asked: conf.Asked, Hand: conf.Hand,
	}
}

// start puts desk and sync client on the open cache.
func (s *Seat) start(c *cache.Cache, data keys.Key) error {
	wardCode := ""
	if len(s.info.Wards) > 0 {
		wardCode = string(s.info.Wards[0])
	}
	if err := s.withdrawalKept(c); err != nil {
		return err
	}
	d, err := desk.New(desk.Config{
		Store: desk.OverCache(c), Signer: func() desk.Signer { return *s.key.Load() }, Station: s.info.Station, Place: s.info.Place,
		Now: s.conf.Now, Location: s.conf.Zone, Build: build(s.conf.Program), Ward: wardCode, Wards: s.info.Wards,
		Heads: s.heads, Known: s.people.known, Lend: s.lend, Clock: s.clocks, PrintLimits: s.alone.printing,
	})
	if err != nil {
		return err
	}
	sc, err := client.NewClient(client.Config{
		Station: s.info.Station, Servers: s.info.Servers, Program: s.conf.Program, Store: c, Archive: c, Checker: c, Basis: c, Shelf: c, Now: s.conf.Now, Log: s.conf.Log,
		Dial: func(ctx context.Context, server string) (client.Conn, error) {
			return link.DialMetered(ctx, server, s.tls.Load(), &s.meter)
		},
		Verify: s.verify, VerifyEpoch: s.verifyEpoch,
		First: d.OnScreen, Ends: true, Without: s.conf.older,
		Observe: func(l client.LinkState) {
			s.barred.Store(shutOut(l.Refused))
			s.heard(l)
			if s.asked.Swap(l.Asked) != l.Asked && l.Connected {
				s.askSoon()
			}
			s.linkChanged(l.Connected)
			if l.Connected && l.Measured {
				s.clockMeasured(l.Offset)
			}
			said := linkState(l)
			said.Withdrawn = s.withdrawn.Load()
			d.LinkChanged(said)
		},
	})
	if err != nil {
		return err
	}
	packKey, err := packKeyOf(s.slots, data)
	if err != nil {
		return err
	}
	s.desk, s.sync = d, sc
	ctx, end := context.WithCancel(s.ctx)
	s.endWork = end
	s.runIn(ctx, "desk", d.Run)
	s.runIn(ctx, "sync", sc.Run)
	s.runIn(ctx, "check", func(ctx context.Context) error { return s.watchDamage(ctx, c) })
	s.runIn(ctx, "nudge", func(ctx context.Context) error { return nudge(ctx, c, sc) })
	s.runIn(ctx, "print", func(ctx context.Context) error { s.sweepPrints(ctx, d); return nil })
	s.runIn(ctx, "withdrawn", func(ctx context.Context) error { return s.watchWithdrawn(ctx, c, d) })
	s.runIn(ctx, "session", func(ctx context.Context) error { return s.watchSession(ctx, d) })
	s.runIn(ctx, "packs", func(ctx context.Context) error { return s.keepPacks(ctx, d, packKey) })
	s.runIn(ctx, "drill", s.drillKept)
	s.runIn(ctx, "clock", func(ctx context.Context) error { return s.recordClock(ctx, c) })
	s.runIn(ctx, "settings", func(ctx context.Context) error { return s.noteConfigured(ctx, c) })
	s.runIn(ctx, "trouble", func(ctx context.Context) error { return s.recordTrouble(ctx, c) })
	s.runIn(ctx, "wrong PINs", func(ctx context.Context) error { return s.recordWrong(ctx, c) })
	s.runIn(ctx, "count", func(ctx context.Context) error { return s.keepCount(ctx, c) })
	return nil
}

func (s *Seat) run(what string, fn func(context.Context) error) { s.runIn(s.ctx, what, fn) }

func (s *Seat) runIn(ctx context.Context, what string, fn func(context.Context) error) {
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			s.conf.Log.Error("a part of the station ended", "op", what, "err", err)
		}
	}()
}

// nudge tells the sync client whenever something was written here that is to be
// sent.
func nudge(ctx context.Context, c *cache.Cache, sc *client.Client) error {
	for {
		wrote := c.Wrote()
		sc.Nudge()
		select {
		case <-ctx.Done():
			return nil
		case <-wrote:
		}
	}
}

// Opened is closed when the cache is open, or cannot be opened (Desk tells).
func (s *Seat) Opened() <-chan struct{} { return s.opened }

// Desk is the desk; before the station is open it is fault.Unavailable, with
// words for a person, and afterwards whatever made opening fail.
func (s *Seat) Desk() (*desk.Desk, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.desk != nil:
		return s.desk, nil
	case s.failed != nil:
		return nil, s.failed
	}
	return nil, fault.As(fault.Unavailable, "seat.desk", "", words.Errorf("This computer is locked. Sign in with your PIN; with the network out that works for everybody who has signed in here before."))
}

// Info is what the station knows about itself.
func (s *Seat) Info() join.Config { return s.info }

// Link is the state of the connection, also while the station is closed.
func (s *Seat) Link() ward.Link {
	if d, err := s.Desk(); err == nil {
		return d.Link()
	}
	return s.age.link(len(s.People()) > 0, s.zone())
}

// Waiting is how many results of this ward need somebody, and how many critical
// values could not be filed; it names nobody.
func (s *Seat) Waiting() (untaken, heldBack int) {
	if d, err := s.Desk(); err == nil {
		return d.Waiting()
	}
	return 0, 0
}

// Disconnect cuts the link to central and keeps it off; Connect turns it on
// again. The ward goes on writing.
func (s *Seat) Disconnect() { s.link((*client.Client).Disconnect) }

// Connect is the other side of Disconnect.
func (s *Seat) Connect() { s.link((*client.Client).Connect) }

func (s *Seat) link(fn func(*client.Client)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sync != nil {
		fn(s.sync)
	}
}

// Close ends the station: what was committed stays.
func (s *Seat) Close() error {
	s.cancel()
	s.work.Wait()
	defer s.lock.Release()
	s.keepAge()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cache == nil {
		return nil
	}
	err := s.cache.Close()
	s.cache, s.desk, s.sync = nil, nil, nil
	s.failed = fault.New(fault.Unavailable, "seat.close", "", "the station is closed")
	return err
}

// Traffic is how many bytes went over the sync connections of this run, in and
// out, TLS included.
func (s *Seat) Traffic() (received, sent int64) { return s.meter.Bytes() }

// Count is how much the station holds; zeros while it is closed.
func (s *Seat) Count() cache.Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cache == nil {
		return cache.Counts{}
	}
	return s.cache.Count()
}
