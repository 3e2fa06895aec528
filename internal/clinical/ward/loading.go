package ward

// Loading is what of a patient's record has not been read yet, or is on its way to
// this computer for the first time. Nothing of that may be said to be absent.
type Loading string

// What is on its way.
const (
	LoadingNone  Loading = ""
	LoadingOlder Loading = "older" // entries that are not among the newest
	LoadingAll   Loading = "all"   // anything
)

// The parts of a first filling, as Progress tells them.
const (
	PartScreen  = 1 // this ward's patients: what their rows and charts begin with
	PartOthers  = 2 // the same of the other patients
	PartHistory = 3 // everybody's older entries
)
