package demo

import (
	"context"
	"encoding/json"

	"wardlight/internal/fault"
)

// Every look at patients' data in the story is meant first, then done: lists,
// charts, and what an administrator shows. So each one that is missing on the
// audit trail is a breach.

// meant does something that is a look at subject.
func (h *hospital) meant(station, user, command, subject string, do func() error) error {
	n, err := h.intents.Mean(Intent{Kind: "look", Station: station, User: user, Command: command, Fields: map[string]any{"subject": subject}})
	if err != nil {
		return err
	}
	err = do()
	failed := ""
	if err != nil {
		failed = err.Error()
	}
	return firstOf(err, h.intents.Done(n, "", nil, failed))
}

// sitting is who is signed in on a station.
func (h *hospital) sitting(s *Station) string {
	if s == h.clinic {
		return users[2].name
	}
	return users[h.sits].name
}

// look is an administrative command that shows patients' data.
func (h *hospital) look(ctx context.Context, args ...string) (lines []json.RawMessage, err error) {
	err = h.meant("central", osUser(), args[0], commandOf(args), func() error {
		lines, err = h.admin(ctx, args...)
		return err
	})
	return lines, err
}

// open looks at a chart.
func (h *hospital) open(ctx context.Context, s *Station, id string) (raw json.RawMessage, err error) {
	err = h.meant(s.Name, h.sitting(s), "chart", id, func() error {
		return s.Call(ctx, "chart", map[string]any{"patient": id}, &raw)
	})
	return raw, err
}

// list looks at a list of patients: board, alerts or reviews.
func (h *hospital) list(ctx context.Context, s *Station, name string, out any) error {
	cmd := name
	if name == "board" {
		cmd = "patients"
	}
	return h.meant(s.Name, h.sitting(s), cmd, listNamed(name), func() error { return s.Call(ctx, cmd, nil, out) })
}

// listNamed is the subject of a look at a list.
func listNamed(name string) string { return "list " + name }

// boardRow is what the story reads of a patient on the board.
type boardRow struct {
	Who struct {
		ID     string `json:"id"`
		Bed    string `json:"bed"`
		Number string `json:"number"`
		Family string `json:"family"`
	} `json:"who"`
	Allergies struct {
		State  string `json:"state"`
		Worst  string `json:"worst"`
		Review bool   `json:"review"`
	} `json:"allergies"`
	Critical *struct {
		ID      string `json:"id"`
		Version uint64 `json:"version"`
		Test    string `json:"test"`
		Value   string `json:"value"`
		Open    bool   `json:"open"`
	} `json:"critical"`
}

func (h *hospital) board(ctx context.Context, s *Station) ([]boardRow, error) {
	var r struct {
		Patients []boardRow `json:"patients"`
	}
	err := h.list(ctx, s, "board", &r)
	return r.Patients, err
}

// bed finds a patient by bed.
func (h *hospital) bed(ctx context.Context, s *Station, bed string) (boardRow, error) {
	rows, err := h.board(ctx, s)
	for _, r := range rows {
		if r.Who.Bed == bed {
			return r, nil
		}
	}
	return boardRow{}, firstOf(err, fault.Newf(fault.NotFound, "demo.bed", bed, "nobody in bed %s on the %s station", bed, s.Name))
}

func (h *hospital) byFamily(ctx context.Context, s *Station, family string) (boardRow, error) {
	rows, err := h.board(ctx, s)
	for _, r := range rows {
		if r.Who.Family == family {
			return r, nil
		}
	}
	return boardRow{}, firstOf(err, fault.New(fault.NotFound, "demo.patient", "", "not on the clinic station"))
}
