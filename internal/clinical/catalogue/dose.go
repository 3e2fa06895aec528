package catalogue

import (
	"regexp"
	"strings"

	"wardlight/internal/words"
)

// Ways of writing a dose that have been misread (ISMP's list of error-prone
// abbreviations): "5.0" as 50, ".5" as 5, "U" as 0, "mcg" and "µg" as mg.
var (
	trailingZero = regexp.MustCompile(`\d\.\d*0(\D|$)`)
	nakedPoint   = regexp.MustCompile(`(^|[^\d])\.\d`)
	shortUnits   = regexp.MustCompile(`(?i)\d\s*(u|iu)\b`)
	shortMicro   = regexp.MustCompile(`(?i)\d\s*(mcg|ug|µg|μg)\b`)
)

// DoseTrouble is why a dose may be misread, in words; "" where it may not. It says
// nothing of whether the dose is right.
func DoseTrouble(dose string) string {
	dose = strings.TrimSpace(dose)
	switch {
	case dose == "":
		return words.T("Write the dose, the route and how often.")
	case !strings.ContainsAny(dose, "0123456789"):
		return words.T("The dose has no number.")
	case nakedPoint.MatchString(dose):
		return words.T("Write a zero before the point: 0.5, not .5.")
	case trailingZero.MatchString(dose):
		return words.T("Write no zero after the point: 5, not 5.0.")
	case shortUnits.MatchString(dose):
		return words.T("Write “units” in full.")
	case shortMicro.MatchString(dose):
		return words.T("Write “micrograms” in full.")
	}
	return ""
}
