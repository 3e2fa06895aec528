package told

import "wardlight/internal/words"

// Why a message of another system cannot be filed, or not all of it.

// messages are what its reading finds (interop/v2tofhir).
func messages() []rule {
	return []rule{
		to(words.FormatOf(written, "the message names more than one patient, which this event does not allow; ask the sender what it means")),
		to(words.FormatOf(written, "the message must name two patients who change beds; ask the sender what it means")),
		to(words.FormatOf(written, "the movement names neither the visit (PV1-19) nor its admission time (PV1-44), so it cannot be told which stay it is about; ask the sender to send the visit number")),
		to(words.FormatOf(written, "the message has no PID segment, so nobody knows whom it is about; ask the sender to send one")),
		to(words.FormatOf(written, "PID-3 holds no patient identifier, and a patient is never matched by name alone; ask the sender to send one, then replay")),
		to(words.FormatOf(written, "no identifier in PID-3 names the authority that assigned it (component 4), and this channel has no default; ask the sender to send it or give the channel a default, then replay")),
		to(words.FormatOf(written, "a line of the message (line %s) is no segment and was not read: it may be the rest of a text with a line break in it, or a segment's name may be misspelt; ask the sender to send line breaks as \\.br\\ and segment names as HL7 has them, and to send the message again"), lines),
		to(words.FormatOf(written, "the merge does not say which record is retired (MRG-1, with the authority that assigned the number); ask the sender to send it, then replay")),
		to(words.FormatOf(written, "the message must name two patients whose records are taken apart; ask the sender what it means")),
		to(words.FormatOf(written, "a result's status (OBX-11, line %s of the message) is not in HL7 table 0085; ask the laboratory to send it again with a valid one"), lines),
		to(words.FormatOf(written, "a result names no test (OBX-3, line %s of the message); ask the laboratory to send it again with its code"), lines),
		to(words.FormatOf(written, "the report's status (OBR-25, line %s of the message) says that it answers a query; ask the laboratory to send results as results"), lines),
		to(words.FormatOf(written, "a number is written with a comma (OBX-5, line %s of the message), which may mean a decimal or a thousand; ask the laboratory to send it with a point"), lines),
		to(words.FormatOf(written, "the message could not be translated because of a fault of this program; give its makers the message and replay it after an update")),
		to(words.FormatOf(written, "the message seems to have been cut off: its last segment has no end and is shorter than its like; ask the sender to send it again")),
		to(words.FormatOf(written, "the message cannot be read: its bytes do not fit the character set that it names in MSH-18; ask the sender to correct that, then let it send the message again")),
		to(words.FormatOf(written, "the message is written in a character set that cannot be read here (MSH-18); ask the sender to use UTF-8")),
		to(words.FormatOf(written, "the message is larger than this channel takes; ask the sender to send it in parts")),
		to(words.FormatOf(written, "the message is one part of several (ADD or DSC segment), and parts are not put together here; ask the sender to send it in one piece")),
		to(words.FormatOf(written, "an allergy names no substance (AL1-3 or IAM-3, line %s of the message); ask the sender to send it again with its name, and until then ask the patient"), lines),
		to(words.FormatOf(written, "an allergy is taken back by its number alone (IAM-7, line %s of the message) and stays in force here; ask the sender to name its substance in IAM-3 as well, or refute it at a computer of the ward"), lines),
		to(words.FormatOf(written, "two patients change beds (A17), and the message does not say for both which is theirs now (PV1-3); ask the wards who lies where, and the sender to send both")),
		to(words.FormatOf(written, "a cancelled move (A12) does not say where the patient is (PV1-3), so the stay was left where the move had led; ask the ward, and the sender to send the place")),
	}
}

// filing is what central finds when it files one (central/submit).
func filing() []rule {
	return []rule{
		to(words.FormatOf(written, "an earlier message about this patient's identity is held back (%s); replay or dismiss that one, and this one follows by itself"), without("); ")),
		to(words.FormatOf(written, "an earlier message about this patient's identity is held back (%s); settle and replay that one, then replay this one"), without("); ")),
		to(words.FormatOf(written, "the message could not be filed because of a fault of this program; give its makers the message, and replay it after an update")),
		to(words.FormatOf(written, "the control id was used before for another message; ask the sender to number its messages, then replay")),
		to(words.FormatOf(written, "a number was sent as words, so no limit was applied to it; ask the laboratory to send it as a number (NM)")),
		to(words.FormatOf(written, "the laboratory declares a result final (OBX-11 U or V) whose value is not here; it becomes final by itself when the value comes: ask the laboratory for it")),
		to(words.FormatOf(written, "the laboratory has sent several results under this number and name, and this one does not say which of them it means; ask the laboratory, and have it send all of them again")),
		to(words.FormatOf(written, "the number of the record to be retired (MRG-1) is registered as one of another kind; ask the sender to name the kind that the registration names (MRG-1.5), then replay")),
		to(words.FormatOf(written, "the new number belongs to another record already: a change of number (A47) joins no records; find out at the registration desk whether they are one person, and let the sender merge them (A40) or correct the number")),
		to(words.FormatOf(written, "the sender's number for this belongs to another patient already; ask the laboratory which is right, then replay")),
		to(words.FormatOf(written, "code and unit of a result do not belong together (mass and moles); ask the laboratory, then replay")),
		to(words.FormatOf(written, "an element of a translated resource has the wrong shape; tell the makers of this program, and replay after an update")),
		to(words.FormatOf(written, "the message names no patient identifier with the authority that assigned it; ask the sender to send PID-3 with one")),
		to(words.FormatOf(written, "possible mix-up: the identifiers belong to different patients; compare them and merge or correct at the registration desk, then replay")),
		to(words.FormatOf(written, "unknown patient: the number is registered as one of another kind (PID-3.5); ask the sender to name the kind that the registration names, then replay")),
		to(words.FormatOf(written, "unknown patient: no admission or registration has named this identifier; register the patient, then replay")),
		to(words.FormatOf(written, "possible mix-up: one identifier is known, but the message has another hospital number than that patient's record; find out at the registration desk whether they are one person, merge or correct them there, then replay")),
		to(words.FormatOf(written, "the identifier belonged to a patient from whom it has been taken since; ask the registration desk whose it is, then replay")),
		to(words.FormatOf(written, "the patient's record cannot be read; tell the administrator")),
		to(words.FormatOf(written, "possible wrong patient: the identifier is known, but birth date and family name both differ; ask the sender, correct it there or here, then replay")),
		to(words.FormatOf(written, "the identity cannot be confirmed: the identifier is known, but neither birth date nor family name agrees with it; ask the sender, then replay")),
		to(words.FormatOf(written, "the message names no identifier of the other record with the authority that assigned it (MRG-1); ask the sender to send one")),
		to(words.FormatOf(written, "possible mix-up: the identifiers of the record to be merged belong to different patients; compare them at the registration desk, then replay")),
		to(words.FormatOf(written, "the two records are not joined here; check the numbers with the sender")),
		to(words.FormatOf(written, "the record to be retired survived an earlier merge with the one that is to survive now: that would be a loop; ask the registration desk which one is right")),
		to(words.FormatOf(written, "both numbers belong to one record; nothing can be merged; check them with the sender")),
		to(words.FormatOf(written, "the record to be retired was merged into another one before; ask the registration desk which one is right, take that merge back, then replay")),
		to(words.FormatOf(written, "the two records have different birth dates; a person must compare them: correct one, then replay")),
		to(words.FormatOf(written, "the two records have different sexes; a person must compare them: correct one, then replay")),
		to(words.FormatOf(written, "both records have a stay in a ward at this moment; a person must find out where the patient is: end one stay, then replay")),
	}
}
