package routine

import "time"

// The starters are words to begin with, for an adult ward. They are nobody's
// policy: a site takes one over, changes what it will, and owns it from the first
// version on. What they name is what this project's clinical notes ask for: allergies
// asked about before the first drug order (5.2), the four sentences of the banner
// (6.1), a NEWS2 set with its response (1), the parts of a handover (7.1), tasks that
// are closed, moved or sent to follow-up at discharge (7.2), results that come after
// the discharge (3.3), and the right patient before anything else (8.1, item 1.5). The
// times until a routine is late are ours, and the site's to change.

// Starters are those that a site may take over.
func Starters() []Routine {
	return []Routine{
		{
			Starter: "adult-admission", Name: "Admission, adult ward", Kind: Admission, Number: 1, Within: 6 * time.Hour,
			Steps: steps(
				"Right patient: name, date of birth and number checked with the patient and the wristband", NoPage,
				"Allergies asked about and recorded, or recorded that there are none known", Allergies,
				"First observations taken and scored", Observations,
				"Blood results that came before the ward looked at", Results,
				"Tests that are still to be taken asked for", Orders,
				"Resuscitation status and lines read in the notes", Notes,
				"Isolation or not: asked, and the bed marked", NoPage,
				"Next of kin and how to reach them written down", Notes,
				"What is still to be done given to somebody, with a time", Tasks,
				"Handover from the sending ward accepted", Handover,
			),
		},
		{
			Starter: "adult-discharge", Name: "Discharge, adult ward", Kind: Discharge, Number: 1,
			Steps: steps(
				"Right patient: name, date of birth and number checked with the patient and the wristband", NoPage,
				"Last observations taken; the score is what the team expects", Observations,
				"Results that are not back yet: who looks at them, and who tells the patient", Results,
				"Critical and corrected results taken by somebody", Results,
				"Every open task closed, moved or sent to follow-up", Tasks,
				"Allergies on the letter are those on the chart", Allergies,
				"Medicines to take home checked with the patient", NoPage,
				"Lines and cannulas taken out", NoPage,
				"The patient knows whom to call, and for what", NoPage,
				"Letter sent, and a copy given", NoPage,
			),
		},
		{
			Starter: "adult-round", Name: "Observation round", Kind: Round, Number: 1, Within: time.Hour,
			Steps: steps(
				"Right patient: name and date of birth asked", NoPage,
				"Observations taken and scored", Observations,
				"Pain asked about", Observations,
				"The team told, where the score asks for it", Handover,
				"Lines looked at", NoPage,
				"The call bell is within reach", NoPage,
			),
		},
	}
}

// steps makes steps of words and pages in turn.
func steps(list ...any) []Step {
	var out []Step
	for i := 0; i+1 < len(list); i += 2 {
		s := Step{ID: NewStepID(out, 1)}
		s.Words, _ = list[i].(string)
		s.Page, _ = list[i+1].(Page)
		out = append(out, s)
	}
	return out
}
