package kit

// Hidable is what can be shown and hidden.
type Hidable interface {
	Visible() bool
	Show()
	Hide()
}

// SetShown shows or hides something, and does nothing where it is so already: to show
// what is shown draws it anew.
func SetShown(o Hidable, on bool) {
	switch {
	case o.Visible() == on:
	case on:
		o.Show()
	default:
		o.Hide()
	}
}
