package journal

// MaxRecent is the bound of what is remembered.
const MaxRecent = maxRecent

// Holds is how many entries are remembered, and of how many bytes.
func (m *Recent) Holds() (entries, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.of) != len(m.order) {
		panic("what is remembered is not what is counted")
	}
	return len(m.of), m.bytes
}
