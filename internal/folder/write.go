package folder

import "os"

// Write writes a file so that a crash leaves the old one or the new. Until it is whole it
// lies beside it, with ".new" behind its name. Its name is durable once the folder is
// synced (Sync).
func Write(path string, b []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the folder that the user named
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	return err
}
