package seat

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/pki"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// A ward practises a downtime on one of its computers: it lets go of the line, by a
// person's choice and for a time that has an end, and behaves as with the network out
// because it has none. Nothing is played: entries are real, wait, and are sent at the end.
//
// What must not wait does not. While the drill goes on this computer asks central every few
// seconds, beside the line, whether a critical result has come for its wards: not which.
// If one has, the drill ends, and the result comes by the road that every result comes by.
// If central does not answer, the drill ends too, because then the outage is real, and
// nobody may take it for practice. A drill ends as well when its time is over, when the
// program ends, and when anybody presses the button that stands above every page.

// How long a drill lasts, and how often central is asked meanwhile.
const (
	MinDrill     = 5 * time.Minute
	DefaultDrill = 30 * time.Minute
	MaxDrill     = time.Hour

	drillAsks  = 5 * time.Second
	drillTries = 3 // in a row without an answer, then the outage is real
)

const drillFact = "drill"

// drillRow is how a drill is kept, so that one that the end of the program ended is told.
type drillRow struct {
	Version int       `json:"v"` // 1
	From    time.Time `json:"from,omitzero"`
	Until   time.Time `json:"until,omitzero"`
	User    string    `json:"user,omitempty"`
	By      string    `json:"by,omitempty"`
	Role    string    `json:"role,omitempty"`
}

// drill is one that goes on.
type drill struct {
	row   drillRow
	began pki.Urgent
	end   context.CancelFunc // of whoever watches it
}

// BeginDrill practises a downtime on this computer for so long. It is refused where
// something urgent is open, where central does not answer already, and to whoever may not.
func (s *Seat) BeginDrill(ctx context.Context, lasts time.Duration) error {
	const op = "seat.drill"
	d, err := s.Desk()
	if err != nil {
		return err
	}
	p, ok := d.SignedIn()
	switch {
	case !ok:
		return fault.As(fault.Unknown, op, "", words.Errorf("Sign in first."))
	case lasts < MinDrill || lasts > MaxDrill:
		return fault.As(fault.Invalid, op, "", words.Errorf("A drill lasts %d to %d minutes.", int(MinDrill/time.Minute), int(MaxDrill/time.Minute)))
	}
	if err := s.mayDrill(p); err != nil {
		return err
	}
	switch l := d.Link(); {
	case l.Drill != nil:
		return fault.As(fault.Exists, op, "", words.Errorf("A drill goes on already. It can be ended by anybody: F10."))
	case !l.Connected:
		return fault.As(fault.Unavailable, op, "", words.Errorf("The network is out: this is no drill. Nothing was begun."))
	case l.Loading != nil:
		return fault.As(fault.Unavailable, op, "", words.Errorf("This computer’s copy is still being filled. Begin the drill when it is whole. Nothing was begun."))
	}
	if untaken, held := d.Waiting(); untaken > 0 || held > 0 {
		return fault.As(fault.Conflict, op, "", words.Errorf("A result waits for somebody, or a critical one could not be filed. See to it first, then begin the drill. Nothing was begun."))
	}
	began, err := s.askUrgent(ctx)
	if err != nil {
		return err
	}
	now := s.conf.Now()
	row := drillRow{Version: 1, From: now.UTC(), Until: now.Add(lasts).UTC(), User: p.User, By: p.Name, Role: p.Role}
	return s.startDrill(ctx, row, began)
}

// mayDrill: a charge nurse of this ward.
func (s *Seat) mayDrill(p ward.Person) error {
	var mine []record.Ward
	for _, w := range p.Wards {
		mine = append(mine, record.Ward(w))
	}
	dec := rbac.Decide(rbac.Request{
		Role: rbac.Role(p.Role), Wards: mine, DeviceWards: s.info.Wards, Action: rbac.Manage, ResourceType: rbac.TypeDrill, PatientWards: s.info.Wards, Now: s.conf.Now(),
	})
	if dec.Allow {
		return nil
	}
	return fault.As(fault.Denied, "seat.drill", "", words.Errorf("A downtime is practised by the charge nurse of this ward. Nothing was begun."))
}

// askUrgent asks central how many critical results have come for this computer's wards.
func (s *Seat) askUrgent(ctx context.Context) (pki.Urgent, error) {
	req, _, err := s.standingRequest()
	if err != nil {
		return pki.Urgent{}, err
	}
	req.Urgent = true
	ans, err := s.door.Standing(ctx, req)
	switch {
	case err != nil:
		return pki.Urgent{}, fault.As(fault.KindOf(err), "seat.drill", "", words.Errorf("The server does not answer: this is no drill. Nothing was begun. (%w)", err))
	case ans.Wipe:
		return pki.Urgent{}, errWiped()
	case ans.Urgent == nil:
		return pki.Urgent{}, fault.As(fault.Unsupported, "seat.drill", "", words.Errorf("The server is of an earlier version: it could not tell this computer of a critical result during a drill. Nothing was begun."))
	}
	return *ans.Urgent, nil
}

// startDrill puts it on record, and then lets go of the line.
func (s *Seat) startDrill(ctx context.Context, row drillRow, began pki.Urgent) error {
	s.drilling.Lock()
	defer s.drilling.Unlock()
	s.mu.Lock()
	c, d := s.cache, s.desk
	s.mu.Unlock()
	if s.drill != nil || c == nil || d == nil {
		return fault.As(fault.Exists, "seat.drill", "", words.Errorf("A drill goes on already, or this computer is closed."))
	}
	if err := keepDrill(ctx, c, row); err != nil {
		return err
	}
	if err := s.drillOnRecord(ctx, row, "a downtime drill began, until "+row.Until.Format(time.RFC3339)+" at most"); err != nil {
		return errors.Join(err, keepDrill(ctx, c, drillRow{Version: 1}))
	}
	watch, end := context.WithCancel(s.ctx)
	s.drill = &drill{row: row, began: began, end: end}
	d.Drilled(&ward.Drill{From: row.From.In(s.conf.Zone), Until: row.Until.In(s.conf.Zone), By: row.By})
	s.Disconnect()
	s.conf.Log.Info("a downtime drill began")
	s.runIn(watch, "drill", s.watchDrill)
	return nil
}

// watchDrill ends the drill when it is time, when a critical result has come, and when
// central does not answer.
func (s *Seat) watchDrill(ctx context.Context) error {
	every := drillAsks
	if s.conf.Every > 0 {
		every = min(every, s.conf.Every)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for silent := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		s.drilling.Lock()
		now := s.drill
		s.drilling.Unlock()
		if now == nil {
			return nil
		}
		if t := s.conf.Now(); !t.Before(now.row.Until) || t.Before(now.row.From.Add(-time.Minute)) { // or the clock was set back
			return s.finishDrill(ctx, "its time was over", whatDrillOver, safeDrillOver)
		}
		came, err := s.askUrgent(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			if silent++; silent >= drillTries || !fault.Is(err, fault.Unavailable) {
				return s.finishDrill(ctx, "the server did not answer", whatDrillOut, safeDrillOut)
			}
		case came != now.began:
			return s.finishDrill(ctx, "a critical result came", whatDrillCritical, safeDrillCritical)
		default:
			silent = 0
		}
	}
}

// EndDrill ends the drill that goes on, for whoever is signed in.
func (s *Seat) EndDrill(ctx context.Context) error {
	d, err := s.Desk()
	if err != nil {
		return err
	}
	p, ok := d.SignedIn()
	if !ok {
		return fault.As(fault.Unknown, "seat.drill", "", words.Errorf("Sign in first."))
	}
	return s.finishDrill(ctx, "ended by "+p.User, "", "")
}

// finishDrill takes the line up again, whatever else goes wrong, and puts the end on
// record. What happened is told to everybody who uses the computer, where it is not
// somebody's own press.
func (s *Seat) finishDrill(ctx context.Context, why, what, safe string) error {
	s.drilling.Lock()
	defer s.drilling.Unlock()
	now := s.drill
	if now == nil {
		return fault.As(fault.NotFound, "seat.drill", "", words.Errorf("No drill goes on here."))
	}
	s.drill = nil
	s.mu.Lock()
	c, d := s.cache, s.desk
	s.mu.Unlock()
	s.Connect()
	if d != nil {
		d.Drilled(nil)
	}
	defer now.end()
	s.conf.Log.Info("a downtime drill ended", "why", why)
	if what != "" {
		s.tell(what, safe, doDrill)
	}
	if c == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	err := s.drillOnRecord(ctx, now.row, "a downtime drill ended: "+why)
	return errors.Join(err, keepDrill(ctx, c, drillRow{Version: 1}))
}

// drillOnRecord puts a drill into this computer's chain, under the name of who began it.
func (s *Seat) drillOnRecord(ctx context.Context, row drillRow, what string) error {
	e := s.ofThisComputer(audit.Config)
	e.Details = []audit.Detail{{Name: "what", Value: what}, {Name: "begun by", Value: row.User}}
	return s.onRecord(ctx, e)
}

func keepDrill(ctx context.Context, c *cache.Cache, row drillRow) error {
	b, err := json.Marshal(row)
	if err != nil {
		return fault.As(fault.Invalid, "seat.drill", "", err)
	}
	return c.SetFact(ctx, drillFact, b)
}

// drillKept puts on record that a drill ended with the program: a computer that is started
// again is connected. It is called when the copy is open.
func (s *Seat) drillKept(ctx context.Context) error {
	s.mu.Lock()
	c := s.cache
	s.mu.Unlock()
	if c == nil {
		return nil
	}
	b, err := c.Fact(drillFact)
	if err != nil || b == nil {
		return err
	}
	var row drillRow
	if json.Unmarshal(b, &row) != nil || row.Version != 1 || row.From.IsZero() {
		return nil // none went on, or a newer program's
	}
	if err := s.drillOnRecord(ctx, row, "a downtime drill ended: the program ended"); err != nil {
		return err
	}
	s.tell(whatDrillOver, safeDrillEnded, doDrill)
	return keepDrill(ctx, c, drillRow{Version: 1})
}
