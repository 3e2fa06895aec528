package sso_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/internal/central/sso"
)

// forge is a sign-in service that says whatever a test wants: what a real one never
// would. That the real flow works is proven against a real one (station/seat).
type forge struct {
	*httptest.Server
	mu     sync.Mutex
	key    *rsa.PrivateKey
	kid    string
	shown  []jose.JSONWebKey // what it publishes
	token  func(f *forge) string
	keysAt int // how often its keys were asked for
	now    time.Time
	client string
}

func newForge(t *testing.T) *forge {
	t.Helper()
	f := &forge{now: time.Now(), client: "wardlight"}
	f.newKey(t, "first")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		say(w, map[string]any{
			"issuer": f.URL, "authorization_endpoint": f.URL + "/auth", "token_endpoint": f.URL + "/token", "jwks_uri": f.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"none", "HS256", "RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.keysAt++
		say(w, jose.JSONWebKeySet{Keys: f.shown})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("code_verifier") != "verifier" || r.FormValue("client_id") != "wardlight" || r.FormValue("client_secret") != "" {
			w.WriteHeader(http.StatusBadRequest)
			say(w, map[string]any{"error": "invalid_grant"})
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		say(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": f.token(f)})
	})
	f.Server = httptest.NewTLSServer(mux)
	t.Cleanup(f.Close)
	return f
}

func say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// newKey makes the service sign with another key, and publish it alone.
func (f *forge) newKey(t *testing.T, kid string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.key, f.kid = key, kid
	f.shown = []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: kid, Algorithm: "RS256", Use: "sig"}}
}

// claims are those of a good token, with what a test changes.
func (f *forge) claims(change map[string]any) []byte {
	c := map[string]any{
		"iss": f.URL, "aud": f.client, "sub": "u-1", "nonce": "nonce", "preferred_username": "G.Mensah", "name": "Grace Mensah",
		"iat": f.now.Unix(), "exp": f.now.Add(5 * time.Minute).Unix(), "auth_time": f.now.Unix(),
	}
	for k, v := range change {
		if c[k] = v; v == nil {
			delete(c, k)
		}
	}
	b, _ := json.Marshal(c)
	return b
}

// signs is a token of these claims by the service's key.
func signs(change map[string]any) func(*forge) string {
	return func(f *forge) string { return sign(jose.RS256, f.key, f.kid, f.claims(change)) }
}

func sign(alg jose.SignatureAlgorithm, key any, kid string, payload []byte) string {
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", kid))
	if err != nil {
		panic(err)
	}
	o, err := s.Sign(payload)
	if err != nil {
		panic(err)
	}
	out, err := o.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return out
}

// unsigned is a token of algorithm none.
func unsigned(f *forge) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(`{"alg":"none","kid":"first"}`)) + "." + enc(f.claims(nil)) + "."
}

func (f *forge) settings() sso.Settings {
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	return sso.Settings{Issuer: f.URL, Client: "wardlight", CA: ca}.WithDefaults()
}

func (f *forge) provider(t *testing.T, change func(*sso.Settings)) *sso.Provider {
	t.Helper()
	set := f.settings()
	if change != nil {
		change(&set)
	}
	p, err := sso.New(set, func() time.Time { return f.now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
