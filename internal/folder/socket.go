package folder

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"time"

	"wardlight/internal/fault"
)

// maxPath is a path that every system takes as a socket's with room to spare:
// Linux ends at 107 bytes, others at 103.
const maxPath = 100

// Listen opens the socket of a folder. A socket that a killed program left is
// replaced, so the caller must have the folder for itself.
func Listen(dir, name string) (net.Listener, error) {
	const op = "folder.listen"
	path := filepath.Join(dir, name)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fault.As(fault.Unavailable, op, path, err)
	}
	at, release, err := reach(dir, name)
	if err != nil {
		return nil, err
	}
	defer release()
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: at, Net: "unix"})
	if err != nil {
		return nil, fault.As(fault.Unavailable, op, path, err)
	}
	ln.SetUnlinkOnClose(at == path) // another way to it holds no longer then
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fault.As(fault.Unavailable, op, path, err), ln.Close())
	}
	return ln, nil
}

// Dial connects to the program that listens in a folder.
func Dial(ctx context.Context, dir, name string) (net.Conn, error) {
	at, release, err := reach(dir, name)
	if err != nil {
		return nil, err
	}
	defer release()
	c, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "unix", at)
	return c, fault.As(fault.Unavailable, "folder.dial", dir, err)
}
