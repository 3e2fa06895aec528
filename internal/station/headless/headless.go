// Package headless is a station without a window: one JSON object a line on
// standard input, one a line on standard output, over the same desk that the
// window uses. Scripts, tests and the demonstration drive a station with it;
// docs/headless.md lists every command.
//
// Promises:
//   - Requests are carried out in order, and each gets exactly one reply with
//     its own id, also one that cannot be read (its id is then null).
//   - A reply of a command that writes comes after the write is durable.
//   - A list that is asked for after a write holds that write.
//   - A field that a command does not know is refused, never passed over: a
//     misspelt "verison" must not take a result that nobody saw.
//   - A line is at most 1 MiB. What is longer is refused and skipped, and the
//     next line is read as usual.
//   - Reading a chart is a look, and audited, as it is in the window.
package headless

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// MaxLine bounds one request.
const MaxLine = 1 << 20

// settleFor is how long a list waits for what was just written.
const settleFor = 3 * time.Second

// Lists are what the desk shows of several patients.
type Lists interface {
	Board(ctx context.Context) ([]ward.Row, error)
	Alerts(ctx context.Context) ([]ward.Alert, error)
	HeldBack(ctx context.Context) ([]ward.HeldBack, error)
	Reviews(ctx context.Context) ([]ward.Review, error)
	Search(ctx context.Context, text string) ([]ward.Found, error)
	MyList(ctx context.Context) ([]ward.Row, error)
	Inbox(ctx context.Context) (ward.Inbox, error)
	Tasks(ctx context.Context) (ward.Duties, error)
	Handover(ctx context.Context) (ward.Handover, error)
	HandoversWaiting(ctx context.Context) ([]ward.Waiting, error)
	Rota(ctx context.Context) (ward.Rota, error)
	Routines(ctx context.Context) (ward.Routines, error)
	Rules(ctx context.Context) (ward.RuleBook, error)
	OutageReport(ctx context.Context, from time.Time) (ward.OutageReport, error)
}

// Charts are what the desk shows of one patient. Open is the audited look; Document
// is one by itself.
type Charts interface {
	Open(ctx context.Context, id ward.PatientID) error
	OpenList(ctx context.Context, list, search string) error
	Chart(ctx context.Context, id ward.PatientID) (ward.Chart, error)
	Call(ctx context.Context, id ward.PatientID) (ward.Call, error)
	Drafts(ctx context.Context) ([]ward.Draft, error)
	Document(ctx context.Context, id ward.PatientID, result ward.ResultID, sum string) (ward.Document, []byte, error)
}

// Working is what the desk does and tells.
type Working interface {
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
	Link() ward.Link
	Subscribe(ctx context.Context) <-chan ward.Notice
	Settle(ctx context.Context) error
}

// Sitting is who sits at the desk.
type Sitting interface {
	SignedIn() (ward.Person, bool)
	Lock()
	EndSession()
}

// Desk is the desk that the commands are carried out at.
type Desk interface {
	Lists
	Charts
	Working
	Sitting
}

// Station is what is around the desk.
type Station interface {
	// Desk is the desk; fault.Unavailable before the station is open.
	Desk() (Desk, error)
	// Opened is closed when there is a desk, or never will be.
	Opened() <-chan struct{}
	// SignInWithCode checks a PIN, and the code of a second factor where the account
	// has one, and begins a session.
	SignInWithCode(ctx context.Context, user, pin, code string) (ward.Person, error)
	// ChangePIN gives whoever is signed in another PIN; Sessions are where they are signed
	// in, and EndSessions ends those at one other computer, or all others ("others").
	ChangePIN(ctx context.Context, old, pin, code string, endOthers bool) error
	Sessions(ctx context.Context) ([]ward.OpenSession, error)
	EndSessions(ctx context.Context, which, pin, code string) ([]ward.OpenSession, error)
	// BreakGlass checks the PIN of whoever is signed in once more, and begins
	// emergency access to the patient whom who names whole.
	BreakGlass(ctx context.Context, pin, who, reason string) (ward.Emergency, error)
	// Jot keeps what somebody saw while they may not read here; the PIN says whose
	// it is. DropJotting lets it go, by the time that it was saved at.
	Jot(ctx context.Context, user, pin, text string) error
	DropJotting(ctx context.Context, saved string) error
	// PrintPack prints the ward pack; PrintPackByPIN the one that is kept ready, where
	// nobody can sign in. PrintOver prints what was refused as over the limit, with why
	// and the PIN once more.
	PrintPack(ctx context.Context) (words string, err error)
	PrintPackByPIN(ctx context.Context, user, pin, code string) (words string, err error)
	PrintOver(ctx context.Context, what ward.Printing, reason, pin string) (words string, err error)
	// BeginDrill practises a downtime for so long; EndDrill ends it.
	BeginDrill(ctx context.Context, lasts time.Duration) error
	EndDrill(ctx context.Context) error
	// Disconnect cuts the link to central and keeps it off until Connect.
	Disconnect()
	Connect()
}

// Config is what Run needs.
type Config struct {
	Station Station
	About   any // told by status: who and where this station is
	// Extra are further commands, of a station that has a window too. Each
	// gets the request's text.
	Extra map[string]func(ctx context.Context, text []byte) (any, error)
	In    io.Reader
	Out   io.Writer
}

// server is one conversation.
type server struct {
	cfg  Config
	mu   sync.Mutex // of out
	out  *bufio.Writer
	fail error // of writing
}

// errQuit ends the conversation.
var errQuit = errors.New("quit")

// Run answers requests until the input ends, a quit command, or ctx ends. It
// returns nil for the first two.
func Run(ctx context.Context, cfg Config) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &server{cfg: cfg, out: bufio.NewWriter(cfg.Out)}
	var work sync.WaitGroup
	work.Add(1)
	go func() {
		defer work.Done()
		s.tell(ctx)
	}()
	err := s.converse(ctx)
	cancel()
	work.Wait()
	if errors.Is(err, errQuit) || errors.Is(err, io.EOF) {
		err = nil
	}
	return err
}

// lines reads the input without holding up Run: a reader that blocks for ever
// on a terminal must not keep the program alive once ctx has ended.
func (s *server) lines(ctx context.Context) <-chan line {
	out := make(chan line)
	go func() {
		in := bufio.NewReaderSize(s.cfg.In, 64<<10)
		for {
			l := readLine(in)
			select {
			case out <- l:
			case <-ctx.Done():
				return
			}
			if l.err != nil {
				return
			}
		}
	}()
	return out
}

type line struct {
	text []byte
	long bool
	err  error
}

// readLine reads up to a line feed; what is over MaxLine is read and dropped.
func readLine(in *bufio.Reader) line {
	var l line
	for {
		part, err := in.ReadSlice('\n')
		if len(l.text)+len(part) > MaxLine+1 {
			l.long, l.text = true, nil
		}
		if !l.long {
			l.text = append(l.text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			l.err = fault.As(fault.Unavailable, "headless.read", "", err)
		case err != nil:
			l.err = err
		}
		l.text = bytes.TrimSpace(l.text)
		return l
	}
}

func (s *server) converse(ctx context.Context) error {
	in := s.lines(ctx)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case l := <-in:
			if err := s.hear(ctx, l); err != nil {
				return err
			}
		}
	}
}

// hear answers one line.
func (s *server) hear(ctx context.Context, l line) error {
	switch {
	case l.long:
		s.refuse(nil, fault.New(fault.Full, "headless.read", "", "The line is longer than 1 MiB. It was skipped."))
	case len(l.text) > 0:
		if err := s.answer(ctx, l.text); err != nil {
			return err
		}
	}
	if l.err != nil {
		return l.err
	}
	return s.failed()
}

// head is what every request holds.
type head struct {
	ID  json.RawMessage `json:"id"`
	Cmd string          `json:"cmd"`
}

func (s *server) answer(ctx context.Context, text []byte) error {
	var h head
	if err := json.Unmarshal(text, &h); err != nil {
		s.refuse(nil, fault.New(fault.Invalid, "headless.read", "", "The line is not a JSON object."))
		return nil
	}
	// A field that stands twice could name two patients: refused.
	if _, err := fhir.Canonical(text); err != nil {
		s.refuse(goodID(h.ID), fault.New(fault.Invalid, "headless.read", "", "The line is nested too deep, or a field stands twice. Nothing was done."))
		return nil
	}
	id := goodID(h.ID)
	run, ok := commands[h.Cmd]
	if extra := s.cfg.Extra[h.Cmd]; !ok && extra != nil {
		run, ok = func(ctx context.Context, _ *server, text []byte) (any, error) { return extra(ctx, text) }, true
	}
	if !ok {
		s.refuse(id, fault.New(fault.Unsupported, "headless.read", "", "There is no such command. docs/headless.md lists them."))
		return nil
	}
	out, err := run(ctx, s, text)
	if err != nil && !errors.Is(err, errQuit) {
		s.refuse(id, err)
		return nil
	}
	s.reply(id, out)
	return err
}

// goodID is a request's id as it came: a number or a short string; anything
// else is answered with null.
func goodID(id json.RawMessage) json.RawMessage {
	if len(id) == 0 || len(id) > 64 || id[0] == '{' || id[0] == '[' {
		return nil
	}
	return id
}

// failure is an error as the protocol says it.
type failure struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

func (s *server) refuse(id json.RawMessage, err error) {
	s.write(struct {
		ID    json.RawMessage `json:"id"`
		OK    bool            `json:"ok"`
		Error failure         `json:"error"`
	}{null(id), false, failure{fault.KindOf(err).String(), words(err)}})
}

// words are the innermost message: the one that was written for a person.
func words(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

func null(id json.RawMessage) json.RawMessage {
	if id == nil {
		return json.RawMessage("null")
	}
	return id
}

// reply writes id, ok and the members of out, which is a struct or nil.
func (s *server) reply(id json.RawMessage, out any) {
	body := []byte("{}")
	if out != nil {
		b, err := json.Marshal(out)
		if err != nil {
			s.refuse(id, fault.New(fault.Other, "headless.reply", "", "The answer cannot be written as JSON."))
			return
		}
		body = b
	}
	text := append([]byte(`{"id":`), null(id)...)
	text = append(text, `,"ok":true`...)
	if len(body) > 2 {
		text = append(append(text, ','), body[1:]...)
	} else {
		text = append(text, '}')
	}
	s.line(text)
}

func (s *server) write(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		return // plain structs of strings: cannot fail
	}
	s.line(b)
}

func (s *server) line(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return
	}
	_, _ = s.out.Write(b) // a bufio.Writer keeps its first error for Flush
	_ = s.out.WriteByte('\n')
	if err := s.out.Flush(); err != nil {
		s.fail = fault.As(fault.Unavailable, "headless.write", "", err)
	}
}

func (s *server) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fail
}

// tell writes the desk's notices as they come.
func (s *server) tell(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-s.cfg.Station.Opened():
	}
	d, err := s.cfg.Station.Desk()
	if err != nil {
		s.write(ward.Notice{Kind: ward.NoticeFailed})
		return
	}
	for n := range d.Subscribe(ctx) {
		s.write(n)
	}
}
