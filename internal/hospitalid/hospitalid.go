// Package hospitalid runs a hospital's sign-in service for tests, and a browser for
// the people in them. The service is a real OpenID provider, a program of the tools
// module (tools/hospitalid); the browser follows redirects, keeps cookies and fills
// in its form. For tests only.
package hospitalid

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// User is somebody whom the hospital knows.
type User struct {
	ID                       string // the subject
	Username, Password       string
	FirstName, LastName      string
	Email                    string
	EmailVerified, IsAdmin   bool
	PreferredLanguage, Phone string `json:",omitempty"`
	PhoneVerified            bool
}

// Client is what the service knows Wardlight by.
const Client = "wardlight"

// Service is one that runs.
type Service struct {
	Issuer string `json:"issuer"`
	CA     string `json:"ca"` // PEM

	t    *testing.T
	stop func()
}

// Start builds and starts the service; it ends with the test.
func Start(t *testing.T, users ...User) *Service {
	t.Helper()
	file := filepath.Join(t.TempDir(), "users.json")
	byID := map[string]User{}
	for _, u := range users {
		byID[u.ID] = u
	}
	b, err := json.Marshal(byID) //nolint:gosec // people of a test, who have no secrets
	check(t, err)
	check(t, os.WriteFile(file, b, 0o600))
	bin, err := program()
	check(t, err)
	cmd := exec.CommandContext(context.Background(), bin, file) //nolint:gosec // the program that was just built
	in, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	cmd.Stderr = os.Stderr
	check(t, cmd.Start())
	s := &Service{t: t}
	stopped := false
	s.stop = func() {
		if !stopped {
			stopped = true
			_ = in.Close() // it ends with its input
			_ = cmd.Wait()
		}
	}
	t.Cleanup(s.stop)
	line, err := bufio.NewReader(out).ReadBytes('\n')
	check(t, err)
	check(t, json.Unmarshal(line, s))
	return s
}

// Stop ends it before the test does.
func (s *Service) Stop() { s.stop() }

// program is where the service was built, once for all tests of this process.
var program = sync.OnceValues(func() (string, error) {
	root, err := os.Getwd() // tests run in their package's folder
	if err != nil {
		return "", err
	}
	for ; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "tools", "hospitalid")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			return "", os.ErrNotExist
		}
	}
	bin := filepath.Join(root, "build", "bin", "hospitalid")
	made := bin + "." + strconv.Itoa(os.Getpid())                                                                                   // other packages' tests build it too
	cmd := exec.CommandContext(context.Background(), "go", "build", "-C", filepath.Join(root, "tools"), "-o", made, "./hospitalid") //nolint:gosec // our own tool
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the sign-in service cannot be built: %w\n%s", err, said)
	}
	return bin, os.Rename(made, bin)
})

// ChangeKeys makes it sign with another key, and publish that one alone.
func (s *Service) ChangeKeys() {
	s.t.Helper()
	b := s.Browser()
	resp, err := b.do(http.MethodPost, s.Issuer+"/test/keys", nil)
	check(s.t, err)
	_ = resp.Body.Close()
}

// Browser is one that knows nobody yet.
func (s *Service) Browser() *Browser {
	s.t.Helper()
	b, err := NewBrowser(s.CA)
	check(s.t, err)
	return b
}

// NewBrowser is one that knows nobody yet, and believes this authority (PEM): for a
// program that stands in for the system's browser.
func NewBrowser(ca string) (*Browser, error) {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(ca))
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &Browser{c: &http.Client{
		Jar: jar, Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true},
	}}, nil
}

// Browser is a person's browser, as far as signing in needs one.
type Browser struct {
	c    *http.Client
	Last *url.URL // where it ended
}

var request = regexp.MustCompile(`name="id" value="([^"]+)"`)

// SignIn opens an address, gives name and password to the form that comes, and
// follows from there. It returns what the last page says.
func (b *Browser) SignIn(address, user, password string) (page string, err error) {
	page, err = b.Open(http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	form := url.Values{"username": {user}, "password": {password}}
	if m := request.FindStringSubmatch(page); m != nil {
		form.Set("id", m[1])
	}
	at := *b.Last
	at.RawQuery = ""
	return b.Open(http.MethodPost, at.String(), form)
}

// Open opens an address and follows redirects.
func (b *Browser) Open(method, address string, form url.Values) (page string, err error) {
	resp, err := b.do(method, address, form)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b.Last = resp.Request.URL
	said, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return string(said), err
}

func (b *Browser) do(method, address string, form url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.c.Do(req)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
