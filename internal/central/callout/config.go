package callout

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// File is the name of the settings in central's data folder. They name files in
// which secrets lie; they hold none.
const File = "callout.json"

// Settings are which gateways there are. Tell says each of them in the audit trail.
type Settings struct {
	Format  int              `json:"format"` // 1
	SMTP    *smtpSettings    `json:"smtp"`
	Webhook *webhookSettings `json:"webhook"`
}

type smtpSettings struct {
	Host         string `json:"host"`
	Port         int    `json:"port"`
	From         string `json:"from"`
	TLS          string `json:"tls"` // "starttls" (the default) or "implicit"
	User         string `json:"user"`
	PasswordFile string `json:"password_file"`
	CAFile       string `json:"ca_file"`
}

type webhookSettings struct {
	URL       string `json:"url"`
	TokenFile string `json:"token_file"`
	CAFile    string `json:"ca_file"`
}

// maxFile bounds what is read of a settings or secret file.
const maxFile = 64 << 10

// Load reads the gateways of a data folder; none where there are no settings. What
// is set and cannot be read is an error: a pager that is believed to work and does
// not is worse than none.
func Load(dir string) (map[string]Gateway, error) {
	b, err := read(filepath.Join(dir, File))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s, err := parse(b)
	if err != nil {
		return nil, err
	}
	return s.gateways(dir)
}

func parse(b []byte) (Settings, error) {
	var s Settings
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil || s.Format != 1 {
		return Settings{}, fmt.Errorf("callout: %s is not of format 1, or holds a member that this program does not know", File)
	}
	return s, nil
}

func (s Settings) gateways(dir string) (map[string]Gateway, error) {
	out := map[string]Gateway{}
	if w := s.Webhook; w != nil {
		token, err := secret(dir, w.TokenFile)
		if err != nil {
			return nil, err
		}
		roots, err := authorities(dir, w.CAFile)
		if err != nil {
			return nil, err
		}
		if out[Pager], err = NewWebhook(w.URL, token, roots); err != nil {
			return nil, err
		}
	}
	if m := s.SMTP; m != nil {
		password, err := secret(dir, m.PasswordFile)
		if err != nil {
			return nil, err
		}
		roots, err := authorities(dir, m.CAFile)
		if err != nil {
			return nil, err
		}
		if m.TLS != "" && m.TLS != "starttls" && m.TLS != "implicit" {
			return nil, errors.New("callout: smtp.tls is starttls or implicit; mail without TLS is not sent")
		}
		if out[Mail], err = NewSMTP(SMTPConfig{Host: m.Host, Port: m.Port, From: m.From, Implicit: m.TLS == "implicit", User: m.User, Password: password, Roots: roots}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func at(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// secret reads a secret from a file that only this account may read.
func secret(dir, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	info, err := os.Stat(at(dir, path))
	if err != nil {
		return "", fmt.Errorf("callout: a secret's file cannot be read: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return "", errors.New("callout: a secret's file may be read by its owner only (chmod 600)")
	}
	b, err := read(at(dir, path))
	return strings.TrimSpace(string(b)), err
}

// authorities are those of a file; nil stands for the system's.
func authorities(dir, path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	b, err := read(at(dir, path))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, errors.New("callout: a file of authorities holds no certificate")
	}
	return pool, nil
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, errors.New("callout: a file is too large")
	}
	return os.ReadFile(path) //nolint:gosec // named by the administrator
}

// Broken are gateways that send nothing, for settings that cannot be used: what is
// owed fails by them, and is told as failed.
func Broken() map[string]Gateway { return map[string]Gateway{Pager: broken{}, Mail: broken{}} }

type broken struct{}

func (broken) Send(context.Context, Message) error {
	return errors.New("callout: the gateways are not set up")
}
