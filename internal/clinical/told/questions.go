package told

import "wardlight/internal/words"

// The questions of reviews and what can be answered (sync/merge).

// questions name a test or a substance, and nobody.
func questions() []rule {
	return []rule{
		to(words.FormatOf(written, "Which name is right?")),
		to(words.FormatOf(written, "Which date of birth is right?")),
		to(words.FormatOf(written, "Which sex is right?")),
		to(words.FormatOf(written, "Which number is right?")),
		to(words.FormatOf(written, "Which address is right?")),
		to(words.FormatOf(written, "Which phone number is right?")),
		to(words.FormatOf(written, "Where is the patient?")),
		to(words.FormatOf(written, "Is the patient allergic to this?")),
		to(words.FormatOf(written, "Does the patient still have this allergy?")),
		to(words.FormatOf(written, "What is the patient allergic to?")),
		to(words.FormatOf(written, "What happened?")),
		to(words.FormatOf(written, "Does the patient have this?")),
		to(words.FormatOf(written, "Does the patient still have this?")),
		to(words.FormatOf(written, "What is it?")),
		to(words.FormatOf(written, "Does this warning still hold?")),
		to(words.FormatOf(written, "Which dose is right?")),
		to(words.FormatOf(written, "Does this entry still stand?")),
		to(words.FormatOf(written, "Two people changed the same thing differently. Which is right?")),
		to(words.FormatOf(written, "Does the patient have this allergy, or no known allergies?")),
		to(words.FormatOf(written, "In which bed is the patient?")),
		to(words.FormatOf(written, "Is this test wanted more than once?")),
		to(words.FormatOf(written, "Are these two records one person's?")),
		to(words.FormatOf(written, "Is the patient allergic to %s?"), anything),
		to(words.FormatOf(written, "Is %s wanted more than once?"), anything),
		to(words.FormatOf(written, "%s holds what was also asked for by itself. Is it wanted twice?"), anything),
		to(words.FormatOf(written, "Which result is the one that was phoned: %s?"), asking(Results)),
	}
}

// answers are the sides of a review; what a record holds in itself, a name, a date, is none.
func answers() []rule {
	return []rule{
		to(words.FormatOf(written, "Removed")),
		to(words.FormatOf(written, "Not known")),
		to(words.FormatOf(written, "No known allergies")),
		to(words.FormatOf(written, "No known allergies (withdrawn)")),
		to(words.FormatOf(written, "Allergic: not named")),
		to(words.FormatOf(written, "Not allergic: not named")),
		to(words.FormatOf(written, "Allergic: %s, mild"), substance),
		to(words.FormatOf(written, "Not allergic: %s, mild"), substance),
		to(words.FormatOf(written, "Allergic: %s, moderate"), substance),
		to(words.FormatOf(written, "Not allergic: %s, moderate"), substance),
		to(words.FormatOf(written, "Allergic: %s, severe"), substance),
		to(words.FormatOf(written, "Not allergic: %s, severe"), substance),
		to(words.FormatOf(written, "Allergic: %s"), substance),
		to(words.FormatOf(written, "Not allergic: %s"), substance),
		to(words.FormatOf(written, "Both beds are kept for the patient")),
		to(words.FormatOf(written, "All of them are wanted")),
		to(words.FormatOf(written, "Two different people")),
		to(words.FormatOf(written, "Only the request of %s"), anything),
		to(words.FormatOf(written, "Only the request of somebody unnamed")),
		to(words.FormatOf(written, "Only %s, asked for by %s"), without(", asked for by "), anything),
		to(words.FormatOf(written, "One person; keep %s"), asking(Names)),
		to(words.FormatOf(written, "None of these: the call was about another sample")),
		to(words.FormatOf(written, "Ward %s"), place),
		to(words.FormatOf(written, "Ward %s, bed %s"), place, place),
		to(words.FormatOf(written, "Ward %s, room %s"), place, place),
		to(words.FormatOf(written, "bed %s"), place),
		to(words.FormatOf(written, "room %s"), place),
		to(words.FormatOf(written, "Ward %s, %s"), place, within(statuses)),
		to(words.FormatOf(written, "Ward %s, bed %s, %s"), place, place, within(statuses)),
		to(words.FormatOf(written, "Ward %s, room %s, %s"), place, place, within(statuses)),
		to(words.FormatOf(written, "bed %s, %s"), place, within(statuses)),
		to(words.FormatOf(written, "room %s, %s"), place, within(statuses)),
	}
}

// statusWords are what a stay or a result may be, in FHIR's words.
func statusWords() []rule {
	return []rule{
		to(words.FormatOf(written, "planned")),
		to(words.FormatOf(written, "arrived")),
		to(words.FormatOf(written, "triaged")),
		to(words.FormatOf(written, "onleave")),
		to(words.FormatOf(written, "finished")),
		to(words.FormatOf(written, "cancelled")),
		to(words.FormatOf(written, "entered-in-error")),
		to(words.FormatOf(written, "unknown")),
		to(words.FormatOf(written, "registered")),
		to(words.FormatOf(written, "preliminary")),
		to(words.FormatOf(written, "final")),
		to(words.FormatOf(written, "amended")),
		to(words.FormatOf(written, "corrected")),
	}
}

// resultWords are a result as a question about a phoned one tells of it (submit: resultWords); times stand as they were sent.
func resultWords() []rule {
	return []rule{
		to(words.FormatOf(written, "a result")),
		to(words.FormatOf(written, "%s, told by %s at %s on %s, written down by %s"), test, caller, clock, day, caller),
		to(words.FormatOf(written, "%s, told by %s, written down by %s"), test, untimed, caller),
		to(words.FormatOf(written, "%s, collected %s on %s, %s"), test, clock, day, within(statuses)),
		to(words.FormatOf(written, "%s, %s"), test, within(statuses)),
	}
}

// personWords tell two records apart.
func personWords() []rule {
	return []rule{
		to(words.FormatOf(written, "the record that cannot be read")),
		to(words.FormatOf(written, "the record without a name")),
		to(words.FormatOf(written, "%s, born %s"), called, birth),
		to(words.FormatOf(written, "%s, number %s"), called, anything),
		to(words.FormatOf(written, "%s, born %s, number %s"), called, birth, anything),
		to(words.FormatOf(written, "born %s"), birth),
		to(words.FormatOf(written, "number %s"), anything),
		to(words.FormatOf(written, "born %s, number %s"), birth, anything),
	}
}
