package callout

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Webhook posts to a pager's gateway over HTTPS. The key stands in the header
// Idempotency-Key, so that a gateway that knows it sends once what is posted twice.
type Webhook struct {
	url    string
	token  string
	client *http.Client
}

// NewWebhook makes one. roots are the authorities that its certificate is checked
// against; nil are the system's. A redirect is not followed: it would carry the
// token elsewhere.
func NewWebhook(address, token string, roots *x509.CertPool) (*Webhook, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, errors.New("callout: a pager's gateway has an address such as https://pager.hospital.example/send, without a password in it")
	}
	return &Webhook{url: address, token: token, client: &http.Client{
		Timeout:       tryFor,
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, MaxIdleConns: 2, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: tryFor},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Send implements Gateway.
func (w *Webhook) Send(ctx context.Context, m Message) error {
	body, err := json.Marshal(map[string]any{"v": 1, "key": m.Key, "to": m.To, "text": m.Text(), "urgent": m.Urgent()})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", m.Key)
	if w.token != "" {
		req.Header.Set("Authorization", "Bearer "+w.token)
	}
	res, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // the answer has been read
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return &Refused{res.StatusCode}
	}
	return nil
}
