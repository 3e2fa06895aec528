package seat

import (
	"fmt"
	"os"
)

// build stands for this program as it was built: its name and version, and the
// size and time of its file. An update changes it, and so does a build of the
// same version; what was worked out by another build is worked out again.
func build(program string) string {
	path, err := os.Executable()
	if err != nil {
		return program
	}
	i, err := os.Stat(path)
	if err != nil {
		return program
	}
	return fmt.Sprintf("%s %d %d", program, i.Size(), i.ModTime().UnixNano())
}
