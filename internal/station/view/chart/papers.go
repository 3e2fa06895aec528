package chart

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// OpenDocument opens a document: a look, and recorded as one.
const OpenDocument Deed = "open"

// paper is a document with the results that it came with.
type paper struct {
	doc     ward.Document
	results []ward.Result
}

// papersOf are a patient's documents, each once, the newest first.
func papersOf(c ward.Chart) []paper {
	var out []paper
	for _, r := range c.Results {
		for _, d := range r.Documents {
			i := slices.IndexFunc(out, func(p paper) bool { return p.doc.Sum == d.Sum })
			if i < 0 {
				out = append(out, paper{doc: d})
				i = len(out) - 1
			}
			out[i].results = append(out[i].results, r)
		}
	}
	slices.SortStableFunc(out, func(a, b paper) int {
		return cmp.Or(b.results[0].When().Compare(a.results[0].When()), cmp.Compare(a.doc.Sum, b.doc.Sum))
	})
	return out
}

// papers lists the documents that results brought, how large each is, and whether it is
// on this computer. One that only withdrawn results name is struck through.
func papers(c ward.Chart, now time.Time) Listing {
	var l Listing
	list := papersOf(c)
	here := 0
	for _, p := range list {
		if p.doc.Here {
			here++
		}
		l.Entries = append(l.Entries, paperEntry(p, now))
	}
	if len(list) == 0 {
		return l
	}
	l.Words = []string{
		strings.Join([]string{words.N(len(list), "%d document", "%d documents"), words.F("%d on this computer", here), right(c, now)}, ", "),
		words.T("Documents that came with results. Letters, scans and reports of other systems are not received."),
	}
	return l
}

func paperEntry(p paper, now time.Time) Entry {
	first := p.results[0]
	e := Entry{ID: p.doc.Sum, Head: cmp.Or(p.doc.Title, p.doc.Kind()), Beside: []string{words.T("time not known")}, Struck: true}
	e.Key = e.Head
	if at := first.When(); !at.IsZero() {
		e.Beside = []string{ward.Date(at) + " " + ward.Clock(at)}
	}
	var names []string
	for _, r := range p.results {
		if !Void(r) {
			e.Struck = false
		}
		name := r.Test
		if r.Status != "final" {
			name += " (" + ward.Said(r.Status) + ")"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if !p.doc.Here {
		e.Marks = append(e.Marks, Mark{words.T("not on this computer"), Care})
	}
	if e.Struck {
		e.Marks = append(e.Marks, Mark{words.T("its result was withdrawn"), Changed})
	}
	e.Lines = []string{p.doc.Words(), came(strings.Join(names, ", "), first, now)}
	e.Acts = []Act{{OpenDocument, words.C("verb", "Open")}}
	return e
}

// came says with which results a document came, and when.
func came(names string, r ward.Result, now time.Time) string {
	if r.Received.IsZero() {
		return words.F("Came with %s", names)
	}
	return words.F("Came with %s, received %s", names, ward.Stamp(r.Received, now))
}

// DocumentOf is the result by which a document of the list is opened.
func (m *Model) DocumentOf(id string) (result ward.ResultID, sum string, ok bool) {
	if !m.state.List.can(id, OpenDocument) {
		return "", "", false
	}
	for _, p := range papersOf(m.state.Chart) {
		if p.doc.Sum != id {
			continue
		}
		r := p.results[0]
		for _, o := range p.results { // one that stands before one that was withdrawn
			if !Void(o) {
				r = o
				break
			}
		}
		return r.ID, p.doc.Sum, true
	}
	return "", "", false
}
