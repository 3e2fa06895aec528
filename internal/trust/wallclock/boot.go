package wallclock

import "crypto/rand"

// processRun names this run of the program.
var processRun = rand.Text()
