package paper

// An Arabic letter has up to four forms, by whether it joins the letters beside
// it (Unicode, Arabic Presentation Forms-B). The writer of the file draws letter
// by letter and chooses no forms itself, so they are chosen here.

// forms are isolated, final, initial and medial; a letter without the last two
// does not join what follows it.
type forms [4]rune

var arabic = map[rune]forms{
	'ء': {0xFE80}, 'آ': {0xFE81, 0xFE82}, 'أ': {0xFE83, 0xFE84}, 'ؤ': {0xFE85, 0xFE86}, 'إ': {0xFE87, 0xFE88},
	'ئ': {0xFE89, 0xFE8A, 0xFE8B, 0xFE8C}, 'ا': {0xFE8D, 0xFE8E}, 'ب': {0xFE8F, 0xFE90, 0xFE91, 0xFE92}, 'ة': {0xFE93, 0xFE94},
	'ت': {0xFE95, 0xFE96, 0xFE97, 0xFE98}, 'ث': {0xFE99, 0xFE9A, 0xFE9B, 0xFE9C}, 'ج': {0xFE9D, 0xFE9E, 0xFE9F, 0xFEA0},
	'ح': {0xFEA1, 0xFEA2, 0xFEA3, 0xFEA4}, 'خ': {0xFEA5, 0xFEA6, 0xFEA7, 0xFEA8}, 'د': {0xFEA9, 0xFEAA}, 'ذ': {0xFEAB, 0xFEAC},
	'ر': {0xFEAD, 0xFEAE}, 'ز': {0xFEAF, 0xFEB0}, 'س': {0xFEB1, 0xFEB2, 0xFEB3, 0xFEB4}, 'ش': {0xFEB5, 0xFEB6, 0xFEB7, 0xFEB8},
	'ص': {0xFEB9, 0xFEBA, 0xFEBB, 0xFEBC}, 'ض': {0xFEBD, 0xFEBE, 0xFEBF, 0xFEC0}, 'ط': {0xFEC1, 0xFEC2, 0xFEC3, 0xFEC4},
	'ظ': {0xFEC5, 0xFEC6, 0xFEC7, 0xFEC8}, 'ع': {0xFEC9, 0xFECA, 0xFECB, 0xFECC}, 'غ': {0xFECD, 0xFECE, 0xFECF, 0xFED0},
	'ف': {0xFED1, 0xFED2, 0xFED3, 0xFED4}, 'ق': {0xFED5, 0xFED6, 0xFED7, 0xFED8}, 'ك': {0xFED9, 0xFEDA, 0xFEDB, 0xFEDC},
	'ل': {0xFEDD, 0xFEDE, 0xFEDF, 0xFEE0}, 'م': {0xFEE1, 0xFEE2, 0xFEE3, 0xFEE4}, 'ن': {0xFEE5, 0xFEE6, 0xFEE7, 0xFEE8},
	'ه': {0xFEE9, 0xFEEA, 0xFEEB, 0xFEEC}, 'و': {0xFEED, 0xFEEE}, 'ى': {0xFEEF, 0xFEF0}, 'ي': {0xFEF1, 0xFEF2, 0xFEF3, 0xFEF4},
	// Persian and Urdu (Presentation Forms-A).
	'پ': {0xFB56, 0xFB57, 0xFB58, 0xFB59}, 'چ': {0xFB7A, 0xFB7B, 0xFB7C, 0xFB7D}, 'ژ': {0xFB8A, 0xFB8B},
	'ک': {0xFB8E, 0xFB8F, 0xFB90, 0xFB91}, 'گ': {0xFB92, 0xFB93, 0xFB94, 0xFB95}, 'ی': {0xFBFC, 0xFBFD, 0xFBFE, 0xFBFF},
}

// lamAlef are the ligatures of lam with an alef, isolated and final: they are
// compulsory.
var lamAlef = map[rune]forms{
	'آ': {0xFEF5, 0xFEF6}, 'أ': {0xFEF7, 0xFEF8}, 'إ': {0xFEF9, 0xFEFA}, 'ا': {0xFEFB, 0xFEFC},
}

// joinArabic gives each Arabic letter its form, in the order of reading. Where the
// typeface lacks a form the letter stays as it is.
func joinArabic(s string) string {
	letters := []rune(s)
	out := make([]rune, 0, len(letters))
	joins := false // the letter before joins this one
	for i := 0; i < len(letters); i++ {
		r := letters[i]
		if isMark(r) {
			out = append(out, r) // it sits on a letter and parts nothing
			continue
		}
		f, known := arabic[r]
		if !known {
			out, joins = append(out, r), r == 'ـ'
			continue
		}
		if next := after(letters, i); r == 'ل' && next > 0 {
			if lig, ok := lamAlef[letters[next]]; ok {
				out, joins = append(out, pick(r, lig, joins, false)), false
				i = next
				continue
			}
		}
		next := after(letters, i)
		follows := next > 0 && joinsBefore(letters[next]) && f[2] != 0
		out = append(out, pick(r, f, joins, follows))
		joins = f[2] != 0
	}
	return string(out)
}

// pick is the form of a letter between its neighbours.
func pick(letter rune, f forms, before, follows bool) rune {
	form := f[0]
	switch {
	case before && follows && f[3] != 0:
		form = f[3]
	case before && f[1] != 0:
		form = f[1]
	case follows && f[2] != 0:
		form = f[2]
	}
	if faceOf(form) == "" {
		return letter
	}
	return form
}

// after is the place of the next letter, marks passed over; 0 where there is none.
func after(letters []rune, i int) int {
	for j := i + 1; j < len(letters); j++ {
		if !isMark(letters[j]) {
			return j
		}
	}
	return 0
}

// joinsBefore says whether a letter joins the one before it.
func joinsBefore(r rune) bool {
	f, ok := arabic[r]
	return r == 'ـ' || ok && f[1] != 0
}

// isMark says whether it is a vowel sign, which sits on a letter.
func isMark(r rune) bool { return r >= 0x064B && r <= 0x065F || r == 0x0670 }
