package bench

// spent is what something that was done many times took: of the clock each time,
// and of a program's processor in all.
type spent struct {
	pid  int
	took []float64 // milliseconds, each time
	cpu  float64
}

// of does it some more times.
func (s *spent) of(do func() ([]float64, error)) error {
	before := processorMS(s.pid)
	took, err := do()
	s.cpu += processorMS(s.pid) - before
	s.took = append(s.took, took...)
	return err
}

// tell puts the figures into a result, under a name, and how many they are of.
func (s *spent) tell(r Result, name, count string) {
	p := percentiles(s.took)
	r[name+"_p50_ms"], r[name+"_p99_ms"], r[count] = p[0], p[2], len(s.took)
	r[name+"_cpu_ms"] = round(s.cpu / float64(max(len(s.took), 1)))
}
