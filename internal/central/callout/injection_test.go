package callout

import (
	"context"
	"net/mail"
	"strconv"
	"strings"
	"testing"
)

// What a sender calls a ward, and what a rota calls an address, reach a mail's headers
// over a real mail server as what they are: no line of theirs becomes a header, no further
// recipient, no end of the letter, and what is no address gets no letter.
func TestNoWordOfAWardOrAnAddressBecomesAMailsHeader(t *testing.T) {
	box, p := newMailbox(t), newPager(t) // one authority for both
	p.roots.AddCert(p.srv.Certificate())
	host, port, _ := strings.Cut(box.addr, ":")
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSMTP(SMTPConfig{Host: host, Port: n, From: "w@hospital.example", Roots: p.roots})
	if err != nil {
		t.Fatal(err)
	}
	wards := []string{
		"4B\r\nBcc: thief@elsewhere.example\r\n\r\nhello", "4B\nBcc: thief@elsewhere.example", "4B\rBcc: thief@elsewhere.example",
		"4B\r\n.\r\nMAIL FROM:<x@elsewhere.example>\r\nRCPT TO:<thief@elsewhere.example>\r\nDATA\r\n", "=?utf-8?q?4B=0D=0ABcc:_thief@elsewhere.example?=", "4B\x00\x1b[2J%s%n", "4B\u2028Bcc: thief@elsewhere.example",
	}
	for i, ward := range wards {
		if err := s.Send(context.Background(), Message{Key: "co1", To: "a.ruiz@hospital.example", Ward: ward, Step: 1, Short: "K4T9XQ"}); err != nil {
			continue // refused is as good
		}
		letters := box.letters()
		l := letters[len(letters)-1]
		m, err := mail.ReadMessage(strings.NewReader(l.text))
		if err != nil {
			t.Fatalf("ward %d: %v in\n%s", i, err, l.text)
		}
		if l.to != "a.ruiz@hospital.example" || m.Header.Get("Bcc") != "" || m.Header.Get("To") != "<a.ruiz@hospital.example>" || strings.Count(l.text, "\r\nSubject:") != 1 {
			t.Errorf("ward %q goes to %s with the headers %v", ward, l.to, m.Header)
		}
		for name := range m.Header {
			switch name {
			case "Date", "Mime-Version", "Message-Id", "Subject", "User-Agent", "X-Mailer", "From", "To", "Content-Type", "Content-Transfer-Encoding", "Importance", "Priority", "X-Priority", "X-Msmail-Priority":
			default:
				t.Errorf("ward %q makes a header %s", ward, name)
			}
		}
	}
	sent := len(box.letters())
	if sent == 0 {
		t.Fatal("no letter went out, so nothing was looked at")
	}
	if sent > len(wards) {
		t.Errorf("%d wards became %d letters", len(wards), sent)
	}
	for _, to := range []string{"a@hospital.example, thief@elsewhere.example", "a@hospital.example\r\nBcc: thief@elsewhere.example", "a@hospital.example>\r\nRCPT TO:<thief@elsewhere.example", "-oQ/tmp", "|/bin/sh", ""} {
		if err := s.Send(context.Background(), Message{Key: "co1", To: to, Ward: "4B", Step: 1, Short: "K4T9XQ"}); err == nil {
			t.Errorf("a letter goes to %q", to)
		}
	}
	if got := len(box.letters()); got != sent {
		t.Errorf("%d letters to what is no address", got-sent)
	}
}

// What a sender calls a ward, and a rota a number, stay words for a pager's gateway too:
// one post each, with the members that it always has, the key and the token of its own
// headers, and the address of the settings; a ward adds no member and makes nothing urgent.
func TestNoWordOfAWardBecomesAPagersOrder(t *testing.T) {
	p := newPager(t)
	hook, err := NewWebhook(p.srv.URL+"/send", "s3cret", p.roots)
	if err != nil {
		t.Fatal(err)
	}
	for i, word := range []string{
		`4B","to":"thief","urgent":true,"x":"`, "4B\r\nAuthorization: Bearer x\r\n\r\n{}", "4B\"}\n{\"v\":1,\"key\":\"k\"}", "../../admin?to=thief#", "4B\x00\x1b]0;x\x07%s%n${jndi:x}", `4B\u0022,"key":"other"`, "4B\u202e\u2028",
	} {
		m := Message{Key: "co1", To: "+44 20 7946 0000" + word, Ward: word, Step: 1, Short: "K4T9XQ"}
		if err := hook.Send(context.Background(), m); err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		got := p.posts()
		if len(got) != i+1 {
			t.Fatalf("%q: %d posts, want %d", word, len(got), i+1)
		}
		if want := (post{m.Key, m.To, m.Text(), "Bearer s3cret", m.Key, m.Urgent()}); got[i] != want {
			t.Errorf("%q: the gateway reads %+v, want %+v", word, got[i], want)
		}
	}
}
