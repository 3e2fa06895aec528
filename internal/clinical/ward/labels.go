package ward

import "time"

// The papers that labels are printed on, in millimetres.
const (
	LabelSmall = "70x35"    // of a label printer
	LabelLarge = "100x50"   // of a label printer
	LabelSheet = "A4-70x42" // a sheet of 21
)

// LabelPapers are all of them, the usual one first.
func LabelPapers() []string { return []string{LabelSmall, LabelLarge, LabelSheet} }

// OrderLabel is what the label of an order's sample says beside whose it is. When the
// sample was drawn is written on it by whoever draws it.
type OrderLabel struct {
	Number string // of the order: the placer's own, as the barcode says it
	Test   string
	Sample string // what is drawn and into what; "" where it is not known
	Stat   bool
	By     string
	At     time.Time
}
