package ward

// Unsent is an entry of this computer that central has not answered for yet.
type Unsent struct {
	Who  Identity   `json:"who"`
	Line OutageLine `json:"line"`
}
