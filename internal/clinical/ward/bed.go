package ward

import (
	"cmp"
	"strings"
	"unicode/utf8"
)

// BedLabel is what a bed is called on its ward: "R1-1". Rooms often number their
// beds from one each, so that a bed without its room would be several patients'.
// Where the bed says the room already, the room is not said again.
func BedLabel(room, bed string) string {
	switch {
	case room == "":
		return bed
	case bed == "":
		return room
	case saysRoom(bed, room), repeats(room, bed):
		return bed
	}
	return room + "-" + bed
}

// saysRoom: bed 12A of room 12. Bed 12 of room 1 begins with it by chance.
func saysRoom(bed, room string) bool {
	if len(bed) <= len(room) || !strings.EqualFold(bed[:len(room)], room) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(room)
	next, _ := utf8.DecodeRuneInString(bed[len(room):])
	return digit(last) != digit(next)
}

// repeats: senders without rooms fill the room with the bed again, 07 or B07. Of
// one figure only that may be chance: bed 1 of bay B1.
func repeats(room, bed string) bool {
	if len(bed) < 2 {
		return false
	}
	return strings.EqualFold(room, bed) || strings.EqualFold(room, "B"+bed) || strings.EqualFold(room, "Bed"+bed)
}

// CompareBeds orders labels by room and then bed, numbers as numbers: "2" before
// "10", "R2-1" before "R10-1". No bed comes last.
func CompareBeds(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(b, a)
	}
	x, y := a, b
	for x != "" && y != "" {
		var p, q string
		p, x = run(x)
		q, y = run(y)
		if c := compareRuns(p, q); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

// run cuts off what s begins with: figures only, or none.
func run(s string) (head, rest string) {
	figures := digit(rune(s[0]))
	i := strings.IndexFunc(s, func(r rune) bool { return digit(r) != figures })
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i:]
}

func compareRuns(a, b string) int {
	if !digit(rune(a[0])) || !digit(rune(b[0])) {
		return cmp.Compare(a, b)
	}
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

func digit(r rune) bool { return '0' <= r && r <= '9' }
