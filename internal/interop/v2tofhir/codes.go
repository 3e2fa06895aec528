package v2tofhir

import (
	"regexp"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/interop/hl7"
)

// knownSystems are the names of code systems in HL7 table 0396 that have a
// FHIR url of their own.
var knownSystems = map[string]string{
	"LN":     fhir.SystemLOINC,
	"LOINC":  fhir.SystemLOINC,
	"SCT":    fhir.SystemSNOMED,
	"UCUM":   fhir.SystemUCUM,
	"I10":    "http://hl7.org/fhir/sid/icd-10",
	"I10C":   "http://hl7.org/fhir/sid/icd-10-cm",
	"I9C":    "http://hl7.org/fhir/sid/icd-9-cm",
	"RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
	"NDC":    "http://hl7.org/fhir/sid/ndc",
	"CVX":    "http://hl7.org/fhir/sid/cvx",
	"C4":     "http://www.ama-assn.org/go/cpt",
	"MDC":    "urn:iso:std:iso:11073:10101",
	"NULLFL": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
	"CDCREC": "urn:oid:2.16.840.1.113883.6.238",
}

// knownOIDs are code systems that senders name by their OID or their url.
var knownOIDs = map[string]string{
	"2.16.840.1.113883.6.1":   fhir.SystemLOINC,
	fhir.SystemLOINC:          fhir.SystemLOINC,
	"2.16.840.1.113883.6.96":  fhir.SystemSNOMED,
	fhir.SystemSNOMED:         fhir.SystemSNOMED,
	"2.16.840.1.113883.6.8":   fhir.SystemUCUM,
	fhir.SystemUCUM:           fhir.SystemUCUM,
	"2.16.840.1.113883.6.3":   "http://hl7.org/fhir/sid/icd-10",
	"2.16.840.1.113883.6.90":  "http://hl7.org/fhir/sid/icd-10-cm",
	"2.16.840.1.113883.6.88":  "http://www.nlm.nih.gov/research/umls/rxnorm",
	"2.16.840.1.113883.5.83":  fhir.SystemInterpretation,
	"2.16.840.1.113883.12.78": fhir.SystemInterpretation,
}

var (
	// codeForms are what codes of a system look like: a sender's own code under a
	// public name stays the sender's own.
	codeForms = map[string]*regexp.Regexp{"LN": loincForm, "LOINC": loincForm, "MDC": regexp.MustCompile(`^\d+$`)}
	tableName = regexp.MustCompile(`^HL7[- ]?(\d{4})$`)
	loincForm = regexp.MustCompile(`^\d{1,7}-\d$`)
	oidForm   = regexp.MustCompile(`^[0-2](\.(0|[1-9]\d*))+$`)
	uuidForm  = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// systemOf is the url of a code system as a sender names it. A local name ("L",
// "99LAB", "WinPath") belongs to its sender: two laboratories' K is not one
// code.
func (m *message) systemOf(name, code string) string {
	name = strings.TrimSpace(name)
	if name == "" {
		return ""
	}
	upper := strings.ToUpper(name)
	if form, ok := codeForms[upper]; !ok || form.MatchString(code) {
		if s, ok := knownSystems[upper]; ok {
			return s
		}
	}
	if s, ok := knownOIDs[strings.TrimPrefix(name, "urn:oid:")]; ok {
		return s
	}
	if t := tableName.FindStringSubmatch(strings.ToUpper(name)); t != nil {
		if t[1] == "0078" {
			return fhir.SystemInterpretation
		}
		return "http://terminology.hl7.org/CodeSystem/v2-" + t[1]
	}
	if oidForm.MatchString(name) {
		return "urn:oid:" + name
	}
	return SystemLocal + m.urn + ":" + strings.ReplaceAll(name, " ", "%20")
}

// concept reads a coded value (data types CE, CNE, CWE): up to three codings of
// one meaning, and the words of whoever chose them.
func (m *message) concept(r hl7.Rep) (fhir.CodeableConcept, bool) {
	var c fhir.CodeableConcept
	for _, first := range []int{1, 4, 10} {
		code, display := codeIn(r, first), r.Comp(first+1).Words()
		if code == "" && display == "" {
			continue
		}
		if code == "" {
			if c.Text == "" {
				c.Text = display
			}
			continue
		}
		c.Coding = append(c.Coding, fhir.Coding{System: m.systemOf(text(r.Comp(first+2)), code), Code: code, Display: display})
	}
	if original := r.Comp(9).Words(); original != "" {
		c.Text = original
	}
	return c, len(c.Coding) > 0 || c.Text != ""
}

// codeIn is the code in a component, of which the system stands two further on. CE and
// CWE have no subcomponents there: O&P is one code. Only where the code's system knows how
// its codes look, and the first part alone does, the rest is something else.
func codeIn(r hl7.Rep, n int) string {
	code, first := r.Comp(n).Words(), text(r.Comp(n))
	form := codeForms[strings.ToUpper(text(r.Comp(n+2)))]
	if form != nil && !form.MatchString(code) && form.MatchString(first) {
		return first
	}
	return code
}

// conceptKey is a concept as part of an id: its first coding, else its words.
// Words and spare codings change between versions of one result; the code does
// not.
func conceptKey(c fhir.CodeableConcept) string {
	if len(c.Coding) > 0 {
		return c.Coding[0].System + "|" + c.Coding[0].Code
	}
	return "text|" + normalised(c.Text)
}

// normalised is words for comparing: case and space aside.
func normalised(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// text is a piece's text without the blanks around it; "" for a null.
func text(p interface{ Text() string }) string { return strings.TrimSpace(p.Text()) }

// interpretations are the codes of HL7 table 0078 that are active in FHIR's
// ObservationInterpretation under the same code.
var interpretations = set("A", "AA", "H", "HH", "HU", "L", "LL", "LU", "N", "<", ">", "B", "W", "U", "D",
	"S", "I", "R", "SDD", "NS", "POS", "NEG", "IND", "DET", "ND", "E", "EX", "RR", "WR", "NR", "HX", "LX", "IE")

func set(words ...string) map[string]bool {
	s := make(map[string]bool, len(words))
	for _, w := range words {
		s[w] = true
	}
	return s
}

// interpretation reads OBX-8. A code outside of the table, or without an active
// code in FHIR (AC, TOX, QCF, HM, OBX, MS, VS, "null"), is kept as text: a
// local flag is never painted as one that it is not.
func interpretation(f hl7.Field) []fhir.CodeableConcept {
	var list []fhir.CodeableConcept
	for _, r := range f.Reps() {
		code, display := text(r.Comp(1)), text(r.Comp(2))
		switch {
		case interpretations[code]:
			list = append(list, fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemInterpretation, Code: code, Display: display}}})
		case display != "" && code != "":
			list = append(list, fhir.CodeableConcept{Text: code + " (" + display + ")"})
		case code != "" || display != "":
			list = append(list, fhir.CodeableConcept{Text: code + display})
		}
	}
	return list
}
