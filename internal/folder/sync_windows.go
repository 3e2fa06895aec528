package folder

// Sync makes names in a folder durable. NTFS journals them itself.
func Sync(string) error { return nil }
