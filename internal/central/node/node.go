// Package node is one central, assembled: vault, journal, raw inbound log,
// front office, the way in (submit), the hub for stations, the MLLP door for
// the hospital's systems, and the socket for administrators. It orders their
// start and their end; it holds no rule of its own.
//
// Start: everything that is answered for is opened before a port is. End: the
// doors close first, then what is under way is finished, then the stores.
package node

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"wardlight/internal/central/callout"
	"wardlight/internal/central/enrol"
	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/badgerjournal"
	"wardlight/internal/central/mllpd"
	"wardlight/internal/central/rawlog"
	"wardlight/internal/central/scope"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
	"wardlight/internal/trust/wallclock"
	"wardlight/sync/hub"
	"wardlight/sync/link"
	"wardlight/sync/wire"
)

// Config is what a Node is made of. Dir and Secrets are required.
type Config struct {
	Dir           string
	Inbound       string // the raw inbound log's folder; "" is Dir/inbound
	Listen        string // where stations connect
	MLLP          string // where the hospital's systems connect in plain text; NoDoor: nowhere
	MLLPS         string // where they connect over TLS; "": nowhere
	MLLPSCert     string // PEM files of the certificate shown there and of its key; "": one of central's authority
	MLLPSKey      string
	ProcessingIDs []string
	Hosts         []string // further names and addresses of this machine
	Secrets       Secrets
	Log           *slog.Logger
	Now           func() time.Time
	Uptime        func() time.Duration // a clock that nobody sets; nil: wallclock.Uptime
	Program       string               // "wardlightd 0.1.0"
	SecretsIn     string               // where the master key lies, in words: for the audit trail
	Small         bool                 // small caches: a demonstration or a test
	Unsent        int                  // bytes that may wait to be sent to all stations together; 0: hub's default
	// Heed is how often it is asked who is connected and says nothing of their chain of
	// looks; 0: a minute.
	Heed time.Duration
	// TreeEvery is how often a checkpoint of the audit log is signed; 0: see there.
	TreeEvery time.Duration
	// PINCost is what one guess at a PIN costs; the zero value is enrol's default, and no
	// flag sets another.
	PINCost enrol.Cost
	// ReadOutbox takes the mutations out of a station's outbox file with
	// central's recovery identity. The format is the station's, so cmd brings
	// its reader.
	ReadOutbox func(path string, id keys.SealIdentity) ([]record.Mutation, error)
	// ReadLooks takes the looks out of it.
	ReadLooks func(path string, id keys.SealIdentity) ([]record.Look, error)
	// Wrap, where set, stands between the journal and everything else: builds
	// with planted faults use it, shipped ones have no way to set it.
	Wrap func(journal.Journal) journal.Journal

	journalAt string // the journal's folder below Dir; a restore makes it elsewhere first

	begin record.Cause // of BeginEpoch
	// refileEvery is how often central looks whether its raw log is to be filed again; 0:
	// refileEvery.
	refileEvery time.Duration
	// clockEvery is how often central's clock is looked at; 0: lookAtClock.
	clockEvery time.Duration

	between func(step string) // tests: where a change of the master key ends
}

// Ready is the one line that a started central prints.
type Ready struct {
	Ready         bool   `json:"ready"`
	Listen        string `json:"listen"`
	MLLP          string `json:"mllp"`
	MLLPS         string `json:"mllps,omitempty"`
	CAFingerprint string `json:"ca_fingerprint"`
}

// Node is one open central.
type Node struct {
	conf     Config
	knocks   knocks
	lendings lendings
	spoken   spoken
	set      settings
	keys     opened
	journal  journal.Journal
	store    *badgerjournal.Journal // what journal stands on
	recent   *journal.Recent        // of journal
	raw      *rawlog.Log
	run      string           // of this program, for stations that practise a downtime
	delivery *submit.Delivery // which critical results are on no screen
	submit   *submit.Submitter
	office   *enrol.Office
	mllp     *mllpd.Server
	senders  atomic.Pointer[senders]                    // who may send over TLS
	gateways atomic.Pointer[map[string]callout.Gateway] // to people off the screen; nil: not read yet
	zone     *time.Location
	serving  atomic.Pointer[hub.Hub] // nil while nothing is served

	chains chains // what central had of each computer's looks when it last asked
	tree   tree   // the audit log, as computers are shown it

	authority    sync.Mutex // one step of a rotation at a time; whoever writes the vault
	standingSeal *keys.Ring // the list of accounts beside the raw inbound log
	factorSeal   *keys.Ring // second factors
	masterUnsure bool       // the keyring may still write a master key that was given up
	beginning    sync.Mutex // held while an epoch begins
	turning      sync.Mutex // held while messages that waited are filed again
	toldTurns    sync.Map   // ids of those that could not be, told once
}

func withDefaults(conf Config) Config {
	if conf.journalAt == "" {
		conf.journalAt = journalFolder
	}
	if conf.Inbound == "" {
		conf.Inbound = filepath.Join(conf.Dir, "inbound")
	}
	if len(conf.ProcessingIDs) == 0 {
		conf.ProcessingIDs = []string{"P"}
	}
	if conf.Log == nil {
		conf.Log = slog.New(slog.DiscardHandler)
	}
	if conf.Now == nil {
		conf.Now = time.Now
	}
	if conf.Uptime == nil {
		conf.Uptime = wallclock.Uptime
	}
	if conf.clockEvery <= 0 {
		conf.clockEvery = lookAtClock
	}
	return conf
}

func (c Config) journalOptions(k opened) badgerjournal.Options {
	return badgerjournal.Options{Dir: filepath.Join(c.Dir, c.journalAt), Key: k.data[0], Former: k.data[1:], Signer: k.journal, FormerSigners: k.journal.before(), Now: c.Now, Small: c.Small, Begin: c.begin}
}

// Init makes a new central in an empty or absent folder and returns the
// fingerprint of its CA.
func Init(ctx context.Context, conf Config) (string, error) {
	conf = withDefaults(conf)
	if _, err := loadSettings(conf.Dir); err == nil {
		return "", fault.New(fault.Exists, "node.init", conf.Dir, "this folder holds a central already; choose another folder")
	}
	if err := checkHosts(conf.Hosts); err != nil {
		return "", err
	}
	if err := os.MkdirAll(conf.Dir, 0o700); err != nil {
		return "", fault.As(fault.Unavailable, "node.init", conf.Dir, err)
	}
	set := settings{Version: 1, ID: randomName(), Made: conf.Now().UTC(), Zone: localZone(), Hosts: conf.Hosts}
	k, err := createVault(ctx, conf.Dir, conf.Secrets, set)
	if err != nil {
		return "", err
	}
	o := conf.journalOptions(k)
	o.Small = true // an empty journal asks for little room; serving says what it wants
	j, err := badgerjournal.Create(ctx, o)
	if err != nil {
		return "", err
	}
	if err := j.Close(); err != nil {
		return "", err
	}
	// The settings come last: a folder without them is no central, and Init may
	// be tried again in another one.
	return pki.Fingerprint(k.ca.Current.Cert), saveSettings(conf.Dir, set)
}

// localZone is this machine's IANA zone, for senders that send no offset.
func localZone() string {
	if name := time.Local.String(); name != "Local" {
		return name
	}
	if target, err := os.Readlink("/etc/localtime"); err == nil {
		const at = "zoneinfo/"
		for i := 0; i+len(at) < len(target); i++ {
			if target[i:i+len(at)] == at {
				return target[i+len(at):]
			}
		}
	}
	return "UTC"
}

// Open opens a central's stores. Close ends it.
func Open(ctx context.Context, conf Config) (*Node, error) {
	conf = withDefaults(conf)
	set, err := loadSettings(conf.Dir)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(set.Zone)
	if err != nil {
		return nil, fault.As(fault.Invalid, "node.open", set.Zone, err)
	}
	k, err := openVault(ctx, conf.Dir, conf.Secrets, set)
	if err != nil {
		return nil, err
	}
	if err := settleMaster(ctx, conf, set); err != nil {
		return nil, err
	}
	recent, o := new(journal.Recent), conf.journalOptions(k)
	o.Durable = recent.Put
	j, err := badgerjournal.Open(ctx, o)
	if err != nil {
		return nil, unfinished(conf.Dir, err)
	}
	n := &Node{spoken: newSpoken(), conf: conf, set: set, keys: k, journal: j, store: j, recent: recent, zone: zone}
	if conf.Wrap != nil {
		n.journal = conf.Wrap(j)
	}
	if n.raw, err = rawlog.Open(ctx, rawlog.Options{Dir: conf.Inbound, Key: k.raw[0], Former: k.raw[1:], Now: conf.Now}); err != nil {
		_ = j.Close() // the first error is the one to tell
		return nil, err
	}
	n.standingSeal = keys.NewRing(keys.DeriveEach(standingsPurpose, k.raw)...)
	n.factorSeal = keys.NewRing(keys.DeriveEach(factorsPurpose, k.data)...)
	n.submit = submit.New(submit.Options{Journal: n.journal, Now: conf.Now, Unseal: k.recovery.Unseal, Recent: recent})
	n.delivery, n.run = submit.NewDelivery(n.submit), rand.Text()
	n.office = enrol.New(enrol.Config{Journal: n.journal, Set: k.ca, JournalKey: k.journal.Public, Succession: k.journal.succession, Recovery: k.recovery.Recipient, RecoveryKey: n.recoveryKey, Now: conf.Now, Audit: n.event, Declared: n.declared, AuditLog: n.logState, Urgent: n.urgent, Untold: n.untold, Connected: n.connected, Seal: n.factorSeal, Cost: conf.PINCost, Changed: n.ownerChanged, AskSoon: n.askSoon, RefusedStation: n.refusedStation, RefusedCode: n.refusedCode, RefusedBusy: n.refusedBusy, Keyed: n.keyed, Log: conf.Log})
	n.keys.data, n.keys.raw = nil, nil // whoever seals with them holds them
	err = n.loadSenders(ctx)
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	feeds, newest, err := n.lately(ctx)
	if err == nil {
		err = n.checkRaw(ctx, newest)
	}
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	n.mllp = mllpd.New(mllpd.Config{
		Feeds:   feeds,
		Channel: channel, Filer: n.submit, Raw: n.raw, Now: conf.Now, Location: zone, ProcessingIDs: conf.ProcessingIDs, Refused: n.refusedAtMLLP, Log: conf.Log,
		Claim: func(l mllpd.Line, app, facility hl7.HD) bool { return n.senders.Load().claim(l, app, facility) },
	})
	return n, nil
}

// Close ends a node that is not serving.
func (n *Node) Close() error {
	return errors.Join(n.raw.Close(), n.journal.Close())
}

// Serve opens the doors and works until ctx ends.
func (n *Node) Serve(ctx context.Context, ready func(Ready)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	h, err := n.hub()
	if err != nil {
		return err
	}
	if err := n.noteRevocations(ctx); err != nil {
		n.conf.Log.Error("the list of revocations beside the raw inbound log cannot be kept; a restore from an older backup would let revoked computers in", "err", err)
	}
	if err := n.noteDeviceKeys(ctx); err != nil {
		n.conf.Log.Error("the list of computers' keys beside the raw inbound log cannot be kept; after a restore from an older backup those whose key was changed would have to be enrolled again", "err", err)
	}
	if err := n.agreeOnStandings(ctx); err != nil {
		n.conf.Log.Error("the list of accounts beside the raw inbound log cannot be kept; a restore from an older backup would open closed accounts", "err", err)
	}
	if err := n.noteStart(ctx); err != nil {
		return err
	}
	n.serving.Store(h)
	defer n.serving.Store(nil)
	web, webLn, err := n.web(ctx, h)
	if err != nil {
		return err
	}
	feeds, err := n.openFeedDoors(ctx)
	if err != nil {
		return errors.Join(err, webLn.Close())
	}
	admin, err := n.listenAdmin()
	if err != nil {
		return errors.Join(err, webLn.Close(), feeds.close())
	}
	failed := make(chan error, 4)
	go func() { failed <- web.Serve(webLn) }()
	feeds.serve(ctx, n, failed)
	go func() { failed <- n.serveAdmin(ctx, admin) }()
	go n.tidy(ctx)
	listening := make(chan struct{})
	go func() { defer close(listening); n.listen(ctx) }()
	growing := make(chan struct{})
	go func() { defer close(growing); n.growTree(ctx) }()
	refiling := make(chan struct{})
	go func() { defer close(refiling); n.refileAgain(ctx) }()
	go n.watchDelivery(ctx)
	go n.callOut(ctx)
	go n.letGo(ctx)
	go n.countRoutines(ctx)
	go n.countRules(ctx)
	go n.takeBackLent(ctx)
	go n.watchClock(ctx)
	go n.takeTurns(ctx)
	recorded := make(chan struct{})
	go func() { defer close(recorded); n.recordKnocks(ctx) }()
	ready(Ready{true, webLn.Addr().String(), addrOf(feeds.plain), addrOf(feeds.secure), pki.Fingerprint(n.office.Authorities().Current.Cert)})
	select {
	case <-ctx.Done():
		err = nil
	case err = <-failed:
	}
	cancel()
	n.stop(web, h, admin)
	<-recorded // before the journal is closed
	<-growing  // its file goes with it
	<-listening
	<-refiling
	return err
}

// stop closes the doors, then lets what is under way finish.
func (n *Node) stop(web *http.Server, h *hub.Hub, admin io.Closer) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = admin.Close() // its socket is removed at the next start if this fails
	if err := h.Stop(ctx); err != nil {
		n.conf.Log.Warn("stations were still connected at the end", "err", err)
	}
	if err := web.Shutdown(ctx); err != nil {
		_ = web.Close() // what is left is cut; nothing is answered for that is not durable
	}
}

func (n *Node) hub() (*hub.Hub, error) {
	source := scope.New(n.journal, n.conf.Now)
	source.Share(n.recent)
	return hub.NewHub(hub.Config{
		Source: source, Submitter: n.submit, Status: n.status, Sign: n.keys.journal.Sign,
		Device: func(ctx context.Context, s record.StationID) (record.Device, error) {
			return n.office.Device(ctx, string(s), nil)
		},
		Diverged: func(s record.StationID, at record.Cursor) {
			n.conf.Log.Error("a station stands where this journal never was, and cannot prove that it ever did; if this machine was put back to an earlier day: wardlightd epoch begin", "station", string(s), "position", uint64(at.Position))
		},
		Comparer: source, Documents: n.papers(source), Verify: n.verify, BeginEpoch: n.rolledBack, TakeBack: n.takeBack,
		Cloned: func(s record.StationID) {
			n.conf.Log.Error("two computers use one identity, or one was put back to an older disk image; enrol the one that says so again: wardlight enrol --again", "station", string(s))
			n.refusedFrames(s, wire.ByeCloned) // the computer ended the line itself, and nobody was refused
		},
		Refused: n.refusedFrames, Spoke: n.spoken.note,
		Program: n.conf.Program, Now: n.conf.Now, Log: n.conf.Log,
		Limits: hub.Limits{Unsent: n.conf.Unsent},
	})
}

// web is the one port for stations: sync, sign-in, share and enrolment.
func (n *Node) web(ctx context.Context, h *hub.Hub) (*http.Server, net.Listener, error) {
	conf, err := n.office.TLS(enrol.Hosts(n.conf.Listen, append(n.set.Hosts, n.conf.Hosts...)...))
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	n.office.Handler(mux)
	n.office.HandleLeaving(mux, "POST /v1/unsent", n.takeUnsent)
	enrol.HandleAsked(n.office, mux, "POST /v1/emergency", n.lend)
	mux.Handle(link.Path, link.Handler(ctx, func(ctx context.Context, conn *link.Conn, state *tls.ConnectionState, remote string) {
		peer, err := n.office.Peer(ctx, state, remote)
		if err != nil {
			return // the handshake has refused it already; this is the second lock
		}
		if err := h.Serve(ctx, conn, peer); err != nil {
			n.conf.Log.Info("a station's session ended", "station", string(peer.Device.Station), "err", err)
		}
	}))
	srv := &http.Server{
		Handler: mux, ReadHeaderTimeout: handshakeWithin, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog:    log.New(handshakes{n}, "", 0), //nolint:forbidigo // net/http takes no other, and what it says is counted and not printed
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	n.office.Hook(srv)
	ln, err := door(ctx, n.conf.Listen, "--listen")
	if err != nil {
		return nil, nil, err
	}
	keeper := keepDoor(tls.NewListener(ln, conf), maxWaiting)
	srv.ConnState = keeper.known
	return srv, keeper, nil
}

// door opens a port; flag is how its address is chosen.
func door(ctx context.Context, addr, flag string) (net.Listener, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err == nil {
		return ln, nil
	}
	do := "check the address"
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		do = "another program listens there, perhaps another central: end that one, or choose another address"
	case errors.Is(err, syscall.EACCES):
		do = "this user may not open it: choose a port above 1023"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		do = "it is no address of this machine: choose one that is, or 0.0.0.0 for all"
	}
	return nil, fault.Newf(fault.Unavailable, "node.serve", addr, "cannot listen: %s with %s HOST:PORT: %w", do, flag, err)
}

// status is what central says of itself.
func (n *Node) status() record.Central {
	now := n.conf.Now()
	return record.Central{
		Time: now.UnixMilli(), Head: n.journal.Head().Position, Feeds: n.mllp.Feeds(), Unreached: n.delivery.Unreached(now, graceShown),
	}
}
