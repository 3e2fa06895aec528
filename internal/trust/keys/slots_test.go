package keys_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/internal/words"
)

var update = flag.Bool("update", false, "write testdata anew")

var (
	bg    = context.Background()
	cheap = keys.Cost{Memory: 64, Time: 1, Threads: 1}
)

// computer is one station with its keyring's secret.
type computer struct {
	dir    string
	secret []byte
	data   keys.Key
	slots  *keys.Slots
	slept  *[]time.Duration
}

func newComputer(t *testing.T) *computer {
	t.Helper()
	c := &computer{dir: t.TempDir(), secret: keys.NewDeviceSecret(), data: keys.NewKey()}
	c.reopen(t)
	ok(t, c.slots.AddPIN("g.mensah", "481516", c.secret, c.data))
	return c
}

func (c *computer) reopen(t *testing.T) {
	t.Helper()
	s, err := keys.NewSlots(c.dir, "sabcdefghijk2", cheap)
	ok(t, err)
	c.slots, c.slept = s, s.NoSleep()
}

func TestAPINOpensTheDataKey(t *testing.T) {
	c := newComputer(t)
	ok(t, c.slots.AddPIN("a.khan", "151623", c.secret, c.data))
	c.reopen(t)
	for user, pin := range map[string]string{"g.mensah": "481516", "a.khan": "151623"} {
		if k, err := c.slots.OpenPIN(bg, user, pin, c.secret); err != nil || k != c.data {
			t.Errorf("%s: %v", user, err)
		}
	}
	if _, err := c.slots.OpenPIN(bg, "g.mensah", "151623", c.secret); !fault.Is(err, fault.Unknown) || !strings.Contains(err.Error(), "9 tries are left") {
		t.Errorf("somebody else's PIN: %v", err)
	}
	if _, err := c.slots.OpenPIN(bg, "nobody", "481516", c.secret); !fault.Is(err, fault.Unknown) {
		t.Errorf("an unknown user: %v", err)
	}
	users, err := c.slots.Users()
	if err != nil || len(users) != 2 || users[0].User != "a.khan" || users[1].Tries != 1 {
		t.Errorf("users: %+v, %v", users, err)
	}
	ok(t, c.slots.Remove("a.khan"))
	if _, err := c.slots.OpenPIN(bg, "a.khan", "151623", c.secret); !fault.Is(err, fault.Unknown) {
		t.Errorf("a removed user: %v", err)
	}
}

// One try is no tries; which are left, and that none are, is said to a person in the
// language of the screen.
func TestWhatIsLeftOfTheTriesIsCountedInWords(t *testing.T) {
	c := newComputer(t)
	before := words.In()
	t.Cleanup(func() { words.Use(before) })
	words.Use(&words.Table{
		Tag:     "xx",
		Texts:   map[string]string{erased: "after %d the entry is gone"},
		Plurals: map[string]map[string]string{"the PIN is wrong; %d tries are left": {"one": "one more", "other": "%d more"}},
		Form: func(n int) string {
			if n == 1 {
				return "one"
			}
			return "other"
		},
	})
	for i, want := range []struct{ english, said string }{
		{"the PIN is wrong; 2 tries are left", "2 more"},
		{"the PIN is wrong; 1 try is left", "one more"},
		{fmt.Sprintf(erased, 3), "after 3 the entry is gone"},
	} {
		ok(t, c.slots.SetGuessing(keys.Guessing{Tries: 3}, c.secret))
		_, err := c.slots.OpenPIN(bg, "g.mensah", "000000", c.secret)
		if err == nil || !strings.HasSuffix(err.Error(), want.english) || words.Say(err) != want.said {
			t.Errorf("try %d: %v, said as %q", i+1, err, words.Say(err))
		}
	}
}

const erased = "after %d wrong PINs this user's entry was erased. Nothing that was written is lost. " +
	"Another user can still sign in; the administrator or central can set a new PIN"

// On a ward's computer that logs in by itself the keyring is open to whoever
// takes the machine: its secret alone opens nothing, and neither does the PIN
// on another machine.
func TestNeitherHalfAloneOpensAnything(t *testing.T) {
	c := newComputer(t)
	if _, err := c.slots.OpenPIN(bg, "g.mensah", "", c.secret); !fault.Is(err, fault.Unknown) {
		t.Errorf("the keyring's secret without the PIN: %v", err)
	}
	_, err := c.slots.OpenPIN(bg, "g.mensah", "481516", keys.NewDeviceSecret())
	if !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "No try was counted") {
		t.Errorf("the PIN on another computer: %v", err)
	}
	if users, _ := c.slots.Users(); users[0].Tries != 1 {
		t.Errorf("a lost keyring cost the person a try: %+v", users)
	}
	ok(t, c.slots.AddShare([]byte("sixteen bytes or more"), c.secret, c.data))
	if _, err := c.slots.OpenShare([]byte("another share of sixteen"), c.secret); !fault.Is(err, fault.Denied) {
		t.Errorf("another share: %v", err)
	}
	// The file itself shows nothing either.
	raw, err := os.ReadFile(c.slots.Path())
	ok(t, err)
	if bytes.Contains(raw, c.data[:]) || bytes.Contains(raw, c.secret) || bytes.Contains(raw, []byte("481516")) {
		t.Error("the key file shows a secret")
	}
}

func TestGuessingStopsAtTen(t *testing.T) {
	c := newComputer(t)
	for try := 1; try <= 9; try++ {
		if try%3 == 0 {
			c.reopen(t) // starting again wins no try
		}
		if _, err := c.slots.OpenPIN(bg, "g.mensah", "000000", c.secret); !fault.Is(err, fault.Unknown) {
			t.Fatalf("try %d: %v", try, err)
		}
	}
	if _, err := c.slots.OpenPIN(bg, "g.mensah", "000000", c.secret); !fault.Is(err, fault.Denied) {
		t.Errorf("the tenth: %v", err)
	}
	if _, err := c.slots.OpenPIN(bg, "g.mensah", "481516", c.secret); !fault.Is(err, fault.Denied) {
		t.Errorf("then even the right one: %v, want denied", err)
	}
	// Nor does it help to write another count into the file: the key is gone.
	var f map[string]any
	raw, err := os.ReadFile(c.slots.Path())
	ok(t, err)
	ok(t, json.Unmarshal(raw, &f))
	slot := f["slots"].([]any)[0].(map[string]any)
	if slot["wrapped"] != nil {
		t.Error("the wrapped key is still there")
	}
	delete(slot, "tries")
	raw, err = json.Marshal(f)
	ok(t, err)
	ok(t, os.WriteFile(c.slots.Path(), raw, 0o600))
	if _, err := c.slots.OpenPIN(bg, "g.mensah", "481516", c.secret); !fault.Is(err, fault.Denied) {
		t.Errorf("with the count removed: %v", err)
	}
	users, _ := c.slots.Users()
	if !users[0].Erased {
		t.Errorf("users: %+v", users)
	}
	// A new PIN, set by somebody who has the station open, starts afresh.
	ok(t, c.slots.AddPIN("g.mensah", "777123", c.secret, c.data))
	if k, err := c.slots.OpenPIN(bg, "g.mensah", "777123", c.secret); err != nil || k != c.data {
		t.Errorf("after a new PIN: %v", err)
	}
}

func TestARightPINForgivesTheWrongOnes(t *testing.T) {
	c := newComputer(t)
	for range 5 {
		for range 4 {
			_, _ = c.slots.OpenPIN(bg, "g.mensah", "000000", c.secret)
		}
		if _, err := c.slots.OpenPIN(bg, "g.mensah", "481516", c.secret); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGuessingBecomesSlower(t *testing.T) {
	c := newComputer(t)
	for range 10 {
		_, _ = c.slots.OpenPIN(bg, "g.mensah", "000000", c.secret)
	}
	want := []time.Duration{0, 0, 0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second}
	for i, d := range *c.slept {
		if d != want[i] {
			t.Errorf("try %d waits %v, want %v", i+1, d, want[i])
		}
	}
}

// The try is on the disk before the PIN is tried: whoever pulls the plug while
// the answer is computed wins nothing.
func TestATryIsCountedBeforeItIsMade(t *testing.T) {
	c := newComputer(t)
	ctx, cancel := context.WithCancel(bg)
	cancel()
	s, err := keys.NewSlots(c.dir, "sabcdefghijk2", cheap) // with the real sleep
	ok(t, err)
	for range 3 {
		_, _ = s.OpenPIN(ctx, "g.mensah", "000000", c.secret)
	}
	if _, err := s.OpenPIN(ctx, "g.mensah", "481516", c.secret); !fault.Is(err, fault.Timeout) {
		t.Errorf("cut short while waiting: %v", err)
	}
	if users, _ := s.Users(); users[0].Tries != 4 {
		t.Errorf("tries: %+v, want 4", users)
	}
}

// Ten guesses at once are ten guesses.
func TestParallelGuessesAreCounted(t *testing.T) {
	c := newComputer(t)
	var wg sync.WaitGroup
	for range 12 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s, err := keys.NewSlots(c.dir, "sabcdefghijk2", cheap) // as another process would
			if err == nil {
				s.NoSleep()
				_, err = s.OpenPIN(bg, "g.mensah", "000000", c.secret)
			}
			if err == nil {
				t.Error("a guess succeeded")
			}
		}()
	}
	wg.Wait()
	if _, err := c.slots.OpenPIN(bg, "g.mensah", "481516", c.secret); !fault.Is(err, fault.Denied) {
		t.Errorf("after twelve guesses: %v", err)
	}
}

func TestCentralsShareOpensToo(t *testing.T) {
	c := newComputer(t)
	share := keys.NewDeviceSecret()
	if _, err := c.slots.OpenShare(share, c.secret); !fault.Is(err, fault.NotFound) {
		t.Errorf("before there is one: %v", err)
	}
	ok(t, c.slots.AddShare(share, c.secret, c.data))
	c.reopen(t)
	if k, err := c.slots.OpenShare(share, c.secret); err != nil || k != c.data {
		t.Error(err)
	}
	if has, err := c.slots.HasShare(); !has || err != nil {
		t.Error(has, err)
	}
}

// A slot is bound to whom and what it is for.
func TestASlotFitsNowhereElse(t *testing.T) {
	c := newComputer(t)
	ok(t, c.slots.AddPIN("a.khan", "151623", c.secret, c.data))
	raw, err := os.ReadFile(c.slots.Path())
	ok(t, err)
	swapped := strings.NewReplacer("g.mensah", "a.khan", "a.khan", "g.mensah").Replace(string(raw))
	ok(t, os.WriteFile(c.slots.Path(), []byte(swapped), 0o600))
	if _, err := c.slots.OpenPIN(bg, "a.khan", "481516", c.secret); err == nil {
		t.Error("a slot was renamed to another user and opens")
	}
	ok(t, os.WriteFile(c.slots.Path(), raw, 0o600))
	if _, err := keys.NewSlots(c.dir, "sother2222222", cheap); !fault.Is(err, fault.Invalid) {
		t.Errorf("another station: %v", err)
	}
}

func TestADamagedKeyFileSaysWhatIsSafe(t *testing.T) {
	c := newComputer(t)
	ok(t, os.WriteFile(c.slots.Path(), []byte(`{"format":"wardl`), 0o600))
	_, err := c.slots.OpenPIN(bg, "g.mensah", "481516", c.secret)
	if !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), "safe in the outbox file") {
		t.Errorf("err = %v", err)
	}
	ok(t, os.WriteFile(c.slots.Path(), []byte(`{"format":"wardlight slots","version":3,"station":"sabcdefghijk2"}`), 0o600))
	if _, err := c.slots.Users(); !fault.Is(err, fault.Unsupported) {
		t.Errorf("a newer file: %v", err)
	}
	ok(t, os.WriteFile(c.slots.Path(), []byte(`{"format":"wardlight slots","version":1,"station":"sabcdefghijk2","slots":[{"kind":"pin","user":"u","salt":"AAAA","cost":{"memory":4294967295,"time":1,"threads":1},"wrapped":"AAAA"}]}`), 0o600))
	if _, err := c.slots.OpenPIN(bg, "u", "481516", c.secret); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a file that asks for 4 TiB of memory: %v", err)
	}
}

func TestOtherPrivateKeysAreWrappedByTheDataKey(t *testing.T) {
	c := newComputer(t)
	ok(t, c.slots.SetSecret("outbox-identity", []byte("AGE-SECRET"), c.data))
	c.reopen(t)
	if b, err := c.slots.Secret("outbox-identity", c.data); string(b) != "AGE-SECRET" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := c.slots.Secret("outbox-identity", keys.NewKey()); !fault.Is(err, fault.Denied) {
		t.Errorf("another key: %v", err)
	}
	if _, err := c.slots.Secret("none", c.data); !fault.Is(err, fault.NotFound) {
		t.Errorf("none: %v", err)
	}
	raw, _ := os.ReadFile(c.slots.Path())
	if bytes.Contains(raw, []byte("AGE-SECRET")) {
		t.Error("the file shows it")
	}
	ok(t, c.slots.Wipe())
	if _, err := os.Stat(c.slots.Path()); !os.IsNotExist(err) {
		t.Error("wiped, and still there")
	}
	ok(t, c.slots.Wipe())
}

// Whoever had the slots in hand when they were destroyed puts nothing back, and nobody
// makes them anew: a try at a PIN that was held up by those before it, what central said
// a moment ago. The wiping waits for none of them.
func TestWhatIsWipedIsNotWrittenAgain(t *testing.T) {
	c := newComputer(t)
	ok(t, c.slots.AddPIN("u", "481516", c.secret, c.data))
	begun, on := make(chan struct{}), make(chan struct{})
	c.slots.AtSleep(func() {
		close(begun)
		<-on
	})
	tried := make(chan error, 1)
	go func() {
		_, err := c.slots.OpenPIN(context.Background(), "u", "481516", c.secret)
		tried <- err
	}()
	<-begun
	ok(t, c.slots.Wipe())
	close(on)
	if err := <-tried; !fault.Is(err, fault.Denied) {
		t.Errorf("a try that had begun: %v", err)
	}
	for name, err := range map[string]error{
		"a PIN":                     c.slots.AddPIN("v", "481517", c.secret, c.data),
		"a secret":                  c.slots.SetSecret("s", []byte("x"), c.data),
		"a mark":                    c.slots.Mark(time.Now()),
		"a wrong PIN of a stranger": c.slots.Stranger(c.secret),
		"a sweep":                   c.slots.Sweep(),
	} {
		if !fault.Is(err, fault.Denied) {
			t.Errorf("%s, afterwards: %v", name, err)
		}
	}
	if left, err := filepath.Glob(c.slots.Path() + "*"); err != nil || len(left) > 0 {
		t.Errorf("there are still %v, %v", left, err)
	}
}

func TestPINsThatAreTooShort(t *testing.T) {
	c := newComputer(t)
	for _, pin := range []string{"", "123", strings.Repeat("1", 200)} {
		if err := c.slots.AddPIN("u", pin, c.secret, c.data); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d characters: %v", len(pin), err)
		}
	}
	if err := c.slots.AddPIN("u", "481516", nil, c.data); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a device secret: %v", err)
	}
	if err := c.slots.AddPIN("u", "481516", c.secret, keys.Key{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a data key: %v", err)
	}
}

// A key file of the first release, made with the full cost, opens for ever.
func TestTheFirstKeyFileStillOpens(t *testing.T) {
	if *update {
		makeKeyFile(t)
	}
	dir := t.TempDir()
	b, err := os.ReadFile(filepath.Join("testdata", "slots.v1"))
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(dir, keys.SlotsFile), b, 0o600))
	s, err := keys.NewSlots(dir, "sfixture22222", keys.Cost{})
	ok(t, err)
	secret := bytes.Repeat([]byte{7}, 32)
	k, err := s.OpenPIN(bg, "g.mensah", "481516", secret)
	ok(t, err)
	if k != keys.Key(bytes.Repeat([]byte{9}, 32)) {
		t.Error("another key came out")
	}
	if k2, err := s.OpenShare(bytes.Repeat([]byte{5}, 32), secret); err != nil || k2 != k {
		t.Errorf("the share: %v", err)
	}
	if b, err := s.Secret("outbox-identity", k); string(b) != "the first secret" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

// makeKeyFile writes the fixture, for a new format only: go test -update.
func makeKeyFile(t *testing.T) {
	t.Helper()
	s, err := keys.NewSlots(t.TempDir(), "sfixture22222", keys.Cost{})
	ok(t, err)
	secret, data := bytes.Repeat([]byte{7}, 32), keys.Key(bytes.Repeat([]byte{9}, 32))
	ok(t, s.AddPIN("g.mensah", "481516", secret, data))
	ok(t, s.AddShare(bytes.Repeat([]byte{5}, 32), secret, data))
	ok(t, s.SetSecret("outbox-identity", []byte("the first secret"), data))
	b, err := os.ReadFile(s.Path())
	ok(t, err)
	ok(t, os.MkdirAll("testdata", 0o755))
	ok(t, os.WriteFile(filepath.Join("testdata", "slots.v1"), b, 0o644))
}
