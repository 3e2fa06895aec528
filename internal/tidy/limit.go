package tidy

// besides is what a Go program takes beside its heap: stacks, and what the collector
// notes.
const besides = 16 << 20

// Limit is the memory limit of a Go program that wishes to stay within some bytes, while
// so many live. It is never so near to what lives that it is collected all the time: most
// of what the program then does is collecting, and no memory comes back by it.
func Limit(wish, live int64) int64 { return max(wish, live+live/8+besides) }
