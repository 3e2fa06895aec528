// Package sso asks the hospital's own sign-in service, an OpenID provider, who
// somebody is. It does so by the authorization code flow with PKCE: a person's
// browser fetches a code, which is worth nothing without the verifier that the
// workstation kept, and this package changes both for an ID token over a
// connection of its own.
//
// It promises that an Identity was vouched for by that service (signature by its
// published keys, which it may change at any time; one of a few algorithms, never
// none), for Wardlight (audience), in answer to this very attempt (nonce), now
// (issued and expiring), and by somebody who had just proven themselves there: a
// ward's computer is shared, and its browser may still know the colleague before.
//
// Who the person is here, and what they may do, is not its affair.
package sso

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"wardlight/internal/fault"
)

const (
	// answerWithin bounds one request to the service, and maxAnswer its answer.
	answerWithin = 5 * time.Second
	maxAnswer    = 1 << 20
	// lately is how recently it must have answered before a browser is sent there: in a
	// browser somebody would read only that an address does not answer.
	lately = 10 * time.Second
	// soon is how long somebody with a PIN waits to hear whether it is there.
	soon = 2 * time.Second
	// knownFor is how long what the service says of itself is believed; its keys are
	// asked for again whenever one is not known.
	knownFor = time.Hour
	// skew is how far the clocks of the service and of central may be apart.
	skew = 2 * time.Minute
)

// algorithms are those of a signature that is believed: asymmetric ones only, so
// that a public key can never be taken for a shared secret, and never "none".
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// Attempt is one sign-in that began at a workstation.
type Attempt struct {
	Redirect  string // the workstation's loopback address, where the browser ends
	State     string // the workstation's own; the browser must bring it back
	Challenge string // S256 of the workstation's verifier
	Nonce     string // central's own; the ID token must name it
	Began     time.Time
}

// Identity is who the service says that somebody is.
type Identity struct {
	Issuer, Subject string // together they mean one person for ever
	User            string // the sign-in name that the claim means
	Name            string // as colleagues read it; may be empty
}

// Provider is one sign-in service. It is safe for concurrent use.
type Provider struct {
	set    Settings
	now    func() time.Time
	log    *slog.Logger
	client *http.Client

	mu       sync.Mutex
	found    *oidc.Provider
	asked    time.Time // when it said what it is
	answered time.Time // when it last did
	failed   time.Time // when it last did not
}

// New makes a Provider; nothing is asked before somebody signs in. People are told
// what to do; log is told why.
func New(set Settings, now func() time.Time, log *slog.Logger) (*Provider, error) {
	if err := set.Check(); err != nil {
		return nil, err
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(set.CA) > 0 {
		conf.RootCAs = x509.NewCertPool()
		conf.RootCAs.AppendCertsFromPEM(set.CA)
	}
	t := &http.Transport{TLSClientConfig: conf, Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute}
	client := &http.Client{Timeout: answerWithin, Transport: bounded{t}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // a code and its verifier go nowhere but where the service said
	}}
	return &Provider{set: set, now: now, log: log, client: client}, nil
}

// Settings are what the Provider was made of.
func (p *Provider) Settings() Settings { return p.set }

// Away says that the service does not answer just now. It does not take long.
func (p *Provider) Away(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, soon)
	defer cancel()
	_, err := p.discover(ctx, time.Minute)
	return fault.Is(err, fault.Unavailable)
}

// Try asks the service what it is, now.
func (p *Provider) Try(ctx context.Context) error {
	_, err := p.discover(ctx, 0)
	return err
}

// SignInURL is where a browser begins.
func (p *Provider) SignInURL(ctx context.Context, a Attempt) (string, error) {
	found, err := p.discover(ctx, lately)
	if err != nil {
		return "", err
	}
	opts := []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam("code_challenge", a.Challenge), oauth2.SetAuthURLParam("code_challenge_method", "S256"),
		oidc.Nonce(a.Nonce), oauth2.SetAuthURLParam("prompt", "login"),
	}
	if !p.set.AnyAge {
		opts = append(opts, oauth2.SetAuthURLParam("max_age", "0")) // so that it says when they proved themselves
	}
	return p.oauth(found, a).AuthCodeURL(a.State, opts...), nil
}

func (p *Provider) oauth(found *oidc.Provider, a Attempt) *oauth2.Config {
	endpoint := found.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams // a public client has no secret to give in a header
	return &oauth2.Config{ClientID: p.set.Client, Endpoint: endpoint, RedirectURL: a.Redirect, Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
}

// discover is what the service says of itself; it must have answered a short time
// ago. What it said is believed for longer than that, and its keys are kept with it.
func (p *Provider) discover(ctx context.Context, fresh time.Duration) (*oidc.Provider, error) {
	const op = "sso.discover"
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	switch known := p.found != nil && now.Sub(p.asked).Abs() < knownFor; {
	case known && now.Sub(p.answered).Abs() < fresh:
		return p.found, nil
	case now.Sub(p.failed).Abs() < answerWithin: // a ward that presses the button at once does not queue for it
		return nil, errAway(op)
	case known:
		if err := p.probe(ctx); err != nil {
			p.failed = now
			return nil, p.away(op, err)
		}
		p.answered = now
		return p.found, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.set.Issuer)
	if err != nil {
		p.failed = now
		return nil, p.away(op, err)
	}
	if !secure(found) {
		return nil, fault.New(fault.Denied, op, "", "The hospital’s sign-in service names addresses without https. Tell IT.")
	}
	p.found, p.asked, p.answered, p.failed = found, now, now, time.Time{}
	return found, nil
}

// probe says whether the service answers at all.
func (p *Provider) probe(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(p.set.Issuer, "/")+"/.well-known/openid-configuration", nil)
	if err != nil {
		return fault.Wrap("sso.probe", "", err)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return fault.As(fault.Unavailable, "sso.probe", "", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return fault.New(fault.Unavailable, "sso.probe", "", "it answers "+resp.Status)
	}
	return nil
}

func secure(found *oidc.Provider) bool {
	e := found.Endpoint()
	for _, address := range []string{e.AuthURL, e.TokenURL} {
		if r, err := http.NewRequest(http.MethodGet, address, nil); err != nil || r.URL.Scheme != "https" || r.URL.Host == "" { //nolint:noctx // only taken apart
			return false
		}
	}
	return true
}

// away words an error of asking the service. What it answered itself is not the
// same as no answer.
func (p *Provider) away(op string, err error) error {
	var unlike *oidc.IssuerMismatchError
	if errors.As(err, &unlike) {
		return p.denied(op, err, "The hospital’s sign-in service calls itself by another name than the one that was set. Tell IT.")
	}
	p.log.Warn("the hospital's sign-in service does not answer", "op", op, "err", err)
	return errAway(op)
}

func errAway(op string) error {
	return fault.New(fault.Unavailable, op, "", "The hospital’s sign-in service does not answer. Sign in with your name and PIN, or try again.")
}

// denied says to a person what was not believed, and to the log why.
func (p *Provider) denied(op string, why error, words string) error {
	p.log.Warn("the hospital's sign-in service was not believed", "op", op, "err", why)
	return fault.New(fault.Denied, op, "", words)
}

// bounded cuts answers that are too long.
type bounded struct{ http.RoundTripper }

// RoundTrip does one request.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err //nolint:wrapcheck // the http client's own
}
