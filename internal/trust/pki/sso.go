package pki

// The words of a sign-in with the hospital's account, between a station and central
// (POST /v1/sso/begin, /v1/sso/finish, /v1/sign-in/complete). An older central
// answers 404, and offers none in its StandingAnswer.

// HospitalAccount is what central offers: a sign-in with the hospital's account.
type HospitalAccount struct {
	Button string `json:"button"`
}

// BrowserBegin asks where a person's browser is to begin. The station keeps state
// and the verifier of the challenge; neither alone is worth anything.
type BrowserBegin struct {
	Redirect  string `json:"redirect"`  // http://127.0.0.1:PORT/…, where the station waits
	State     string `json:"state"`     // what the browser must bring back there
	Challenge string `json:"challenge"` // S256 (RFC 7636)
}

// BrowserBegun says where, and what this attempt is called.
type BrowserBegun struct {
	Attempt string `json:"attempt"`
	URL     string `json:"url"` // https://…
}

// BrowserEnd brings what the browser brought.
type BrowserEnd struct {
	Attempt  string `json:"attempt"`
	Code     string `json:"code"`
	Verifier string `json:"verifier"`
}

// BrowserEnded says who it is, and what is still to be done before they may work.
type BrowserEnded struct {
	Ticket string       `json:"ticket"` // completes this sign-in, once and for a few minutes
	Who    SignInAnswer `json:"who"`    // whom it will be
	PIN    bool         `json:"pin"`    // central keeps no PIN of theirs: one must be chosen
	Code   bool         `json:"code"`   // a second factor is to be given
}

// CompleteRequest ends a sign-in with the hospital's account. Only its answer lets
// somebody in.
type CompleteRequest struct {
	Ticket string `json:"ticket"`
	PIN    string `json:"pin,omitempty"`  // the one that was chosen; "" leaves the one that there is
	Code   string `json:"code,omitempty"` // of the second factor
}
