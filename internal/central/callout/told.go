package callout

import (
	"errors"
	"io/fs"
	"net/url"
	"path/filepath"
	"strconv"
)

// Told is one setting of the gateways as the audit trail has it.
type Told struct{ Name, Value string }

// Tell says how the gateways of a data folder are set, in a fixed order and without what
// may be a secret: of the pager's address neither a password nor what follows its path,
// of files of secrets their names. Where there are none every value is "".
func Tell(dir string) []Told {
	s, err := settingsOf(dir)
	state := "in use"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		state = ""
	case err != nil:
		state = "cannot be used"
	}
	told := []Told{{File, state}}
	w, m := s.Webhook, s.SMTP
	if w == nil {
		w = new(webhookSettings)
	}
	if m == nil {
		m = new(smtpSettings)
	}
	port := ""
	if m.Port != 0 {
		port = strconv.Itoa(m.Port)
	}
	return append(told,
		Told{"webhook url", whereTo(w.URL)}, Told{"webhook token_file", w.TokenFile}, Told{"webhook ca_file", w.CAFile},
		Told{"smtp host", m.Host}, Told{"smtp port", port}, Told{"smtp from", m.From}, Told{"smtp tls", m.TLS}, Told{"smtp user", m.User},
		Told{"smtp password_file", m.PasswordFile}, Told{"smtp ca_file", m.CAFile},
	)
}

// whereTo is where a gateway is, without what some put into an address to be let in.
func whereTo(text string) string {
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil {
		return "cannot be read"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

func settingsOf(dir string) (Settings, error) {
	b, err := read(filepath.Join(dir, File))
	if err != nil {
		return Settings{}, err
	}
	return parse(b)
}
