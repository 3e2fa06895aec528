package pki

import (
	"crypto/tls"
	"crypto/x509"
	"sync"
	"time"
)

// ServerConfig is what central's TLS is made of.
type ServerConfig struct {
	Set   Set
	Hosts []string // names and addresses of this machine
	// Now is central's clock; nil is time.Now.
	Now func() time.Time
	// Station says whether a verified station certificate (its id and public
	// key) is welcome, Enrol whether a proof belongs to a live code. Both are
	// called in the handshake, also of a resumed session.
	Station func(id string, spki []byte) error
	Enrol   func(proof string, spki []byte) error
}

// Server is central's TLS. The authorities can change while it serves, and its
// own certificate renews itself. It is safe for concurrent use.
type Server struct {
	conf ServerConfig

	mu      sync.Mutex
	set     Set
	station *tls.Config
	enrol   *tls.Config
	until   time.Time // when central's own certificate is made anew
}

// NewServer makes central's TLS.
func NewServer(conf ServerConfig) (*Server, error) {
	if conf.Now == nil {
		conf.Now = time.Now
	}
	s := &Server{conf: conf}
	return s, s.Use(conf.Set)
}

// Set is the authorities in use.
func (s *Server) Set() Set {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.set
}

// Use changes the authorities from the next handshake on.
func (s *Server) Use(set Set) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.make(set)
}

// Config is the configuration of the listener.
func (s *Server) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{ProtoStation, ProtoEnrol},
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			return s.forClient(len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == ProtoEnrol)
		},
	}
}

func (s *Server) forClient(enrolling bool) (*tls.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conf.Now().After(s.until) {
		if err := s.make(s.set); err != nil {
			return nil, err
		}
	}
	if enrolling {
		return s.enrol, nil
	}
	return s.station, nil
}

// make builds the two configurations; mu is held.
func (s *Server) make(set Set) error {
	now := s.conf.Now()
	cert, err := set.Current.IssueServer(s.conf.Hosts, now)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	for _, root := range set.Roots() {
		pool.AddCert(root)
	}
	s.set, s.until = set, now.Add(serverLife*2/3)
	s.station = &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}, Time: s.conf.Now,
		NextProtos: []string{ProtoStation}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
		// A resumed session is held to the present ClientCAs by crypto/tls.
		VerifyConnection: func(cs tls.ConnectionState) error {
			leaf := cs.PeerCertificates[0]
			return s.conf.Station(leaf.Subject.CommonName, leaf.RawSubjectPublicKeyInfo)
		},
	}
	s.enrol = &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}, Time: s.conf.Now,
		NextProtos: []string{ProtoEnrol}, ClientAuth: tls.RequireAnyClientCert, SessionTicketsDisabled: true,
		VerifyConnection: func(cs tls.ConnectionState) error {
			leaf := cs.PeerCertificates[0]
			return s.conf.Enrol(leaf.Subject.CommonName, leaf.RawSubjectPublicKeyInfo)
		},
	}
	return nil
}
