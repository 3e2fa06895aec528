package kit

// heard is who is told that a person is there.
var heard func()

// OnPresence sets what is called at each key that reaches something of this
// package. The toolkit gives a key to what has the focus and to nothing else, so
// that whoever wants to know that somebody is there must ask here; a program has
// one window, and so one listener. nil ends it.
func OnPresence(fn func()) { heard = fn }

// onTurn is who is told that something was scrolled.
var onTurn func()

// OnTurn sets what is called when a list or a page of this package was scrolled, by
// whatever: a wheel is no key, and the pointer need not move for it. Nobody's presence
// follows from it. nil ends it.
func OnTurn(fn func()) { onTurn = fn }

// turn tells that something was scrolled.
func turn() {
	if onTurn != nil {
		onTurn()
	}
}

// presence tells that a key came.
func presence() {
	if heard != nil {
		heard()
	}
}
