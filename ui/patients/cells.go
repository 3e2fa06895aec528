package patients

import (
	"reflect"
	"strconv"
	"strings"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/board"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

func itoa(n int) string { return strconv.Itoa(n) }

type (
	spans = []kit.Span
	lines = []spans
)

// drawn is one patient's row as spans, and how they fell into lines at the
// present width.
type drawn struct {
	row   *board.Row
	cells [columns]lines
	top   spans // of the score: trend
	scale spans
	under spans // of the score: the second line

	fits  [columns]lines // as they stand in their columns
	below lines          // under, in the score's column
	card  []cardLine     // as they stand on a card
	high  float32
}

// alike says whether two rows are drawn alike.
func alike(a, b *drawn) bool {
	return a.row.ID == b.row.ID && a.high == b.high && a.row.Tall == b.row.Tall && a.row.Urgency == b.row.Urgency &&
		reflect.DeepEqual(a.row.Score, b.row.Score) && reflect.DeepEqual(a.cells, b.cells)
}

// draw turns a row of the view model into spans.
func draw(r *board.Row) *drawn {
	d := &drawn{row: r}
	d.cells[colBed] = lines{{kit.T(r.Bed, bedStyle(r.Bed), theme.Text)}}
	d.cells[colName] = nameCell(r)
	d.cells[colAge] = lines{{kit.T(r.Age, kit.Dense, theme.Text)}}
	d.cells[colObservations] = lines{wordsSpans(r.Observations)}
	d.cells[colAllergies] = lines{wordsSpans(r.Allergies)}
	d.cells[colResults] = resultsCell(r)
	d.cells[colTasks] = lines{tasksSpans(r.Tasks)}
	d.cells[colFlags] = lines{flagsSpans(r.Flags)}
	d.top, d.scale, d.under = scoreSpans(r)
	return d
}

// bedStyle keeps a bed that is told with its room ("R1-1") on one line.
func bedStyle(bed string) kit.Style {
	if len(bed) > 3 {
		return kit.DenseStrong
	}
	return kit.ValueRow
}

func nameCell(r *board.Row) lines {
	style := kit.BodyStrong
	if r.Tall {
		style = kit.Name
	}
	first := append(wardSpans(r), kit.T(r.Name, style, theme.Text))
	if len(first) > 1 {
		first[1].Gap = 6
	}
	var note spans
	if r.Similar {
		note = append(note, kit.Span{Icon: iconSimilar, Text: words.T("similar"), Style: kit.Dense, Color: theme.TextMuted, Gap: 6})
	}
	if r.Note != "" {
		note = append(note, kit.T(r.Note, kit.Dense, theme.TextMuted).After(8))
	}
	switch {
	case len(note) == 0:
		return lines{first}
	case r.Tall:
		note[0].Gap = 0
		return lines{first, note}
	}
	return lines{append(first, note...)}
}

// wardSpans say beside the bed of somebody who lies on another ward that it is a bed
// of that ward: this one has a bed of the same name.
func wardSpans(r *board.Row) spans {
	if r.Ward == "" {
		return nil
	}
	return spans{kit.Chip(r.Ward, iconBed, kit.InfoTone)}
}

// wordsSpans draws a cell of words: the shape that goes with its kind, and the
// word.
func wordsSpans(w board.Words) spans {
	one := func(icon kit.Span) spans { return spans{icon} }
	switch w.Kind {
	case board.KindOverdue:
		return one(kit.Span{Icon: iconOverdue, Text: w.Text, Style: kit.DenseStrong, Color: theme.WarningText})
	case board.KindUnsent:
		return one(kit.Span{Icon: iconUnsent, Text: w.Text, Style: kit.DenseStrong, Color: theme.Unsent})
	case board.KindStrong:
		return one(kit.T(w.Text, kit.DenseStrong, theme.Text))
	case board.KindKnown:
		return one(kit.Span{Icon: iconAllergy, IconColor: theme.Critical, Text: w.Text, Style: kit.Dense, Color: theme.Text})
	case board.KindMissing:
		return one(kit.Span{Icon: iconQuestion, Text: w.Text, Style: kit.Dense, Color: theme.WarningText})
	case board.KindStale:
		return one(kit.Span{Icon: iconUnavailable, Text: w.Text, Style: kit.Dense, Color: theme.Stale})
	case board.KindMuted:
		return one(kit.T(w.Text, kit.Dense, theme.TextMuted))
	case board.KindPlain, board.KindCritical, board.KindCorrected, board.KindUrgent, board.KindNew, board.KindOwned, board.KindReview:
	}
	return one(kit.T(w.Text, kit.Dense, theme.Text))
}

func tasksSpans(n string) spans {
	if n == "" {
		return spans{kit.T("0", kit.Dense, theme.TextMuted)}
	}
	return spans{kit.T(n, kit.DenseStrong, theme.Text)}
}

func flagsSpans(flags []string) spans {
	var out spans
	for i, f := range flags {
		s := flagChip(f)
		if i > 0 {
			s.Gap = 4
		}
		out = append(out, s)
	}
	return out
}

func resultsCell(r *board.Row) lines {
	x := r.Results
	switch x.Kind {
	case board.KindCritical:
		first := spans{{Icon: iconCritical, IconColor: theme.CriticalText, Text: x.Test, Style: kit.BodyStrong, Color: theme.Text}}
		if x.Value != "" {
			first = append(first, kit.T(x.Value, kit.ValueRow, theme.CriticalText).After(6))
		}
		if x.Unit != "" {
			first = append(first, kit.T(x.Unit, kit.Dense, theme.Text).After(6).Glued())
		}
		if x.Word != "" {
			first = append(first, kit.Chip(x.Word, "", kit.CriticalTone).After(6))
		}
		if x.Held {
			first = append(first, kit.Chip(words.T("NOT FILED"), "", kit.LateTone).After(4))
		}
		if x.At != "" {
			first = append(first, kit.T(x.At, kit.Dense, theme.TextMuted).After(6))
		}
		if x.More != "" {
			first = append(first, kit.T(x.More, kit.DenseStrong, theme.Text).After(6))
		}
		if x.Second == "" {
			return lines{first}
		}
		second := kit.T(x.Second, kit.Caption, theme.Text)
		if x.Open {
			second = kit.T(x.Second, kit.CaptionStrong, theme.CriticalText)
		}
		return lines{first, append(spans{second}, urgentCount(x.Urgents)...)}
	case board.KindCorrected:
		return lines{append(correctedSpans(x), urgentCount(x.Urgents)...)}
	case board.KindUrgent:
		return lines{urgentSpans(x)}
	case board.KindNew:
		first := newSpans(x, len(x.What))
		if r.Tall {
			return lines{first, {kit.T(x.Second, kit.Caption, theme.TextMuted)}}
		}
		return lines{first}
	case board.KindPlain, board.KindMuted, board.KindOverdue, board.KindUnsent, board.KindStrong, board.KindKnown, board.KindMissing, board.KindStale, board.KindOwned, board.KindReview:
	}
	return lines{{kit.T(x.Line, kit.Dense, theme.TextMuted)}}
}

// newSpans are that results came: the names of the first few, how many others there are,
// and when the newest came. The time stays with the last name, wherever the line breaks.
func newSpans(x board.Results, names int) spans {
	out := spans{kit.T(x.Test, kit.DenseStrong, theme.Text)}
	said := strings.Join(x.What[:names], ", ")
	if len(x.What) == 0 {
		said = x.Line
	}
	if at := strings.LastIndex(said, " "); at > 0 { // the last word is what is glued to
		out = append(out, kit.T(said[:at], kit.Dense, theme.TextMuted).After(6), kit.T(said[at+1:], kit.Dense, theme.TextMuted).After(space))
	} else if said != "" {
		out = append(out, kit.T(said, kit.Dense, theme.TextMuted).After(6))
	}
	if left := x.Kinds - names; left > 0 {
		out = append(out, kit.T("+"+itoa(left), kit.DenseStrong, theme.Text).After(6).Glued().Kept())
	}
	if x.At != "" && len(x.What) > 0 {
		out = append(out, kit.T("· "+x.At, kit.Dense, theme.TextMuted).After(4).Glued().Kept())
	}
	return out
}

// space is the gap between two words of a dense line that are pieces of one text.
const space = 3

// fitNew keeps what came in one line: names that do not fit are counted. One is always
// named, and breaks where it must.
func fitNew(x board.Results, room float32) spans {
	for n := len(x.What); n > 1; n-- {
		if s := newSpans(x, n); width(s) <= room {
			return s
		}
	}
	return newSpans(x, min(len(x.What), 1))
}

// urgentSpans are a value beyond an urgent limit with everything that it must not stand
// without, and its word.
func urgentSpans(x board.Results) spans {
	value := kit.T(x.Value, kit.BodyStrong, theme.Text).After(6)
	out := spans{{Icon: iconUrgent, IconColor: theme.WarningText, Text: x.Test, Style: kit.BodyStrong, Color: theme.Text}}
	var flag spans
	switch x.Flag {
	case ward.FlagHigh:
		value.Color = theme.High
		flag = spans{{Icon: iconAbove, Text: words.C("flag", "H"), Style: kit.CaptionStrong, Color: theme.High, Gap: 3, Glue: true, Keep: true}}
	case ward.FlagLow:
		value.Color = theme.Low
		flag = spans{{Icon: iconBelow, Text: words.C("flag", "L"), Style: kit.CaptionStrong, Color: theme.Low, Gap: 3, Glue: true, Keep: true}}
	case ward.FlagAbnormal, ward.FlagCriticalHigh, ward.FlagCriticalLow, ward.FlagCritical, ward.FlagNone:
	}
	out = append(append(out, value), flag...)
	if x.Unit != "" {
		out = append(out, kit.T(x.Unit, kit.Dense, theme.Text).After(5).Glued().Kept())
	}
	out = append(out, kit.Chip(x.Word, "", kit.LateTone).After(6).Kept(), kit.T(x.At, kit.Dense, theme.TextMuted).After(6).Kept())
	if x.More != "" {
		out = append(out, kit.T(x.More, kit.DenseStrong, theme.Text).After(6).Kept())
	}
	return append(out, urgentCount(x.Urgents)...)
}

// urgentCount says how many values are urgent; nothing where none is. It is no chip,
// because the line above may have one, and two would touch.
func urgentCount(said string) spans {
	if said == "" {
		return nil
	}
	return spans{kit.Span{Icon: iconUrgent, Text: said, Style: kit.CaptionStrong, Color: theme.WarningText, Gap: 8, Keep: true}}
}

func correctedSpans(x board.Results) spans {
	out := spans{kit.Chip(x.Word, iconCorrected, kit.CorrectedTone), kit.T(x.Test, kit.Dense, theme.Text).After(6)}
	if x.Before != "" {
		out = append(out, kit.T(x.Before, kit.Dense, theme.TextMuted).Struck().After(4), kit.T("→", kit.Dense, theme.Text).After(4))
	}
	out = append(out, kit.T(x.Value, kit.DenseStrong, theme.Text).After(4).Glued())
	if x.Unit != "" {
		out = append(out, kit.T(x.Unit, kit.Dense, theme.Text).After(4).Glued())
	}
	return out
}

// scoreSpans are what stands beside the badge, the scale, and the line below.
func scoreSpans(r *board.Row) (top, scale, under spans) {
	s := r.Score
	if s.Words != "" {
		return spans{kit.T(s.Words, kit.Dense, theme.TextMuted)}, nil, nil
	}
	switch {
	case s.Worse:
		top = spans{kit.Trend(true, true, s.Change)}
	case s.Better:
		top = spans{kit.Trend(false, false, s.Change)}
	case s.Change != "":
		top = spans{kit.T(s.Change, kit.Dense, theme.TextMuted)}
	}
	if usual(s.Scale) {
		scale = spans{kit.T(s.Scale, kit.Caption, theme.TextMuted)}
	} else if s.Scale != "" {
		scale = spans{kit.Chip(s.Scale, "", kit.InfoTone)}
	}
	if r.Tall && s.Second != "" {
		under = spans{kit.T(s.Second, kit.Caption, theme.TextMuted)}
	}
	return top, scale, under
}

// usual says whether a scale's name is the one that may be left out where there
// is no room. Any other is always said.
func usual(scale string) bool { return scale == board.Usual() }

// badge is the score's shape.
func badge(s board.Score) kit.ScoreConfig {
	shape := kit.Pill
	switch s.Shape {
	case board.ShapeSingle:
		shape = kit.DoubleStroke
	case board.ShapeUrgent:
		shape = kit.RoundedBox
	case board.ShapeEmergency:
		shape = kit.SquareBox
	case board.ShapeLow, board.ShapeNone:
	}
	return kit.Score(s.Text, shape, kit.ScoreRow)
}

// width measures spans, in design units.
func width(s spans) float32 {
	if len(s) == 0 {
		return 0
	}
	return kit.WidthOf(s...) / theme.Scale()
}

// narrow is a cheap bound that spares measuring: no letter is wider than its
// size.
func narrow(s spans, room float32) bool {
	sum := float32(0)
	for _, x := range s {
		size := x.Style.Size
		if size == 0 {
			size = 14
		}
		sum += float32(len([]rune(x.Text)))*size + x.Gap
		if x.Icon != "" {
			sum += size + 8
		}
		if x.Chip {
			sum += 16
		}
	}
	return sum <= room
}

// wrap breaks spans to lines that fit a room: between spans first, a number and
// its unit staying together, then inside one at its spaces.
func wrap(s spans, room float32) lines {
	if narrow(s, room) || width(s) <= room {
		return lines{s}
	}
	var out lines
	var line spans
	for _, x := range s {
		if len(line) > 0 && width(append(line[:len(line):len(line)], x)) <= room {
			line = append(line, x)
			continue
		}
		if head, rest, ok := begin(line, x, room); ok { // its first words fill the line
			out = append(out, append(line, head))
			if line, x = nil, rest; width(spans{x}) <= room {
				line = spans{x}
				continue
			}
		}
		var with spans // what must not be left by x
		if n := len(line); x.Glue && n > 1 {
			line, with = line[:n-1], spans{line[n-1]}
			with[0].Gap = 0
		}
		if len(line) > 0 {
			out = append(out, line)
		}
		switch {
		case len(with) > 0 && width(append(with, x)) <= room:
			line = append(with, x)
			continue
		case len(with) > 0:
			out = append(out, with)
		}
		x.Gap = 0
		parts := lines{{x}}
		if width(spans{x}) > room {
			parts = broken(x, room)
		}
		out, line = append(out, parts[:len(parts)-1]...), parts[len(parts)-1]
	}
	return append(out, line)
}

// begin takes as many words off a span as still fit a line that has begun.
func begin(line spans, x kit.Span, room float32) (head, rest kit.Span, ok bool) {
	if len(line) == 0 || x.Glue || x.Keep || x.Chip || x.Icon != "" {
		return head, rest, false
	}
	fields := strings.Fields(x.Text)
	for n := len(fields) - 1; n > 0; n-- {
		head, rest = x, x
		head.Text, rest.Text, rest.Gap = strings.Join(fields[:n], " "), strings.Join(fields[n:], " "), 0
		if width(append(line[:len(line):len(line)], head)) <= room {
			return head, rest, true
		}
	}
	return head, rest, false
}

// broken breaks one span at its spaces, at a comma where there is one: a name
// wraps behind the family name.
func broken(x kit.Span, room float32) lines {
	if family, given, ok := strings.Cut(x.Text, ", "); ok && (x.Style == kit.Name || x.Style == kit.BodyStrong) {
		a, b := x, x
		a.Text, b.Text = family+",", given
		if width(spans{a}) <= room && width(spans{b}) <= room {
			return lines{{a}, {b}}
		}
	}
	var out lines
	text := ""
	fits := func(s string) bool {
		y := x
		y.Text = s
		return width(spans{y}) <= room
	}
	flush := func() {
		y := x
		y.Text = strings.TrimSpace(text)
		if len(out) > 0 {
			y.Icon = ""
		}
		out, text = append(out, spans{y}), ""
	}
	for _, w := range pieces(x.Text, fits) {
		if text != "" && !fits(text+w) {
			flush()
		}
		if text == "" {
			w = strings.TrimPrefix(w, " ")
		}
		for _, r := range w { // a word that is wider than the room breaks where it must
			if text != "" && !narrow(spans{{Text: text + string(r), Style: x.Style, Icon: x.Icon}}, room) && !fits(text+string(r)) {
				flush()
			}
			text += string(r)
		}
	}
	flush()
	return out
}

// pieces are the words of a text, each with the space before it. A double name
// that fits no line ends one behind its hyphen.
func pieces(text string, fits func(string) bool) []string {
	var out []string
	for _, w := range strings.Fields(text) {
		if fits(w) {
			out = append(out, " "+w)
			continue
		}
		for i, part := range strings.SplitAfter(w, "-") {
			if i == 0 {
				part = " " + part
			}
			out = append(out, part)
		}
	}
	return out
}

func wrapAll(ls lines, room float32) lines {
	var out lines
	for _, l := range ls {
		out = append(out, wrap(l, room)...)
	}
	return out
}
