package ward

import (
	"strings"

	"wardlight/internal/words"
)

// Said is a word or a sentence of the bedside's vocabulary in the language in use: a
// status, a flag, a parameter of NEWS2, why there is no score. The read models hold them
// in English, because they are compared there, kept and sent; whoever draws one says it
// by this. What is not of the vocabulary, such as a sender's own code, stays as it is.
func Said(english string) string {
	if k, ok := vocabulary[english]; ok {
		return k.Say()
	}
	return english
}

// SaidAll says each of a list.
func SaidAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = Said(s)
	}
	return out
}

// Unscored is why there is no score, as Early.Refused has it, without that there is none.
func Unscored(refused string) string { return Said(strings.TrimPrefix(refused, "not scored: ")) }

// SayAge is an age as Age wrote it, in the language in use: "72y", "about 40y".
func SayAge(age string) string {
	rest, about := strings.CutPrefix(age, "about ")
	parts := strings.Fields(rest)
	for i, p := range parts {
		unit, known := ageUnits[p[len(p)-1]]
		if !known {
			return age
		}
		parts[i] = p[:len(p)-1] + unit.Say()
	}
	said := strings.Join(parts, " ")
	if about && said != "" {
		return words.F("about %s", said)
	}
	return said
}

// SayName is somebody's name as it stands in the record, "Grace Mensah, nurse", with the
// role in the language in use. A role goes with a name there, in English, because what is
// kept reads alike for everybody; what follows no role's comma stays as it is.
func SayName(name string) string {
	i := strings.LastIndex(name, ", ")
	if i < 0 {
		return name
	}
	if role, known := rolesBehind[name[i+2:]]; known {
		return name[:i+2] + role.Say()
	}
	return name
}

// rolesBehind are the roles as they stand behind a name, by their English.
var rolesBehind = byEnglish(
	words.KC("role", "nurse"), words.KC("role", "charge nurse"), words.KC("role", "doctor"), words.KC("role", "ward clerk"),
	words.KC("role", "interface manager"), words.KC("role", "administrator"), words.KC("role", "privacy officer"),
)

// ageUnits are the units of an age by the letter that Age writes.
var ageUnits = map[byte]words.Key{'y': words.KC("age", "y"), 'm': words.KC("age", "m"), 'w': words.KC("age", "w"), 'd': words.KC("age", "d")}

// vocabulary are the words by their English.
var vocabulary = byEnglish(
	// A result's status (alert.StatusWord), and its flag.
	words.K("in laboratory"), words.K("preliminary"), words.K("partial"), words.K("final"), words.K("amended"), words.K("corrected"),
	words.K("comment added"), words.K("cancelled"), words.K("withdrawn"), words.K("status not known"), words.K(PhonedNotConfirmed),
	words.K("CRITICAL HIGH"), words.K("CRITICAL LOW"), words.K("CRITICAL"), words.K("MAY BE CRITICAL"), words.K("MAY BE CRITICAL HIGH"), words.K("MAY BE CRITICAL LOW"),
	// Where a stay, a problem, a task or an order stands.
	words.K("here now"), words.K("on leave"), words.K("expected"), words.K("ended"), words.K("entered in error"),
	words.K("active"), words.K("resolved"), words.K("refuted"), words.K("open"), words.K("done"),
	words.K("waiting for the laboratory link"), words.K("asked for in another system"), words.K("on hold"), words.K("requested; not on the drug chart yet"), words.K("stopped"), words.K("results are here"),
	// The kind of a stay.
	words.K("inpatient"), words.K("outpatient"), words.K("emergency"), words.K("before admission"), words.K("observation"), words.K("day case"), words.K("by video or phone"), words.K("at home"),
	// How certain, how severe.
	words.K("confirmed"), words.K("unconfirmed"), words.K("provisional"), words.K("differential"), words.K("entered-in-error"),
	words.K("mild"), words.K("moderate"), words.K("severe"),
	// The sexes (administrative gender).
	words.KC("sex", "Female"), words.KC("sex", "Male"), words.KC("sex", "Other"), words.KC("sex", "Not known"),
	// Roles.
	words.K("nurse"), words.K("charge nurse"), words.K("doctor"), words.K("pharmacist"), words.K("ward clerk"), words.K("interface manager"), words.K("privacy officer"),
	// The parameters of NEWS2, and what alert.NEWS2 says of a set.
	words.K("respirations"), words.K("oxygen saturation"), words.K("air or oxygen"), words.K("systolic blood pressure"), words.K("pulse"), words.K("consciousness"), words.K("temperature"),
	words.K("air"), words.K("oxygen"),
	words.K("not scored: age not known"), words.K("not scored: under 16, use the children's chart"), words.K("not scored: pregnant, use the maternity chart"),
	words.K("age not known"), words.K("under 16, use the children's chart"), words.K("pregnant, use the maternity chart"),
	words.K("Emergency threshold. Tell at least a specialist registrar at once; critical care team with airway skills; consider level 2 or 3 care."),
	words.K("Urgent threshold. Tell the team at once; urgent assessment by a clinician competent in acute illness; monitored place."),
	words.K("A 3 in one parameter. Tell the medical team, who review and decide."),
	words.K("A registered nurse assesses, and decides on frequency or escalation."),
	words.K("Routine observations."),
)

func byEnglish(list ...words.Key) map[string]words.Key {
	out := make(map[string]words.Key, len(list))
	for _, k := range list {
		out[k.English()] = k
	}
	return out
}
