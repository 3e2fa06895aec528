package enrol

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// doorTimeout bounds one enrolment, so that a slow peer holds nothing.
const doorTimeout = 20 * time.Second

// Peer is the station behind an authenticated connection.
func (o *Office) Peer(ctx context.Context, cs *tls.ConnectionState, remote string) (record.Peer, error) {
	if cs == nil || len(cs.PeerCertificates) == 0 {
		return record.Peer{}, fault.New(fault.Unknown, "enrol.peer", "", "no certificate")
	}
	leaf := cs.PeerCertificates[0]
	dev, err := o.Device(ctx, leaf.Subject.CommonName, leaf.RawSubjectPublicKeyInfo)
	if err == nil {
		dev, err = o.shown(ctx, dev, leaf)
	}
	return record.Peer{Device: dev, Remote: remote}, err
}

// leaving is Peer that lets in a station that is to be wiped.
func (o *Office) leaving(ctx context.Context, cs *tls.ConnectionState, remote string) (record.Peer, error) {
	if cs == nil || len(cs.PeerCertificates) == 0 {
		return record.Peer{}, fault.New(fault.Unknown, "enrol.peer", "", "no certificate")
	}
	leaf := cs.PeerCertificates[0]
	dev, err := o.known(ctx, leaf.Subject.CommonName, leaf.RawSubjectPublicKeyInfo)
	if err == nil {
		dev, err = o.shown(ctx, dev, leaf)
	}
	return record.Peer{Device: dev, Remote: remote}, err
}

// Handler serves sign-in and share to stations; the rest of the paths are the
// caller's. Every answer is JSON.
func (o *Office) Handler(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/sign-in", o.serve(func(r *http.Request, peer record.Peer) (any, error) {
		var req pki.SignInRequest
		if err := json.NewDecoder(io.LimitReader(r.Body, 4096)).Decode(&req); err != nil {
			return nil, fault.New(fault.Invalid, "enrol.door", "", "the request is no JSON")
		}
		return o.SignIn(r.Context(), peer, req)
	}))
	mux.HandleFunc("POST /v1/pin", asked(o, o.ChangePIN))
	mux.HandleFunc("POST /v1/sessions", asked(o, o.OwnSessions))
	mux.HandleFunc("POST /v1/sso/begin", asked(o, o.Begin))
	mux.HandleFunc("POST /v1/sso/finish", asked(o, o.Finish))
	mux.HandleFunc("POST /v1/sign-in/complete", asked(o, o.Complete))
	mux.HandleFunc("GET /v1/share", o.serve(func(_ *http.Request, peer record.Peer) (any, error) {
		return o.Share(peer)
	}))
	mux.HandleFunc("GET /v1/welcome", o.serve(func(r *http.Request, peer record.Peer) (any, error) {
		untold, err := o.untold(r.Context(), peer.Device.Wards)
		if err != nil {
			return nil, err
		}
		ans := pki.WelcomeAnswer{Untold: untold, Time: o.conf.Now().UnixMilli(), Place: peer.Device.Place}
		for _, w := range peer.Device.Wards {
			ans.Wards = append(ans.Wards, string(w))
		}
		return ans, nil
	}))
	mux.HandleFunc("GET /v1/journal-keys", o.serve(func(*http.Request, record.Peer) (any, error) {
		if o.conf.Succession == nil {
			return record.Succession{}, nil
		}
		return o.conf.Succession(), nil
	}))
	mux.HandleFunc("POST /v1/certificate", o.serve(func(r *http.Request, peer record.Peer) (any, error) {
		var req pki.RenewRequest
		if err := json.NewDecoder(io.LimitReader(r.Body, 16<<10)).Decode(&req); err != nil {
			return nil, fault.New(fault.Invalid, "enrol.door", "", "the request is no JSON")
		}
		return o.Renew(r.Context(), peer, r.TLS.PeerCertificates[0], req)
	}))
	mux.HandleFunc("POST /v1/device-key", asked(o, o.NewKey))
	o.HandleLeaving(mux, "POST /v1/standing", func(r *http.Request, peer record.Peer) (any, error) {
		var req pki.StandingRequest
		if err := json.NewDecoder(io.LimitReader(r.Body, 128<<10)).Decode(&req); err != nil {
			return nil, fault.New(fault.Invalid, "enrol.door", "", "the request is no JSON")
		}
		return o.Standing(r.Context(), peer, req)
	})
	o.HandleLeaving(mux, "POST /v1/wiped", func(r *http.Request, peer record.Peer) (any, error) {
		var req pki.WipedRequest
		if err := json.NewDecoder(io.LimitReader(r.Body, 4096)).Decode(&req); err != nil {
			return nil, fault.New(fault.Invalid, "enrol.door", "", "the request is no JSON")
		}
		return struct{}{}, o.Wiped(r.Context(), peer, req.Left)
	})
}

// HandleLeaving serves a path to stations, those that are to be wiped too.
func (o *Office) HandleLeaving(mux *http.ServeMux, path string, fn func(*http.Request, record.Peer) (any, error)) {
	mux.HandleFunc(path, o.serveTo(o.leaving, leavingTimeout, fn))
}

// HandleAsked serves a path where a station asks something in a few words of JSON.
func HandleAsked[Q, A any](o *Office, mux *http.ServeMux, path string, fn func(context.Context, record.Peer, Q) (A, error)) {
	mux.HandleFunc(path, asked(o, fn))
}

// asked serves what is asked in a few words of JSON.
func asked[Q, A any](o *Office, fn func(context.Context, record.Peer, Q) (A, error)) http.HandlerFunc {
	return o.serve(func(r *http.Request, peer record.Peer) (any, error) {
		var q Q
		if err := json.NewDecoder(io.LimitReader(r.Body, 8<<10)).Decode(&q); err != nil {
			return nil, fault.New(fault.Invalid, "enrol.door", "", "the request is no JSON")
		}
		return fn(r.Context(), peer, q)
	})
}

func (o *Office) serve(fn func(*http.Request, record.Peer) (any, error)) http.HandlerFunc {
	return o.serveTo(o.Peer, o.within, fn)
}

type whoIsThere func(context.Context, *tls.ConnectionState, string) (record.Peer, error)

// leavingTimeout bounds how long a station may take to hand over its outbox file.
const leavingTimeout = 10 * time.Minute

// serveTo answers one request; a body that comes slower than within is not
// waited for.
func (o *Office) serveTo(who whoIsThere, within time.Duration, fn func(*http.Request, record.Peer) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(within)) // a connection that takes none is dead anyway
		peer, err := who(r.Context(), r.TLS, r.RemoteAddr)
		var v any
		if err == nil {
			v, err = fn(r, peer)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if err != nil {
			w.WriteHeader(statusOf(err))
			said := map[string]string{"kind": fault.KindOf(err).String(), "message": Message(err)}
			if errors.Is(err, pki.ErrCodeNeeded) {
				said["need"] = pki.NeedCode
			}
			v = said
		}
		_ = json.NewEncoder(w).Encode(v) // the peer has gone: nothing left to tell it
	}
}

// Message is the innermost words of an error: what a person reads.
func Message(err error) string {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok || u.Unwrap() == nil {
			return err.Error()
		}
		err = u.Unwrap()
	}
}

func statusOf(err error) int {
	switch fault.KindOf(err) {
	case fault.Unknown:
		return http.StatusUnauthorized
	case fault.Denied:
		return http.StatusForbidden
	case fault.Invalid, fault.Unsupported:
		return http.StatusBadRequest
	case fault.Unavailable, fault.Full, fault.Timeout:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// ServeEnrolment speaks with a station on an enrolment connection (the
// handshake has checked its proof) and closes it.
func (o *Office) ServeEnrolment(conn *tls.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(doorTimeout)) // a connection that takes no deadline is dead anyway
	ctx, cancel := context.WithTimeout(context.Background(), doorTimeout)
	defer cancel()
	leaf := conn.ConnectionState().PeerCertificates[0]
	var req pki.JoinRequest
	if err := pki.ReadLine(conn, &req); err != nil {
		return
	}
	ans, err := o.Join(ctx, leaf.Subject.CommonName, leaf.RawSubjectPublicKeyInfo, req)
	if err != nil {
		ans = pki.JoinAnswer{Error: Message(err)}
	}
	_ = pki.WriteLine(conn, ans) // the station tries again with a new code
}

// Hook joins enrolment to an HTTP server that speaks TLS.
func (o *Office) Hook(s *http.Server) {
	if s.TLSNextProto == nil {
		s.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	s.TLSNextProto[pki.ProtoEnrol] = func(_ *http.Server, conn *tls.Conn, _ http.Handler) { o.ServeEnrolment(conn) }
}

// TLS is the configuration of central's one port, for these names and addresses
// of the machine. It follows the authorities (Use).
func (o *Office) TLS(hosts []string) (*tls.Config, error) {
	s, err := pki.NewServer(pki.ServerConfig{
		Set: o.Authorities(), Hosts: hosts, Now: o.conf.Now,
		Enrol: func(proof string, spki []byte) error {
			err := o.CheckProof(proof, spki)
			if err != nil && o.conf.RefusedCode != nil {
				o.conf.RefusedCode(err)
			}
			return err
		},
		Station: func(id string, spki []byte) error {
			_, err := o.known(context.Background(), id, spki)
			if err != nil && o.conf.RefusedStation != nil {
				o.conf.RefusedStation(id, err)
			}
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	o.server = s
	o.mu.Unlock()
	return s.Config(), nil
}

// Hosts are the names and addresses that central's certificate is made for:
// the loopback, this machine, and what the administrator named.
func Hosts(listen string, extra ...string) []string {
	hosts := append([]string{"127.0.0.1", "::1", "localhost"}, extra...)
	if h, _, err := net.SplitHostPort(listen); err == nil && h != "" {
		hosts = append(hosts, h)
	}
	return hosts
}
