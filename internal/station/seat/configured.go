package seat

import (
	"context"
	"encoding/json"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/audit"
)

// How this computer's program is started is configuration: whether the wall is shown to
// nobody in particular, after how long an unused window locks, whether anything sounds.
// No command of ours changes it, so each start is held to the one before, and what
// differs is on record once the copy is open, offline too.

// Setting is one setting of a start, as a person reads it; no secret.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func asSetting(s Setting) audit.Setting { return audit.Setting(s) }

// configuredFact is how a door (the window, the headless program) was started last: each
// has settings of its own.
func configuredFact(door string) string { return "configured/" + door }

// configuredRow is that as kept.
type configuredRow struct {
	Version  int       `json:"v"` // 1
	Settings []Setting `json:"settings"`
}

// configuredAgain is how soon it is tried again to put a start on record.
const configuredAgain = 10 * time.Second

// noteConfigured puts on record what of this start differs from the last one of the same
// door. What cannot be recorded now (a full disk) is tried until it is.
func (s *Seat) noteConfigured(ctx context.Context, c *cache.Cache) error {
	if s.conf.Door == "" {
		return nil
	}
	for told := false; ; {
		err := s.configured(ctx, c)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		if !told {
			s.conf.Log.Error("how this computer’s program was started could not be put on record; it is tried again", "err", err)
		}
		told = true
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(configuredAgain):
		}
	}
}

func (s *Seat) configured(ctx context.Context, c *cache.Cache) error {
	const op = "seat.configured"
	b, err := c.Fact(configuredFact(s.conf.Door))
	if err != nil {
		return err
	}
	var was configuredRow
	if b != nil && (json.Unmarshal(b, &was) != nil || was.Version != 1) {
		was = configuredRow{} // a newer program's: everything is told anew
	}
	details := audit.Changed(audit.Differences(was.Settings, s.conf.Settings, asSetting)...)
	if len(details) == 0 {
		return nil
	}
	kept, err := json.Marshal(configuredRow{1, s.conf.Settings})
	if err != nil {
		return fault.Wrap(op, "", err)
	}
	e := s.ofThisComputer(audit.Config)
	e.Details = append([]audit.Detail{{Name: "what", Value: "the " + s.conf.Door + " was started in another way than the last time"}}, details...)
	event, err := e.JSON()
	if err != nil {
		return err
	}
	return c.Commit(ctx, nil, [][]byte{event}, cache.Fact{Key: configuredFact(s.conf.Door), Value: kept})
}
