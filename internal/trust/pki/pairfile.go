package pki

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"runtime"
	"sync"
	"time"

	"wardlight/internal/fault"
)

// PairFile is a certificate and its key in two files of PEM, which somebody else renews:
// they are read anew when either has changed. A pair that cannot be read leaves the one
// before in use. It is safe for concurrent use.
type PairFile struct {
	cert, key string
	failed    func(error) // is told, once for each change, that the files cannot be used

	mu   sync.Mutex
	pair *tls.Certificate
	seen [2]time.Time // when each file was changed, as far as was looked at
}

// OpenPair reads the pair. The key's file must be its owner's (and may be read by a
// group); failed may be nil.
func OpenPair(cert, key string, failed func(error)) (*PairFile, error) {
	p := &PairFile{cert: cert, key: key, failed: failed}
	seen, err := p.changed()
	if err != nil {
		return nil, err
	}
	p.seen = seen
	p.pair, err = p.read()
	return p, err
}

// Get is the pair, for tls.Config.GetCertificate.
func (p *PairFile) Get() (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen, err := p.changed()
	if err == nil && seen == p.seen {
		return p.pair, nil
	}
	if err == nil {
		p.seen = seen
		var fresh *tls.Certificate
		if fresh, err = p.read(); err == nil {
			p.pair = fresh
			return p.pair, nil
		}
	}
	if p.failed != nil {
		p.failed(err)
	}
	return p.pair, nil
}

func (p *PairFile) changed() (at [2]time.Time, err error) {
	for i, path := range []string{p.cert, p.key} {
		info, err := os.Stat(path)
		if err != nil {
			return at, fault.As(fault.NotFound, "pki.pair", path, err)
		}
		at[i] = info.ModTime()
		if i == 1 && runtime.GOOS != "windows" && info.Mode().Perm()&0o027 != 0 {
			return at, fault.New(fault.Denied, "pki.pair", path, "others may read the key, or its group may change it; set its mode to 0400 or 0440")
		}
	}
	return at, nil
}

func (p *PairFile) read() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(p.cert, p.key)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "pki.pair", p.cert, "the certificate and its key cannot be used together: %w", err)
	}
	if pair.Leaf == nil {
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return nil, fault.As(fault.Invalid, "pki.pair", p.cert, err)
		}
	}
	return &pair, nil
}
