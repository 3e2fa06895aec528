package headless

import "context"

// packReq prints the ward pack: with a name and a PIN the one that is kept ready, where
// the copy cannot be opened and nobody can sign in.
type packReq struct {
	head
	User string `json:"user"`
	PIN  string `json:"pin"`
	Code string `json:"code"`
}

func wardPack(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[packReq](text)
	if err != nil {
		return nil, err
	}
	var words string
	if r.User != "" || r.PIN != "" {
		words, err = s.cfg.Station.PrintPackByPIN(ctx, r.User, r.PIN, r.Code)
	} else {
		words, err = s.cfg.Station.PrintPack(ctx)
	}
	return map[string]string{"words": words}, err
}
