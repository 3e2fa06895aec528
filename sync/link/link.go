// Package link carries frames between a station and central over a websocket,
// inside mutual TLS 1.3. It knows nothing of what the frames mean, and it is
// the only owner of the websocket library.
//
// Promises: one frame is one binary message; a frame over wire.MaxFrame ends
// the connection before it is held in memory; nothing is compressed; no byte of
// the protocol is served to, or sent to, a side whose certificate was not
// accepted.
//
//nolint:staticcheck // the library is a given choice; the one that follows it has the same interface
package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"nhooyr.io/websocket"

	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// Path is where central answers.
const Path = "/v1/sync"

// dialTimeout bounds each part of opening a connection.
const dialTimeout = 8 * time.Second

// Conn is one connection. Read and Write may be used by one goroutine each, at
// the same time.
type Conn struct {
	ws       *websocket.Conn
	buf      []byte
	received atomic.Uint64
}

func newConn(ws *websocket.Conn) *Conn {
	ws.SetReadLimit(wire.MaxFrame)
	return &Conn{ws: ws}
}

// Read returns the next frame, which is valid until the next Read.
func (c *Conn) Read(ctx context.Context) ([]byte, error) {
	kind, r, err := c.ws.Reader(ctx)
	if err != nil {
		return nil, classify("link.read", err)
	}
	if kind != websocket.MessageBinary {
		return nil, fault.New(fault.Invalid, "link.read", "", "a text message where only binary frames belong")
	}
	c.buf = c.buf[:0]
	for {
		if len(c.buf) == cap(c.buf) {
			c.buf = append(c.buf, make([]byte, max(512, len(c.buf)))...)[:len(c.buf)]
		}
		n, err := r.Read(c.buf[len(c.buf):cap(c.buf)])
		c.buf = c.buf[:len(c.buf)+n]
		c.received.Add(uint64(n)) //nolint:gosec // n is not negative
		if errors.Is(err, io.EOF) {
			return c.buf, nil
		}
		if err != nil {
			return nil, classify("link.read", err)
		}
	}
}

// Write sends one frame.
func (c *Conn) Write(ctx context.Context, frame []byte) error {
	return classify("link.write", c.ws.Write(ctx, websocket.MessageBinary, frame))
}

// Received counts the bytes that came in, those of unfinished frames included.
func (c *Conn) Received() uint64 { return c.received.Load() }

// Close ends the connection after what was written has been sent; it waits a
// few seconds at most for the other side.
func (c *Conn) Close() error {
	_ = c.ws.Close(websocket.StatusNormalClosure, "") // whatever comes of it, the connection is over
	return nil
}

// Dial opens a connection to central at server, "https://host:port". conf holds
// this side's certificate and the authorities whose servers it trusts; TLS 1.3
// is demanded whatever it says. fault.Denied: the server's certificate is not
// good for us, or ours not for it, or it refused the station;
// fault.Unsupported: it speaks another protocol; fault.Unavailable: there is no
// way to it just now.
func Dial(ctx context.Context, server string, conf *tls.Config) (*Conn, error) {
	return DialMetered(ctx, server, conf, nil)
}

// DialMetered is Dial over a socket whose bytes m counts.
func DialMetered(ctx context.Context, server string, conf *tls.Config, m *Meter) (*Conn, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "wss") {
		return nil, fault.New(fault.Invalid, "link.dial", "", "a server's address has the form https://host:port")
	}
	u.Scheme, u.Path, u.RawQuery = "https", Path, ""
	conf = conf.Clone()
	conf.MinVersion = tls.VersionTLS13
	conf.NextProtos = []string{"http/1.1"}
	transport := &http.Transport{
		DialContext:         m.dial,
		TLSClientConfig:     conf,
		TLSHandshakeTimeout: dialTimeout,
	}
	ctx, cancel := context.WithTimeout(ctx, 2*dialTimeout)
	defer cancel()
	ws, resp, err := websocket.Dial(ctx, u.String(), &websocket.DialOptions{ //nolint:bodyclose // the library closes it, see its docs
		HTTPClient:      &http.Client{Transport: transport, CheckRedirect: noRedirect},
		Subprotocols:    []string{wire.Subprotocol},
		CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, refused(resp, err)
	}
	if ws.Subprotocol() != wire.Subprotocol {
		_ = ws.CloseNow()
		return nil, fault.New(fault.Unsupported, "link.dial", "", "the server does not speak "+wire.Subprotocol)
	}
	return newConn(ws), nil
}

// noRedirect: a server that sends us elsewhere is not our central.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func refused(resp *http.Response, err error) error {
	if resp != nil {
		switch resp.StatusCode {
		case http.StatusUnauthorized, http.StatusForbidden:
			return fault.New(fault.Denied, "link.dial", "", "the server refused this computer")
		case http.StatusBadRequest, http.StatusUpgradeRequired, http.StatusNotFound:
			return fault.New(fault.Unsupported, "link.dial", "", "the server does not speak "+wire.Subprotocol)
		}
	}
	return classify("link.dial", err)
}

// Handler serves stations until ctx ends. accept is called for each connection,
// on a goroutine of its own, with the state of its TLS; the connection is closed
// when accept returns. (Not on the request's goroutine: the handshake has left
// that with a stack of 32 KB, and the request with buffers, which an idle
// station would hold for days.) A request that did not come over TLS 1.3 with a client certificate
// that the server's tls.Config accepted is answered 403 and nothing else.
func Handler(ctx context.Context, accept func(ctx context.Context, conn *Conn, state *tls.ConnectionState, remote string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil || r.TLS.Version < tls.VersionTLS13 || len(r.TLS.VerifiedChains) == 0 {
			http.Error(w, "a client certificate is required", http.StatusForbidden)
			return
		}
		ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
			Subprotocols:    []string{wire.Subprotocol},
			CompressionMode: websocket.CompressionDisabled,
		})
		if err != nil {
			return // Accept has answered
		}
		if ws.Subprotocol() != wire.Subprotocol {
			_ = ws.Close(websocket.StatusPolicyViolation, "subprotocol "+wire.Subprotocol+" is required")
			return
		}
		conn, state, remote := newConn(ws), r.TLS, r.RemoteAddr
		go func() {
			accept(ctx, conn, state, remote)
			_ = conn.Close()
		}()
	})
}

// classify gives a transport error its kind.
func classify(op string, err error) error {
	if err == nil {
		return nil
	}
	var (
		unknown  x509.UnknownAuthorityError
		host     x509.HostnameError
		invalid  x509.CertificateInvalidError
		verify   *tls.CertificateVerificationError
		opErr    *net.OpError
		notTLS   tls.RecordHeaderError
		mismatch = errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &verify)
	)
	switch {
	case mismatch:
		return fault.As(fault.Denied, op, "", err)
	case errors.As(err, &opErr) && opErr.Op == "remote error": // a TLS alert from the other side
		return fault.As(fault.Denied, op, "", err)
	case errors.As(err, &notTLS):
		return fault.As(fault.Unsupported, op, "", err)
	case errors.Is(err, context.DeadlineExceeded):
		return fault.As(fault.Timeout, op, "", err)
	case websocket.CloseStatus(err) == websocket.StatusMessageTooBig:
		return fault.As(fault.Full, op, "", err)
	case fault.KindOf(err) != fault.Other:
		return err // a verdict of our own from inside the TLS configuration
	}
	return fault.As(fault.Unavailable, op, "", err)
}
