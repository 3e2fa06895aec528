package told

import "wardlight/internal/words"

// Why central did not take an entry, and what it remarks on one that it took.

// refusals are those of central/submit, of trust/rbac and of the ward's own settings.
func refusals() []rule {
	return []rule{
		to(words.FormatOf(written, "the entry is malformed")),
		to(words.FormatOf(written, "an entry of a computer may not pose as a message of another system")),
		to(words.FormatOf(written, "the entry names another patient than the one it belongs to")),
		to(words.FormatOf(written, "the entry has no author")),
		to(words.FormatOf(written, "the author is not known to central")),
		to(words.FormatOf(written, "the kind of an observation cannot be changed")),
		to(words.FormatOf(written, "a laboratory's result is changed by the laboratory only")),
		to(words.FormatOf(written, "what it is about is not held by central")),
		to(words.FormatOf(written, "the entry is about something of another patient")),
		to(words.FormatOf(written, "this computer was shut out; what it sent is kept for the administrator")),
		to(words.FormatOf(written, "written under emergency access")),
		to(words.FormatOf(written, "the patient had left this computer's ward")),
		to(words.FormatOf(written, "the patient is not known to central")),
		to(words.FormatOf(written, "the entry's content is not what its head says")),
		to(words.FormatOf(written, "an element of the entry has the wrong shape")),
		to(words.FormatOf(written, "the entry's content is about another patient than its head says")),
		to(words.FormatOf(written, "the entry changes something that central does not hold")),
		to(words.FormatOf(written, "written against a version that central no longer holds")),
		to(words.FormatOf(written, "the entry builds on an earlier one that central does not hold")),
		to(words.FormatOf(written, "the author had not seen an allergy that was recorded")),
		to(words.FormatOf(written, "the entry's content is malformed; it is kept for whoever looks after this program")),
		to(words.FormatOf(written, "the entry cannot be read")),
		to(words.FormatOf(written, "the entry's number is malformed")),
		to(words.FormatOf(written, "the entry was made on another computer than the one that sent it")),
		to(words.FormatOf(written, "the entry is not signed by this computer's key")),
		to(words.FormatOf(written, "sequence reused: cloned disk")),
		to(words.FormatOf(written, "the list is malformed")),
		to(words.FormatOf(written, "a list of patients is kept by the person whose it is")),
		to(words.FormatOf(written, "these are no limits of an alert rule")),
		to(words.FormatOf(written, "somebody changed the limits meanwhile; look at them again")),
		to(words.FormatOf(written, "the limits as they stand cannot be read here, so they are not written over")),
		to(words.FormatOf(written, "a limit is set in one's own name")),
		to(words.FormatOf(written, "a limit is set while the network is there; look at it again")),
		to(words.FormatOf(written, "a limit of the whole hospital is set by somebody who covers the whole hospital")),
		to(words.FormatOf(written, "a ward's limit is set at a computer of that ward")),
		to(words.FormatOf(written, "a ward's limit is set by somebody of that ward")),
		to(words.FormatOf(written, "this is no ward's rota")),
		to(words.FormatOf(written, "a ward's rota is kept at a computer of that ward")),
		to(words.FormatOf(written, "somebody changed the rota meanwhile; look at it again")),
		to(words.FormatOf(written, "a routine belongs to no patient")),
		to(words.FormatOf(written, "a routine of the whole site is written by somebody who covers the whole site")),
		to(words.FormatOf(written, "a ward's routine is written at a computer of that ward")),
		to(words.FormatOf(written, "a ward's routine is written by somebody of that ward")),
		to(words.FormatOf(written, "somebody changed the routine meanwhile; look at it again")),
		to(words.FormatOf(written, "a routine stays with its ward; make another one")),
		to(words.FormatOf(written, "the routine's version does not follow the one before")),
		to(words.FormatOf(written, "a task does not turn into a routine, nor a routine into a task")),
		to(words.FormatOf(written, "the routine cannot be read")),
		to(words.FormatOf(written, "a routine is done for a patient")),
		to(words.FormatOf(written, "the steps of a routine that was begun do not change")),
		to(words.FormatOf(written, "the routine holds more ticks than anybody reads")),
		to(words.FormatOf(written, "a tick cannot be read")),
		to(words.FormatOf(written, "a step is ticked in one's own name")),
		to(words.FormatOf(written, "a tick is of a step that the routine does not have")),
		to(words.FormatOf(written, "a step that is not needed needs a reason, and a short one")),
		to(words.FormatOf(written, "the decision could not be carried out; both entries stand")),
		to(words.FormatOf(written, "central was emptied on purpose after this was signed; it does not come back")),
		to(words.FormatOf(written, "called off before the restore; what stands here now decides")),
		to(words.FormatOf(written, "given back after a restore; what was written since is in force")),
		to(words.FormatOf(written, "given back after a restore and merged with what was written since")),
		to(words.FormatOf(written, "given back after a restore: central had signed it")),
		to(words.FormatOf(written, "an older message about a diagnosis came after a newer one")),
		to(words.FormatOf(written, "an older message about an allergy came after a newer one")),
		to(words.FormatOf(written, "an older message, which came after a newer one")),
		to(words.FormatOf(written, "for a patient who had been discharged")),
		to(words.FormatOf(written, "received after discharge")),
		to(words.FormatOf(written, "An older movement arrived after a newer one; it is kept in the history.")),
		to(words.FormatOf(written, "The patient was examined after the stay had ended.")),
		to(words.FormatOf(written, "The sender took the merge of two records back.")),
		to(words.FormatOf(written, "The sender merged two records of one person.")),
		to(words.FormatOf(written, "Named by a merge only.")),
		to(words.FormatOf(written, "the role is not known here; ask the administrator")),
		to(words.FormatOf(written, "the account or the computer was closed before this was written")),
		to(words.FormatOf(written, "the patient is not, and was not, on a ward of this computer")),
		to(words.FormatOf(written, "the patient is not on a ward of this person; emergency access needs a reason")),
		to(words.FormatOf(written, "your account is not known to the server")),
		to(words.FormatOf(written, "not needed any more")),
		to(words.FormatOf(written, "written down by mistake")),
		to(words.FormatOf(written, "the entry builds on one that was refused: %s"), within(Reasons)),
		to(words.FormatOf(written, "refused: %s"), within(Reasons)),
		to(words.FormatOf(written, "filed in part: %s"), within(Reasons)),
		to(words.FormatOf(written, "the author had not seen the newest %s"), letters),
		to(words.FormatOf(written, "a list holds at most %s patients; take some off it first"), number),
		to(words.FormatOf(written, "the limit is not set: %s"), asking(limitWrong)),
		to(words.FormatOf(written, "the rota cannot be read: %s"), asking(rotaLine)),
		to(words.FormatOf(written, "the routine cannot be read: %s"), asking(routineWrong)),
		to(words.FormatOf(written, "a %s may not %s %s"), within(roles), within(actions), within(kinds)),
	}
}

// roleWords are the roles as a refusal has them.
func roleWords() []rule {
	return []rule{
		to(words.FormatOf(written, "nurse")),
		to(words.FormatOf(written, "charge nurse")),
		to(words.FormatOf(written, "doctor")),
		to(words.FormatOf(written, "ward clerk")),
		to(words.FormatOf(written, "administrator")),
		to(words.FormatOf(written, "privacy officer")),
		to(words.FormatOf(written, "computer")),
		to(words.FormatOf(written, "interface manager")),
	}
}

// actionWords are what a role may not.
func actionWords() []rule {
	return []rule{
		to(words.FormatOf(written, "view")),
		to(words.FormatOf(written, "create")),
		to(words.FormatOf(written, "change")),
		to(words.FormatOf(written, "decide on")),
		to(words.FormatOf(written, "export")),
		to(words.FormatOf(written, "manage")),
		to(words.FormatOf(written, "replay")),
	}
}

// kindWords are of what: a type of FHIR.
func kindWords() []rule {
	return []rule{
		to(words.FormatOf(written, "%s entries"), letters),
		to(words.FormatOf(written, "that")),
	}
}
