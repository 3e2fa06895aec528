package ward

import "wardlight/internal/words"

// OfflineClass is what may be done while central is not reached.
type OfflineClass string

// The classes.
const (
	// OfflineFreely: nothing that others wrote meanwhile can make it wrong.
	OfflineFreely OfflineClass = "freely"
	// OfflineChecked: it is done here at once, and held against what others
	// wrote when it arrives; where that contradicts it, a person is asked.
	OfflineChecked OfflineClass = "second-check"
	// OfflineNever: only where both sides see the same.
	OfflineNever OfflineClass = "not-offline"
)

// Offline says what becomes of one kind of act while central is not reached.
type Offline struct {
	Act   string       // in words, as the table is read
	Class OfflineClass // which of the three
	Check string       // OfflineChecked: against what it is held when it arrives
	Why   words.Key    // what the screen says while central is not reached; nothing for what is done freely
}

// OfflineTable is every act with its class, in the order in which it is read.
func OfflineTable() []Offline {
	return []Offline{
		offline.take, offline.read, offline.withdraw, offline.shown, offline.vitals, offline.note, offline.draft, offline.task,
		offline.finish, offline.reopen, offline.handText, offline.give, offline.call, offline.phoned, offline.ask, offline.list, offline.allergy, offline.refute, offline.none, offline.problem, offline.order, offline.revoke,
		offline.decide, offline.same, offline.rota, offline.run, offline.routine, offline.limit,
	}
}

// offline are the rows. An act without one may not be done offline: see
// OfflineOf.
var offline = struct {
	take, read, withdraw, shown, vitals, note, draft, task, finish, reopen, handText, give, call, phoned, ask, list, allergy, refute, none, problem, order, revoke, decide, same, rota, run, routine, limit Offline
}{
	take:     Offline{Act: "take a result, act on it, hand it to somebody", Class: OfflineFreely},
	read:     Offline{Act: "acknowledge results that ask for nothing", Class: OfflineFreely},
	withdraw: Offline{Act: "take back that a result was taken", Class: OfflineFreely},
	shown:    Offline{Act: "say that a result was on the screen", Class: OfflineFreely},
	vitals:   Offline{Act: "record observations", Class: OfflineFreely},
	note:     Offline{Act: "write a note, reword one's own", Class: OfflineFreely},
	draft:    Offline{Act: "keep a draft", Class: OfflineFreely},
	task:     Offline{Act: "make a task", Class: OfflineFreely},
	finish:   Offline{Act: "finish or cancel a task", Class: OfflineFreely},
	reopen:   Offline{Act: "take back that a task was finished", Class: OfflineFreely},
	handText: Offline{Act: "write a part of a handover", Class: OfflineFreely},
	give:     Offline{Act: "hand patients over, accept them, take a handover back", Class: OfflineFreely},
	call:     Offline{Act: "write a call down", Class: OfflineFreely},
	phoned:   Offline{Act: "write a phoned result down, say that it was a mistake", Class: OfflineFreely},
	ask:      Offline{Act: "ask a colleague about a question", Class: OfflineFreely},
	list: Offline{
		Act: "put a patient on one's own list", Class: OfflineChecked, Check: "whether the person may see the patient",
		Why: words.K("Saved on this computer. Whether your list may hold this patient is checked when the network is back."),
	},
	allergy: Offline{
		Act: "record an allergy", Class: OfflineChecked, Check: "\"no known allergies\" that somebody else recorded",
		Why: words.K("Saved, and in force here at once. Other computers learn of it when the network is back; if somebody recorded \"no known allergies\" meanwhile, you will be asked."),
	},
	refute: Offline{
		Act: "refute an allergy", Class: OfflineChecked, Check: "what others recorded about the same allergy",
		Why: words.K("Saved on this computer. If somebody confirmed this allergy meanwhile, it stays in force until a person decides."),
	},
	none: Offline{
		Act: "record \"no known allergies\"", Class: OfflineChecked, Check: "every allergy that somebody else recorded",
		Why: words.K("Saved on this computer. If somebody recorded an allergy meanwhile, the allergy stays in force until a person decides."),
	},
	problem: Offline{
		Act: "record a problem, resolve it, take that back", Class: OfflineChecked, Check: "what others wrote about the same problem",
		Why: words.K("Saved on this computer. If somebody changed this problem meanwhile, it stays on the list until a person decides."),
	},
	order: Offline{
		Act: "ask for a test, prescribe a medicine", Class: OfflineChecked, Check: "the allergies that the author had not seen, and the same test asked for by somebody else",
		Why: words.K("Saved on this computer. Others see it when the network is back, and it is held then against newer allergies and against the same test asked for elsewhere. The laboratory knows nothing of it: what cannot wait is sent on paper."),
	},
	revoke: Offline{
		Act: "withdraw an order, take that back", Class: OfflineChecked, Check: "whether it has been carried out meanwhile",
		Why: words.K("Saved on this computer. If the order was carried out meanwhile, it stays carried out, and says so."),
	},
	decide: Offline{
		Act: "decide a question", Class: OfflineChecked, Check: "another decision of the same question",
		Why: words.K("Saved on this computer. It takes effect when the network is back; if somebody decided otherwise meanwhile, the question is asked again."),
	},
	rota: Offline{
		Act: "change a ward's rota", Class: OfflineNever,
		Why: words.K("The rota is not changed while the network is out: who is told by it reads the server's. Nothing was saved. Phone whoever is on call by the one that is shown."),
	},
	run: Offline{Act: "begin a routine, tick its steps, end it", Class: OfflineFreely},
	routine: Offline{
		Act: "change a routine's steps", Class: OfflineNever,
		Why: words.K("Routines are not changed while the network is out: every computer has to have the same steps. Nothing was saved. The routines that are here can be begun and ticked."),
	},
	limit: Offline{
		Act: "set a limit of an alert rule", Class: OfflineNever,
		Why: words.K("Limits are not set while the network is out: every computer and the server have to judge by the same. Nothing was saved. This computer goes on with the limits that it has."),
	},
	same: Offline{
		Act: "decide whether two records are one person's", Class: OfflineNever,
		Why: words.K("Whether two records are one person's is not decided while the network is out: what the other computers wrote about either is not here. Nothing was saved. The two stay apart, and both are shown."),
	},
}

// OfflineOf is the row of a command. One that has none is OfflineNever: what
// nobody has thought about is not done behind central's back.
func OfflineOf(cmd Command) Offline {
	switch cmd.(type) {
	case Take:
		return offline.take
	case Acknowledge:
		return offline.read
	case Withdraw:
		return offline.withdraw
	case MarkShown:
		return offline.shown
	case RecordVitals:
		return offline.vitals
	case WriteNote:
		return offline.note
	case SaveDraft:
		return offline.draft
	case AddTask:
		return offline.task
	case FinishTask:
		return offline.finish
	case WriteHandover:
		return offline.handText
	case GiveHandover, AcceptHandover, TakeBackHandover:
		return offline.give
	case RecordCall:
		return offline.call
	case RecordPhoned, WithdrawPhoned:
		return offline.phoned
	case ReopenTask:
		return offline.reopen
	case Ask:
		return offline.ask
	case KeepOnList:
		return offline.list
	case AddAllergy:
		return offline.allergy
	case RefuteAllergy:
		return offline.refute
	case NoKnownAllergies:
		return offline.none
	case RecordProblem, ResolveProblem, StrikeProblem, ReopenProblem:
		return offline.problem
	case PlaceOrder, SignOrders:
		return offline.order
	case WithdrawOrder, ReinstateOrder:
		return offline.revoke
	case Decide:
		return offline.decide
	case EditRota:
		return offline.rota
	case StartRoutine, MarkStep, UnmarkStep, EndRoutine:
		return offline.run
	case SaveRoutine:
		return offline.routine
	case SetLimit:
		return offline.limit
	}
	return Offline{Act: "anything else", Class: OfflineNever, Why: words.K("This cannot be done while the network is out. Nothing was saved.")}
}

// OfflineSamePerson is the row of the one decision that is never made offline.
func OfflineSamePerson() Offline { return offline.same }
