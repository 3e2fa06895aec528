package callout

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"

	"github.com/wneessen/go-mail"
)

// SMTP sends by mail. The connection is encrypted and the server's certificate
// checked; a server that cannot is refused.
type SMTP struct {
	host string
	from string
	opts []mail.Option
}

// SMTPConfig is where and as whom.
type SMTPConfig struct {
	Host     string
	Port     int
	From     string
	Implicit bool // TLS from the first byte (port 465); else STARTTLS
	User     string
	Password string
	Roots    *x509.CertPool // nil: the system's
}

// NewSMTP makes one.
func NewSMTP(c SMTPConfig) (*SMTP, error) {
	if c.Host == "" || c.From == "" {
		return nil, errors.New("callout: mail needs a host and an address that it comes from")
	}
	opts := []mail.Option{
		mail.WithTimeout(tryFor), mail.WithTLSConfig(&tls.Config{ServerName: c.Host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}),
		mail.WithTLSPolicy(mail.TLSMandatory),
	}
	if c.Implicit {
		opts = append(opts, mail.WithSSL())
	}
	if c.Port != 0 {
		opts = append(opts, mail.WithPort(c.Port))
	}
	if c.User != "" {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthPlain), mail.WithUsername(c.User), mail.WithPassword(c.Password))
	}
	return &SMTP{host: c.Host, from: c.From, opts: opts}, nil
}

// Send implements Gateway. The key is the message's id, by which a mail system
// knows a copy.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg := mail.NewMsg()
	if err := msg.From(s.from); err != nil {
		return err
	}
	if err := msg.To(m.To); err != nil {
		return err
	}
	msg.Subject(m.Subject())
	msg.SetMessageIDWithValue(m.Key + "@wardlight")
	msg.SetDateWithValue(time.Now())
	if m.Urgent() {
		msg.SetImportance(mail.ImportanceUrgent)
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text()+"\r\n")
	client, err := mail.NewClient(s.host, s.opts...)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, msg)
	var sent *mail.SendError
	if errors.As(err, &sent) && sent.ErrorCode() >= 400 {
		return &Refused{sent.ErrorCode()}
	}
	return err
}
