package node

import (
	"context"
	"strings"
	"unicode"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// A ward is whatever the hospital's systems call so: there is no list of wards to
// keep, and a ward without patients is one all the same. One that is misspelt shows
// somebody an empty board for ever. So a ward is held against those that central has
// met: in messages about patients, and as that of a computer or of an account.

// knownWards are the wards that central has met.
func (n *Node) knownWards(ctx context.Context) (known map[record.Ward]bool, err error) {
	known = map[record.Ward]bool{}
	err = n.journal.View(ctx, func(r journal.Reader) error {
		for c, err := range r.All(fhir.TypeEncounter, "") {
			if err != nil {
				return err
			}
			e, err := fhir.View[struct {
				Extension []fhir.Extension `json:"extension"`
			}](c.Body)
			if err != nil {
				return err
			}
			if w := fhir.ExtString(e.Extension, fhir.ExtWard); w != "" {
				known[record.Ward(w)] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	people, err := n.office.People(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		if p.Ended == 0 {
			addWards(known, p.Wards)
		}
	}
	computers, err := n.office.Devices(ctx)
	for _, d := range computers {
		if d.Revoked == 0 {
			addWards(known, d.Wards)
		}
	}
	return known, err
}

func addWards(known map[record.Ward]bool, list []record.Ward) {
	for _, w := range list {
		known[w] = true
	}
}

// unmet are wards that an order names and central has met nowhere, with what to do
// where one is misspelt.
type unmet struct {
	NewWards []record.Ward `json:"new_wards,omitempty"`
	Look     string        `json:"look,omitempty"`
}

// say puts them into what is answered.
func (u unmet) say(said map[string]any) {
	if len(u.NewWards) > 0 {
		said["new_wards"], said["look"] = u.NewWards, u.Look
	}
}

// checkWards refuses a ward that reads like a slip of one that central has met,
// unless the order says that it is a new one; any other that central has not met is
// returned. amend is what to do where it is misspelt.
func (n *Node) checkWards(ctx context.Context, o Order, amend string) (u unmet, err error) {
	known, err := n.knownWards(ctx)
	if err != nil {
		return u, err
	}
	for _, w := range wards(o.Args["wards"]) {
		if known[w] {
			continue
		}
		u.NewWards = append(u.NewWards, w)
		if meant := resembling(w, known); len(meant) > 0 && o.Args["new_ward"] != "true" {
			return unmet{}, fault.Newf(fault.Invalid, "node.wards", string(w), "central knows no ward %q: was %s meant? Nothing was changed. Where it is another ward, say so: --new-ward", string(w), names(meant))
		}
	}
	if len(u.NewWards) > 0 {
		knows := "it knows no ward so far"
		if len(known) > 0 {
			knows = "it knows " + names(sorted(known))
		}
		u.Look = "central has met these wards nowhere yet; " + knows + ". Nobody is on their boards before a message, a computer or a patient is: where one is misspelt, " + amend
	}
	return u, nil
}

// amendUser is how a ward of an account is put right.
const amendUser = "wardlightd user change NAME --ward WARD"

// maxNamed bounds how many wards a message names.
const maxNamed = 20

func names(list []record.Ward) string {
	var b strings.Builder
	for i, w := range list {
		if i == maxNamed {
			b.WriteString(" …")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}

// resembling are the known wards that a name is a slip of.
func resembling(w record.Ward, known map[record.Ward]bool) (meant []record.Ward) {
	for _, k := range sorted(known) {
		if slip(plainWard(w), plainWard(k)) {
			meant = append(meant, k)
		}
	}
	return meant
}

// plainWard is what is left of a ward's name in careless typing.
func plainWard(w record.Ward) string {
	s := strings.ToLower(strings.TrimSpace(string(w)))
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_./", r) {
			return -1
		}
		return r
	}, s)
	return strings.TrimPrefix(s, "ward")
}

// slip says whether one name is the other carelessly typed: the same but for case
// and signs, with one sign more, one less, a letter for a digit, or two that changed
// places. 4C is no slip of 4B: wards beside each other are called so.
func slip(typed, known string) bool {
	a, b := []rune(typed), []rune(known)
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case len(a) == len(b) && i == len(a):
		return true
	case len(a) == len(b):
		other := string(a[i+1:]) == string(b[i+1:]) && unicode.IsDigit(a[i]) != unicode.IsDigit(b[i])
		turned := i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && string(a[i+2:]) == string(b[i+2:])
		return other || turned
	}
	return len(b)-len(a) == 1 && len(a) > 1 && string(a[i:]) == string(b[i+1:])
}
