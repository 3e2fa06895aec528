package told

import "wardlight/internal/words"

// What the ward reads of a message that is held back (submit: heldWords, warnLate).

// warnings are whole: the frame, and what was put before it when the warning was over.
func warnings() []rule {
	return []rule{
		to(words.FormatOf(written, "%s. Why: %s. Phone the %s."), knownOr(heads), knownOr(Reasons), knownOr(Owners)),
		to(words.FormatOf(written, "%s. Why: %s. Message %s from %s. Phone the %s."), knownOr(heads), knownOr(Reasons), named, named, knownOr(Owners)),
		to(words.FormatOf(written, "%s. The message says it is for %s. Why: %s. Phone the %s."), knownOr(heads), person, knownOr(Reasons), knownOr(Owners)),
		to(words.FormatOf(written, "%s. The message says it is for %s. Why: %s. Message %s from %s. Phone the %s."), knownOr(heads), person, knownOr(Reasons), named, named, knownOr(Owners)),
		to(words.FormatOf(written, "%s. Why: %s. Every ward is told: call the laboratory, and ask whose it is and who looks after them."), knownOr(heads), knownOr(Reasons)),
		to(words.FormatOf(written, "%s. Why: %s. Message %s from %s. Every ward is told: call the laboratory, and ask whose it is and who looks after them."), knownOr(heads), knownOr(Reasons), named, named),
		to(words.FormatOf(written, "Received after discharge: %s, critical. It is filed; nobody's screen shows it. Tell the discharging team and the doctor on call."), named),
		to(words.FormatOf(written, "Received after discharge: %s, critical. It is filed; nobody's screen shows it. Tell the discharging team and the doctor on call. It is of %s."), named, person),
		to(words.FormatOf(written, "Filed now. %s"), within(Warnings)),
		to(words.FormatOf(written, "Corrected by message %s from %s. %s"), named, named, within(Warnings)),
		to(words.FormatOf(written, "Dismissed by %s: %s. %s"), named, anything, within(Warnings)),
	}
}

// warningHeads say what is not filed, and whether anybody knows whose it is.
func warningHeads() []rule {
	return []rule{
		to(words.FormatOf(written, "A critical result of a patient whom nobody here knows. Not filed, identity unconfirmed: %s"), knownOr(values)),
		to(words.FormatOf(written, "A critical result of a patient who is on no ward here. Not filed as it should be: %s"), knownOr(values)),
		to(words.FormatOf(written, "Filed as words only, not as a number: %s"), knownOr(values)),
		to(words.FormatOf(written, "Part of a message was not filed")),
		to(words.FormatOf(written, "Not filed: %s"), knownOr(values)),
		to(words.FormatOf(written, "A message could not be filed, identity unconfirmed")),
		to(words.FormatOf(written, "Not filed, identity unconfirmed: %s"), knownOr(values)),
	}
}

// criticals are values as the message has them, with the limit that each is beyond.
func criticals() []rule {
	return []rule{
		to(words.FormatOf(written, "%s, critical (%s)"), valued, asking(Limits)),
		to(words.FormatOf(written, "%s, may be critical (%s)"), valued, asking(Limits)),
	}
}

// limitWords are those of the rules (clinical/alert) where central put them into a warning.
func limitWords() []rule {
	return []rule{
		to(words.FormatOf(written, "ward limit %s"), decimal),
		to(words.FormatOf(written, "limit %s of the program, table %s of %s"), decimal, letters, day),
		to(words.FormatOf(written, "limit %s of this hospital, version %s of %s"), decimal, number, day),
		to(words.FormatOf(written, "limit %s of ward %s, version %s of %s"), decimal, anything, number, day),
		to(words.FormatOf(written, "may be beyond the ward limit %s"), decimal),
		to(words.FormatOf(written, "may be beyond the limit %s of the program, table %s of %s"), decimal, letters, day),
		to(words.FormatOf(written, "may be beyond the limit %s of this hospital, version %s of %s"), decimal, number, day),
		to(words.FormatOf(written, "may be beyond the limit %s of ward %s, version %s of %s"), decimal, anything, number, day),
		to(words.FormatOf(written, "%s (age not known)"), within(limit)),
		to(words.FormatOf(written, "%s (adult limit: none is set for children)"), within(limit)),
		to(words.FormatOf(written, "laboratory flag %s"), letters),
		to(words.FormatOf(written, "any growth is critical")),
		to(words.FormatOf(written, "if read as %s"), without(", ", "(")),
		to(words.FormatOf(written, "compared in %s"), without(", ", "(")),
	}
}

// owners are who is asked to put a message right.
func owners() []rule {
	return []rule{
		to(words.FormatOf(written, "interface manager")),
		to(words.FormatOf(written, "registration desk")),
		to(words.FormatOf(written, "laboratory")),
	}
}
