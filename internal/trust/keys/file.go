package keys

import (
	"os"
	"path/filepath"

	"wardlight/internal/fault"
)

// lockSuffix is that of the file whose lock whoever changes another file holds.
const lockSuffix = ".lock"

// writeFile replaces a file so that after a crash either the old or the new
// one is there, whole: write beside it, sync, rename, sync the folder.
func writeFile(op, path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".new-*") // made with mode 0600
	if err != nil {
		return fault.As(fault.Unavailable, op, path, err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
			err = fault.As(fault.Unavailable, op, path, err)
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}
