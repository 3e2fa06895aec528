package submit

// ReadAtOnce sets how many entries a Delivery reads before it judges what they touch.
func ReadAtOnce(d *Delivery, n int) { d.most = n }

// Read is up to which position a Delivery has read.
func Read(d *Delivery) uint64 { return uint64(d.at) }
