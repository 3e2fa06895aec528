//go:build !unix

package keys

// PrivateFiles does nothing here: a new file has the rights of its folder.
func PrivateFiles() {}
