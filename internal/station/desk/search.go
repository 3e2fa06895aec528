package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"wardlight/internal/clinical/ward"
)

// maxFound bounds what a search gives back: more than anybody picks from.
const maxFound = 50

// Search finds patients on this computer by any part of a name in any order,
// with or without accents, by bed, or by any of their numbers. This ward's
// come first.
func (d *Desk) Search(ctx context.Context, text string) ([]ward.Identity, error) {
	p, err := d.author("desk.search")
	if err != nil {
		return nil, err
	}
	may := d.mayList(p)
	if err := d.begin(ctx); err != nil {
		return nil, err
	}
	words := strings.Fields(foldName(text[:min(len(text), 200)]))
	number := foldNumber(text)
	if len(words) == 0 && number == "" {
		return []ward.Identity{}, nil
	}
	b := &d.board
	b.mu.Lock()
	found := firstFew{order: d.foundOrder}
	for _, v := range b.rows {
		if v.matches(words, number) && may(v.row.Who.Ward) {
			found.add(v.row)
		}
	}
	b.mu.Unlock()
	rows := found.sorted()
	out := make([]ward.Identity, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.Who)
	}
	return out, nil
}

// foundOrder is the order of what a search finds. It compares no more than it
// must: a first letter finds thousands.
func (d *Desk) foundOrder(x, y *ward.Row) int {
	if c := cmp.Compare(rank(d.shows(x)), rank(d.shows(y))); c != 0 {
		return c
	}
	if c := cmp.Compare(x.Who.Family, y.Who.Family); c != 0 {
		return c
	}
	if c := cmp.Compare(x.Who.Given, y.Who.Given); c != 0 {
		return c
	}
	return cmp.Compare(x.Who.ID, y.Who.ID)
}

// firstFew keeps the first maxFound of many rows. Once it has them, a row that
// comes after all of them costs one comparison.
type firstFew struct {
	order func(x, y *ward.Row) int
	rows  []*ward.Row
	last  *ward.Row // of the first maxFound so far; nil while there are fewer
}

func (f *firstFew) add(r *ward.Row) {
	if f.last != nil && f.order(r, f.last) > 0 {
		return
	}
	f.rows = append(f.rows, r)
	if len(f.rows) >= 2*maxFound {
		f.sorted()
	}
}

// sorted puts what is kept in order, and lets go of what is too many.
func (f *firstFew) sorted() []*ward.Row {
	slices.SortFunc(f.rows, f.order)
	if len(f.rows) >= maxFound {
		f.rows = f.rows[:maxFound]
		f.last = f.rows[maxFound-1]
	}
	return f.rows
}

// matches: every word typed begins a part of the name or is the bed, or the
// whole text is the beginning of a number. Words are typed without a space in
// them, so a space stands for the beginning.
func (v *derived) matches(words []string, number string) bool {
	if len(number) >= 3 && strings.ContainsAny(number, "0123456789") && strings.Contains(v.numbers, " "+number) {
		return true
	}
	if len(words) == 0 {
		return false
	}
	for _, w := range words {
		if !v.hasWord(w) {
			return false
		}
	}
	return true
}

func (v *derived) hasWord(w string) bool {
	if w == "bed" || begins(v.words, w) {
		return true
	}
	bed := strings.ToLower(v.row.Who.Bed)
	return bed != "" && (bed == w || strings.TrimLeft(bed, "0") == strings.TrimLeft(w, "0"))
}

// begins says whether one of the words behind spaces begins with w.
func begins(words, w string) bool {
	for {
		i := strings.Index(words, w)
		if i < 0 {
			return false
		}
		if i > 0 && words[i-1] == ' ' {
			return true
		}
		words = words[i+1:]
	}
}

// letters that Unicode does not take apart.
var letters = strings.NewReplacer("ł", "l", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ß", "ss", "æ", "ae", "œ", "oe", "ı", "i", "ħ", "h", "ŋ", "n")

// foldName makes names comparable: lower case, without accents, with every
// apostrophe and hyphen a gap... except within O'Connor, which is one word.
func foldName(s string) string {
	plain := true
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != ' ' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	s = letters.Replace(strings.ToLower(s))
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == '.':
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// foldNumber makes identifiers comparable: without gaps, in lower case.
func foldNumber(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '/', '.':
			return -1
		}
		return unicode.ToLower(r)
	}, s[:min(len(s), 64)])
}
