package alert

import (
	"math/big"
	"strconv"
	"strings"

	"wardlight/internal/clinical/fhir"
)

// maxDigits bounds a number: no measurement has more, and an exponent of a
// million would fill the memory.
const maxDigits = 40

// number reads a decimal exactly: digits, an optional sign and point, and an
// exponent of at most three digits, which FHIR allows.
func number(s string) (*big.Rat, bool) {
	if s == "" || len(s) > maxDigits {
		return nil, false
	}
	mantissa, exp, hasExp := strings.Cut(strings.ToLower(s), "e")
	if hasExp {
		n, err := strconv.Atoi(exp)
		if err != nil || n > maxDigits || n < -maxDigits {
			return nil, false
		}
	}
	digits := 0
	for i, c := range mantissa {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && strings.Count(mantissa, ".") == 1:
		case (c == '-' || c == '+') && i == 0:
		default:
			return nil, false
		}
	}
	if digits == 0 {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// must is for the numbers of our own tables.
func must(s string) *big.Rat {
	r, ok := number(s)
	if !ok {
		panic("alert: a table holds " + s)
	}
	return r
}

// roundHalfUp rounds to a number of places after the point, halves upwards
// (toward positive infinity), and gives the result times 10^places.
func roundHalfUp(r *big.Rat, places int) *big.Int {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	x := new(big.Rat).Mul(r, new(big.Rat).SetInt(scale))
	x.Add(x, big.NewRat(1, 2))
	n, m := new(big.Int), new(big.Int)
	n.DivMod(x.Num(), x.Denom(), m) // Euclid: floor, as the denominator is positive
	return n
}

// significant counts the digits that a sender gave: 1.10 has three, 0.05 has
// one, 100 has three.
func significant(s string) int {
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	digits := strings.TrimLeft(strings.NewReplacer("-", "", "+", "", ".", "").Replace(mantissa), "0")
	if digits == "" {
		return 1
	}
	return len(digits)
}

// show writes r with this many significant digits, halves up, never with an
// exponent.
func show(r *big.Rat, digits int) fhir.Decimal {
	if r.Sign() == 0 {
		return fhir.Decimal("0")
	}
	places := digits - 1 - magnitude(r)
	if places < 0 {
		n := roundHalfUp(new(big.Rat).Quo(r, pow10(-places)), 0)
		return fhir.Decimal(n.String() + strings.Repeat("0", -places))
	}
	rounded := new(big.Rat).SetFrac(roundHalfUp(r, places), pow10(places).Num())
	return fhir.Decimal(rounded.FloatString(places))
}

// magnitude is the power of ten of the first digit: 0 for 5, 2 for 123, -2 for
// 0.05.
func magnitude(r *big.Rat) int {
	x := new(big.Rat).Abs(r)
	n := 0
	for ; x.Cmp(big.NewRat(10, 1)) >= 0; n++ {
		x.Quo(x, big.NewRat(10, 1))
	}
	for ; x.Cmp(big.NewRat(1, 1)) < 0; n-- {
		x.Mul(x, big.NewRat(10, 1))
	}
	return n
}

func pow10(n int) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
}
