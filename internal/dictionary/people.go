package dictionary

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"wardlight/internal/interop/hl7"
)

// person is somebody invented: every part of them is random.
type person struct {
	family, given, number, nhs, visit, ward, bed, born, sex, doctor string
	at                                                              time.Time
}

func newPerson(rng *rand.Rand) *person {
	p := &person{
		family: name(rng), given: name(rng), number: fmt.Sprintf("W%07d", rng.IntN(1e7)), nhs: fmt.Sprintf("%010d", rng.Uint64N(1e10)),
		visit: fmt.Sprintf("V%08d", rng.IntN(1e8)), bed: strconv.Itoa(1 + rng.IntN(30)), doctor: name(rng),
		sex: pick(rng, "F", "M"), at: began.Add(-time.Duration(rng.IntN(96*60)) * time.Minute),
		born: fmt.Sprintf("%d%02d%02d", 1930+rng.IntN(90), 1+rng.IntN(12), 1+rng.IntN(28)),
	}
	p.ward = ward(rng)
	return p
}

func pick(rng *rand.Rand, of ...string) string { return of[rng.IntN(len(of))] }

const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

func ward(rng *rand.Rand) string { return fmt.Sprintf("%d%c", 1+rng.IntN(9), capitals[rng.IntN(6)]) }

// name is a word of no language.
func name(rng *rand.Rand) string {
	b := []byte{capitals[rng.IntN(26)]}
	for range 3 + rng.IntN(7) {
		b = append(b, capitals[rng.IntN(26)]|0x20) // in lower case
	}
	return string(b)
}

func (p *person) start(app, code, event, structure string, at time.Time) *hl7.Builder {
	b := hl7.NewBuilder()
	b.Add("MSH").Set(3, app).Set(4, "NORTHFIELD").Set(5, "WARDLIGHT").Set(6, "NORTHFIELD").Set(7, hl7.FormatTime(at)).
		Set(9, code, event, structure).Set(10, fmt.Sprintf("%s%s%d", app, p.number, at.UnixNano()%1e9)).Set(11, "P").Set(12, "2.5.1").Set(18, "UNICODE UTF-8")
	if code == "ADT" {
		b.Add("EVN").Set(1, event).Set(2, hl7.FormatTime(at))
	}
	b.Add("PID").Set(1, "1").Set(3, p.number, "", "", "NORTHFIELD", "MR").Set(5, p.family, p.given).Set(7, p.born).Set(8, p.sex)
	return b
}

func (p *person) stay(b *hl7.Builder) {
	b.Add("PV1").Set(1, "1").Set(2, "I").Set(3, p.ward, "B"+p.bed, p.bed, "NORTHFIELD").Set(7, "1001", p.doctor, "H").
		Set(19, p.visit, "", "", "NORTHFIELD", "VN").Set(44, hl7.FormatTime(p.at))
}

func (p *person) admit() []byte {
	b := p.start("PAS", "ADT", "A01", "ADT_A01", p.at)
	p.stay(b)
	return b.Bytes()
}

// moves puts them into another ward.
func (p *person) moves(rng *rand.Rand) []byte {
	p.at = p.at.Add(time.Duration(1+rng.IntN(2000)) * time.Minute)
	p.ward, p.bed = ward(rng), strconv.Itoa(1+rng.IntN(30))
	b := p.start("PAS", "ADT", "A02", "ADT_A02", p.at)
	p.stay(b)
	return b.Bytes()
}
