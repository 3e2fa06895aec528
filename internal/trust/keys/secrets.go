package keys

import (
	"context"
	"sync"
	"time"

	"wardlight/internal/fault"
)

// Secrets keeps small secrets by account name. Errors are fault.NotFound where
// there is none, fault.Unavailable where the store cannot be used, and
// fault.Timeout where it did not answer.
//
// Two stations on one computer use different account names, so an account
// holds the station's id.
type Secrets interface {
	Get(ctx context.Context, account string) ([]byte, error)
	Set(ctx context.Context, account string, secret []byte) error
	Delete(ctx context.Context, account string) error
}

// MaxSecret is the longest secret that every store takes: Windows keeps 2,560
// bytes an entry, and base64 needs a third more.
const MaxSecret = 1800

func checkAccount(op, account string) error {
	if len(account) == 0 || len(account) > 128 {
		return fault.New(fault.Invalid, op, "", "an account name has 1 to 128 characters")
	}
	for _, c := range []byte(account) {
		ok := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_' || c == '/'
		if !ok {
			return fault.New(fault.Invalid, op, "", "an account name has only a-z 0-9 . - _ /")
		}
	}
	return nil
}

func checkSecret(op, account string, secret []byte) error {
	if len(secret) == 0 || len(secret) > MaxSecret {
		return fault.Newf(fault.Invalid, op, account, "a secret has 1 to %d bytes", MaxSecret)
	}
	return checkAccount(op, account)
}

// MemorySecrets keeps secrets in memory: for tests.
func MemorySecrets() Secrets { return &memorySecrets{m: map[string][]byte{}} }

type memorySecrets struct {
	mu sync.Mutex
	m  map[string][]byte
}

func (s *memorySecrets) Get(_ context.Context, account string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.m[account]
	if !ok {
		return nil, notFound(account)
	}
	return append([]byte(nil), b...), nil
}

func (s *memorySecrets) Set(_ context.Context, account string, secret []byte) error {
	if err := checkSecret("secrets.set", account, secret); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[account] = append([]byte(nil), secret...)
	return nil
}

func (s *memorySecrets) Delete(_ context.Context, account string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.m[account]; !ok {
		return notFound(account)
	}
	delete(s.m, account)
	return nil
}

func notFound(account string) error {
	return fault.New(fault.NotFound, "secrets.get", account, "the keyring has no such secret")
}

// maxHanging is how many calls may hang at once before new ones are refused:
// each costs a goroutine, and a store that hangs four times hangs a fifth.
const maxHanging = 4

// Bounded gives every call of s at most timeout. A call that does not come
// back in time goes on, on its own goroutine, and its result is thrown away;
// while too many hang, new calls are refused at once.
func Bounded(s Secrets, timeout time.Duration) Secrets {
	return &bounded{s: s, timeout: timeout, slots: make(chan struct{}, maxHanging)}
}

type bounded struct {
	s       Secrets
	timeout time.Duration
	slots   chan struct{}
}

type answer struct {
	secret []byte
	err    error
}

func (b *bounded) do(ctx context.Context, op, account string, call func(context.Context) ([]byte, error)) ([]byte, error) {
	if err := checkAccount(op, account); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	select {
	case b.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, b.late(op, account)
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-b.slots }()
		secret, err := call(ctx)
		done <- answer{secret, err}
	}()
	select {
	case a := <-done:
		return a.secret, a.err
	case <-ctx.Done():
		return nil, b.late(op, account)
	}
}

func (b *bounded) late(op, account string) error {
	return fault.Newf(fault.Timeout, op, account, "the keyring did not answer within %s. "+
		"It may be locked and waiting for a prompt that nobody sees. Nothing was changed. "+
		"Unlock the keyring of this computer's user, or ask the administrator, then try again", b.timeout)
}

func (b *bounded) Get(ctx context.Context, account string) ([]byte, error) {
	return b.do(ctx, "secrets.get", account, func(ctx context.Context) ([]byte, error) { return b.s.Get(ctx, account) })
}

func (b *bounded) Set(ctx context.Context, account string, secret []byte) error {
	if err := checkSecret("secrets.set", account, secret); err != nil {
		return err
	}
	secret = append([]byte(nil), secret...) // the call may outlive the caller
	_, err := b.do(ctx, "secrets.set", account, func(ctx context.Context) ([]byte, error) { return nil, b.s.Set(ctx, account, secret) })
	return err
}

func (b *bounded) Delete(ctx context.Context, account string) error {
	_, err := b.do(ctx, "secrets.delete", account, func(ctx context.Context) ([]byte, error) { return nil, b.s.Delete(ctx, account) })
	return err
}
