package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wardlight/internal/demo"
)

// namespace is a network of its own, with loopback and what is laid into it. It
// has no name: an open file of this process is all that holds it. So whatever
// becomes of the test, the kernel takes it away, and every cable with it.
type namespace struct{ file *os.File }

// newNamespace makes one; it is closed with the test.
func newNamespace(t *testing.T) (*namespace, error) {
	t.Helper()
	var f *os.File
	err := elsewhere(func() error { return unix.Unshare(unix.CLONE_NEWNET) }, func() (err error) {
		f, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("this machine gives no network namespace: %w", err)
	}
	n := &namespace{f}
	t.Cleanup(func() { check(t, n.file.Close()) })
	return n, n.ip("link", "set", "lo", "up")
}

// path is how other programs name it, while this one runs.
func (n *namespace) path() string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), n.file.Fd()) }

// command is how a program is started in it: it becomes that program, so that a
// signal to the one is a signal to the other.
func (n *namespace) command(path string, args []string) (string, []string) {
	return "nsenter", append([]string{"--net=" + n.path(), "--", path}, args...)
}

func (n *namespace) ip(args ...string) error {
	name, args := n.command("ip", args)
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", args, err, out)
	}
	return nil
}

// cable lays a pair of ends, named alike, between two networks.
func cable(a *namespace, at string, b *namespace, bt, name string) error {
	for _, do := range []func() error{
		func() error {
			return a.ip("link", "add", name, "type", "veth", "peer", "name", name, "netns", b.path())
		},
		func() error { return a.ip("addr", "add", at+"/30", "dev", name) },
		func() error { return b.ip("addr", "add", bt+"/30", "dev", name) },
		func() error { return a.ip("link", "set", name, "up") },
		func() error { return b.ip("link", "set", name, "up") },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// dial reaches an address from in there.
func (n *namespace) dial(ctx context.Context, addr string) (net.Conn, error) {
	var c net.Conn
	err := elsewhere(func() error { return unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET) }, func() (err error) {
		// One address in digits: it is dialled on this very thread.
		c, err = (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "tcp", addr)
		return err
	})
	return c, err
}

// elsewhere lets this goroutine's thread live in another network for a moment. It
// comes home again: a thread that ended would take along the programs that were
// started on it (PR_SET_PDEATHSIG is about threads).
func elsewhere(leave, do func() error) error {
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		runtime.UnlockOSThread()
		return err
	}
	defer home.Close()
	if err = leave(); err != nil {
		runtime.UnlockOSThread() // it never left
		return err
	}
	err = do()
	if back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); back != nil {
		return errors.Join(err, back) // still locked: nobody else gets this thread
	}
	runtime.UnlockOSThread()
	return err
}

// place is where a program of a test lives.
type place struct {
	net    *namespace // nil: the machine's own network
	host   string     // its address there; "" is loopback
	server string     // where it reaches central; "": over the world's own cable
}

// places are by name: "central", or a station's.
type places map[string]place

// address is where the one of that name may listen, on a free port.
func (p places) address(name string) string {
	if h := p[name].host; h != "" {
		return h + ":0"
	}
	return "127.0.0.1:0"
}

func (p places) command(name, path string, args []string) (string, []string) {
	if n := p[name].net; n != nil {
		return n.command(path, args)
	}
	return path, args
}

func (p places) dial(name string) demo.Dial {
	if n := p[name].net; n != nil {
		return n.dial
	}
	return nil
}
