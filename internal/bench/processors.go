package bench

import "os"

// processors is what the two programs of a workload, this one with its station and
// central, have used of the processors at a moment, in milliseconds. On a machine
// that others use it says more than the clock.
type processors struct {
	pids [2]int
	used [2]float64
}

func (c *central) processors() processors {
	p := processors{pids: [2]int{os.Getpid(), c.proc.PID()}}
	p.used = p.since()
	return p
}

// since is what the station's program and central's have used since, in this order.
func (p processors) since() (ms [2]float64) {
	for i, pid := range p.pids {
		ms[i] = round(processorMS(pid) - p.used[i])
	}
	return ms
}
