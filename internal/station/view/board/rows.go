package board

import (
	"cmp"
	"slices"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Rows are a state's patients, in order. What a row says is put into words when
// it is asked for: of ten thousand patients twenty are on the screen.
type Rows struct {
	list []*ward.Row
	down bool      // the laboratory cannot be relied on
	asOf time.Time // up to when it could
	now  time.Time
	away map[ward.PatientID]bool // who lies on another ward: of the own list only
	own  bool                    // the own list: no row needs to say so
}

// Len is how many there are.
func (r Rows) Len() int { return len(r.list) }

// At is one of them in words.
func (r Rows) At(i int) Row {
	of := *r.list[i]
	of.Mine = of.Mine && !r.own
	row := rowOf(&of, r.down, r.asOf, r.now)
	if r.away[row.ID] {
		row.Ward = wardWords(r.list[i].Who)
	}
	return row
}

// Flags are the flags of row i, as At words them: columns are made as wide.
func (r Rows) Flags(i int) []string { return flagsOf(r.list[i]) }

// Whole is how many were read in full, and not only by name and bed.
func (r Rows) Whole() (n int) {
	for _, row := range r.list {
		if row.Whole {
			n++
		}
	}
	return n
}

// Mark is what a list must know of every row, also of those out of view.
type Mark struct {
	ID      ward.PatientID
	Name    string
	Urgency ward.Urgency
	Tall    bool
	Open    bool // nobody has the critical result
}

// Mark is what a list must know of row i.
func (r Rows) Mark(i int) Mark {
	row := r.list[i]
	u := ward.UrgencyOf(row)
	return Mark{ID: row.Who.ID, Name: row.Who.ShowName(), Urgency: u, Tall: tall(row, u, r.now), Open: openCritical(row)}
}

func openCritical(r *ward.Row) bool { return r.Critical != nil && r.Critical.Open }

// ranked is a row with what it is ordered by.
type ranked struct {
	row     *ward.Row
	urgency ward.Urgency
	open    bool
	total   int
	ward    string // of whoever lies on another one
}

// order puts the worst first (by urgency, then what nobody has, then score,
// then bed), or goes by bed: this ward's, then those of the others, ward by ward. Rows that are equal in all of it go by patient, so
// that the same ward always stands in the same order.
func order(list []*ward.Row, byBed bool, away map[ward.PatientID]bool) {
	keyed := make([]ranked, len(list))
	for i, r := range list {
		keyed[i].row = r
		if away[r.Who.ID] {
			keyed[i].ward = wardWords(r.Who)
		}
		if !byBed {
			keyed[i].urgency, keyed[i].open = ward.UrgencyOf(r), openCritical(r)
			if keyed[i].urgency > 0 {
				keyed[i].total = r.Early.Standing()
			}
		}
	}
	slices.SortFunc(keyed, func(a, b ranked) int {
		if c := cmp.Or(cmp.Compare(b.urgency, a.urgency), cmp.Compare(rank(b.open), rank(a.open)), cmp.Compare(b.total, a.total)); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.ward, b.ward), ward.CompareBeds(a.row.Who.Bed, b.row.Who.Bed), cmp.Compare(a.row.Who.ID, b.row.Who.ID))
	})
	for i := range keyed {
		list[i] = keyed[i].row
	}
}

func rank(on bool) int {
	if on {
		return 1
	}
	return 0
}

// bedsWords is how many patients the board holds, for the window's head, and of how many
// the record is not read yet.
func bedsWords(rows []*ward.Row) string {
	said, unread := words.N(len(rows), "%d patient", "%d patients"), 0
	for _, r := range rows {
		if r.Loading == ward.LoadingAll {
			unread++
		}
	}
	if unread == 0 {
		return said
	}
	return words.F("%s, %d still being read", said, unread)
}
