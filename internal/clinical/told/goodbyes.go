package told

import "wardlight/internal/words"

// What the server says at the end of a session (sync/hub), and what keeps this computer from one (sync/client).

// goodbyes stand on the strip and the page of feeds while they hold.
func goodbyes() []rule {
	return []rule{
		to(words.FormatOf(written, "Nobody agreed on documents.")),
		to(words.FormatOf(written, "A newer connection of this computer took over.")),
		to(words.FormatOf(written, "The server is being restarted. What is written meanwhile is kept and sent afterwards.")),
		to(words.FormatOf(written, "Nothing could be sent for too long, and others wait for the room that it takes.")),
		to(words.FormatOf(written, "A session begins with one hello.")),
		to(words.FormatOf(written, "This connection's certificate belongs to another computer. Enrol this computer again.")),
		to(words.FormatOf(written, "This computer's program is too old or too new for the server. What is written is kept until it is updated.")),
		to(words.FormatOf(written, "No hello came.")),
		to(words.FormatOf(written, "Nothing was acknowledged for too long.")),
		to(words.FormatOf(written, "The wards of this computer were changed.")),
		to(words.FormatOf(written, "This computer has another key: it comes again with that one.")),
		to(words.FormatOf(written, "The server does not know this program's protocol version or message. Update the older of the two; what is written is kept meanwhile.")),
		to(words.FormatOf(written, "A frame could not be read; nothing of it was used.")),
		to(words.FormatOf(written, "This computer's access was withdrawn. Ask the administrator.")),
		to(words.FormatOf(written, "A second snapshot was asked for in one session.")),
		to(words.FormatOf(written, "Another computer sends under this computer's identity, probably a copy of its disk. What is written here is kept and not sent. Ask the administrator to enrol this computer again.")),
		to(words.FormatOf(written, "Nobody agreed on comparing.")),
		to(words.FormatOf(written, "A push is missing.")),
		to(words.FormatOf(written, "More is offered than the window allows.")),
		to(words.FormatOf(written, "Another computer sends under this computer's identity, or this one was put back to an older copy of its disk. What is written here is kept and not sent. Ask IT to give this computer a new identity: wardlight enrol --again.")),
		to(words.FormatOf(written, "This computer has received things that the server does not know: one of the two was restored from a backup. Nothing is overwritten; writing goes on here. Tell the administrator.")),
		to(words.FormatOf(written, "The server cannot read its journal just now.")),
		to(words.FormatOf(written, "The server was put back to an earlier day and has noticed it. What it lacks is brought to it again.")),
		to(words.FormatOf(written, "Nobody agreed on deltas.")),
		to(words.FormatOf(written, "Nobody agreed on giving back.")),
		to(words.FormatOf(written, "The server has begun anew after a restore. What it lacks is brought to it again.")),
		to(words.FormatOf(written, "The server cannot read its journal for this computer just now.")),
		to(words.FormatOf(written, "Central does not take %s messages."), letters),
		to(words.FormatOf(written, "The server at this address could not be trusted, or does not know this computer. Nothing was sent to it. Ask the administrator whether the server's or this computer's certificate was renewed.")),
		to(words.FormatOf(written, "The server does not speak this program's protocol. What is written here is kept and will be sent after an update.")),
		to(words.FormatOf(written, "The server speaks a newer protocol than this program. What is written here is kept and will be sent after an update.")),
		to(words.FormatOf(written, "Data from the server was not signed by our server, or was damaged. It was not used. What is shown is what was received before; what is written here is kept.")),
		to(words.FormatOf(written, "The disk of this computer is full: new results are not stored here. Free some space; nothing that was written is lost.")),
		to(words.FormatOf(written, "The server's program is too old for what was written on this computer before it was enrolled again. It is kept, and sent after the server's update.")),
		to(words.FormatOf(written, "Another computer sends under this computer's identity, or this one was put back to an older copy of its disk. What is written here is kept and not sent. Ask IT to give this computer a new identity: wardlight enrol --again. Nothing that was written here is lost by it.")),
		to(words.FormatOf(written, "This computer's store could not take what the server sent (%s). It is tried again."), anything),
		to(words.FormatOf(written, "This computer's store cannot be read: %s. What was written stays in the outbox file."), anything),
	}
}

// callouts are why somebody who is on call could not be told (central/callout).
func callouts() []rule {
	return []rule{
		to(words.FormatOf(written, "somebody has the result")),
		to(words.FormatOf(written, "sent")),
		to(words.FormatOf(written, "the rota gives no such address any more")),
		to(words.FormatOf(written, "the gateway does not answer")),
		to(words.FormatOf(written, "the gateway is not reached")),
		to(words.FormatOf(written, "the gateway refused it (%s)"), number),
		to(words.FormatOf(written, "%s; it is tried again"), within(Callouts)),
	}
}

// lending is why a record is not lent for emergency access (central/submit).
func lending() []rule {
	return []rule{
		to(words.FormatOf(written, "Say in a few words why you need this record now. The privacy officer reads it.")),
		to(words.FormatOf(written, "You may not do this here: %s."), within(Reasons)),
		to(words.FormatOf(written, "your account is not known to the server")),
		to(words.FormatOf(written, "More than one patient fits. Give the whole NHS number.")),
		to(words.FormatOf(written, "Nobody in this hospital has exactly this name and date of birth, or this number. Give family name, given name and date of birth (1954-03-14), or the whole NHS number.")),
	}
}
