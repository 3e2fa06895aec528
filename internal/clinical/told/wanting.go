package told

import "wardlight/internal/words"

// rotaWords are why a rota was not taken.
func rotaWords() []rule {
	return []rule{
		to(words.FormatOf(written, "the rota is too long")),
		to(words.FormatOf(written, "the rota has too many lines")),
		to(words.FormatOf(written, "the first line is \"rota %s\": this program reads no other"), number),
		to(words.FormatOf(written, "a line such as \"zone Europe/London\" is missing: times mean nothing without it")),
		to(words.FormatOf(written, "%s has no line \"person %s; phone …\""), anything, anything),
		to(words.FormatOf(written, "this time zone is not known; write one such as Europe/London")),
		to(words.FormatOf(written, "a shift is: role; person; days and hours, such as \"registrar; Dr Ana Ruiz; Mon-Fri 20:00-08:00\"")),
		to(words.FormatOf(written, "days are daily, Mon, Mon-Fri or Sat,Sun")),
		to(words.FormatOf(written, "a dated shift is: date; role; person; hours, such as \"2026-12-25; registrar; Dr Tom Lee; 08:00-20:00\"")),
		to(words.FormatOf(written, "a date is written 2026-12-25")),
		to(words.FormatOf(written, "a line begins with zone, person, shift, on, or # for a remark")),
		to(words.FormatOf(written, "a person has a name")),
		to(words.FormatOf(written, "%s stands in the rota twice"), anything),
		to(words.FormatOf(written, "a person is reached by phone, pager or mail, each with its number or address")),
		to(words.FormatOf(written, "this is no mail address")),
		to(words.FormatOf(written, "hours are written 20:00-08:00")),
		to(words.FormatOf(written, "a shift names a role and a person")),
	}
}

// routineWords are why a routine was not taken.
func routineWords() []rule {
	return []rule{
		to(words.FormatOf(written, "give it a name of up to %s characters on one line"), number),
		to(words.FormatOf(written, "say what it is for: admission, discharge, observation round or other")),
		to(words.FormatOf(written, "the ward's name is too long")),
		to(words.FormatOf(written, "the time until it is late is 0 to 14 days, in whole minutes")),
		to(words.FormatOf(written, "its version is not a number from 1")),
		to(words.FormatOf(written, "a routine has 1 to %s steps"), number),
		to(words.FormatOf(written, "step %s needs words, up to %s characters on one line"), number, number),
		to(words.FormatOf(written, "step %s has no name of its own in the record"), number),
		to(words.FormatOf(written, "step %s opens no page that there is"), number),
		to(words.FormatOf(written, "every step is switched off: switch the routine off instead")),
	}
}

// limitRefusals are why a limit was not set.
func limitRefusals() []rule {
	return []rule{
		to(words.FormatOf(written, "this rule has no limits that a site sets")),
		to(words.FormatOf(written, "a limit is the low or the high one")),
		to(words.FormatOf(written, "the limits of one rule are set %s times at most"), number),
		to(words.FormatOf(written, "say why, on one line of up to %s characters"), number),
		to(words.FormatOf(written, "a limit is set by somebody, at some time")),
		to(words.FormatOf(written, "this limit is set in %s; nothing is converted"), anything),
		to(words.FormatOf(written, "this limit is not one that a site sets")),
		to(words.FormatOf(written, "it is so already: %s"), anything),
		to(words.FormatOf(written, "limits are set one after another")),
		to(words.FormatOf(written, "what was set before does not change")),
		to(words.FormatOf(written, "the limit is not a number such as %s"), decimal),
		to(words.FormatOf(written, "it may be set from %s to %s %s: beyond that what has to be shown would not be (%s)"), decimal, decimal, without(":"), anything),
	}
}

// inLine is why a rota was not taken, with its line.
func inLine() []rule {
	return []rule{to(words.FormatOf(written, "line %s: %s"), number, within(rotaWrong))}
}
