package headless

import (
	"context"

	"wardlight/internal/clinical/ward"
)

// packReq prints the ward pack: with a name and a PIN the one that is kept ready, where
// the copy cannot be opened and nobody can sign in; with a reason and a PIN the one that
// was refused as over the limit.
type packReq struct {
	head
	User   string `json:"user"`
	PIN    string `json:"pin"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

func wardPack(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[packReq](text)
	if err != nil {
		return nil, err
	}
	var words string
	switch {
	case r.User == "" && r.Reason != "":
		words, err = s.cfg.Station.PrintOver(ctx, ward.Printing{What: ward.PrintPack}, r.Reason, r.PIN)
	case r.User != "" || r.PIN != "":
		words, err = s.cfg.Station.PrintPackByPIN(ctx, r.User, r.PIN, r.Code)
	default:
		words, err = s.cfg.Station.PrintPack(ctx)
	}
	return map[string]string{"words": words}, err
}
