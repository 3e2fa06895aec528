package ward_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

var update = flag.Bool("update", false, "write docs/offline.md anew")

// The table that people read is made of the one that the program asks.
func TestTheTableOfWhatMayBeDoneOffline(t *testing.T) {
	path := filepath.Join("..", "..", "..", "docs", "offline.md")
	want := offlineDocument()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/offline.md does not say what the program does: go test ./internal/clinical/ward -run Offline -update")
	}
}

func offlineDocument() string {
	var b strings.Builder
	b.WriteString(`# What may be done while the network is out

Made from the table in ` + "`internal/clinical/ward/offline.go`" + ` by its test; do not
edit it by hand. The desk asks the same table: what is done freely needs no word;
what is checked on return is done at once, and the screen says what it will be
held against; what is not done offline is refused, and the screen says why. What
does not stand here is not done offline.

| act | class | held against, when it arrives | the screen says |
|---|---|---|---|
`)
	words := map[ward.OfflineClass]string{
		ward.OfflineFreely: "freely", ward.OfflineChecked: "with a second check on return", ward.OfflineNever: "not at all",
	}
	for _, r := range ward.OfflineTable() {
		b.WriteString("| " + r.Act + " | " + words[r.Class] + " | " + r.Check + " | " + r.Why.English() + " |\n")
	}
	b.WriteString(offlineTail)
	return b.String()
}

// offlineTail is what no table holds. It is written here and nowhere else.
const offlineTail = `
## When everything else is down: the ward pack

Each computer keeps a **ward pack** ready without being asked: the list of its ward, and
for each patient what is known and charts to continue by hand, as a PDF that is already
drawn. It is made again in the background every 15 minutes while Wardlight is open,
whether somebody is signed in or not, and at once when the network goes (at most once a
minute, so that a loose cable keeps nobody waiting). It is made only of a copy that is
whole: while a computer is being filled, the pack from before stays. A ward of more than
300 patients has none.

**What "everything else" is.** Central does not answer, and the computer's own copy of
the record is damaged: every file of it, if need be. The program then sets the damaged copy
aside and fills a new one as soon as central answers; until then the board is empty. The
pack lies beside the copy and is none of its files. Whoever signs in prints it with one
press (Ctrl+P, or the button above the page). If the copy cannot be opened at all, so
that nobody can sign in, the sign-in page prints the pack by name and PIN.

**What opens it.** What opens the copy: the PIN of somebody who has signed in on this
computer before, with the secret of its keyring, or central's share. It is sealed
(AES-256-GCM) with a key that follows from the copy's own; no sheet lies on the disk in
the clear but while it is printed. Who may not read here may not print it: an account for
another ward, a second factor that only central can check, a PIN alone after 72 hours
without central (or what the hospital set), a computer whose access was withdrawn.

**How much may be printed** has a limit for everything else ([security/export.md](security/export.md)),
and a ward does not meet it: while central cannot be reached a person prints all of their own ward
twelve times in an hour and 48 times in a day without being asked. Over that a reason and the
PIN print at once. By name and PIN at the sign-in page there is no limit.

**Each print is a look** at each patient in it, on record before there is a sheet. Where no
copy is open to take the look, it is kept in a sealed file and goes into the copy's chain
of looks when there is one again; if that computer is wiped before, those looks are lost
with it.

**It goes with the copy**: with a wipe, with the copy's time (30 days), with a new key.
Two are kept, the newest and the one before. When somebody leaves the ward another pack
is made, within about a minute, and those with them in it go; for somebody who comes
likewise. While the computer has no contact
or is closed, it does not hear of a discharge, and the pack has them as the copy does.

` + "`wardlight status`" + ` and ` + "`wardlight doctor`" + ` say how old it is. What it needs in order to be
printed: power for this computer, and a printer that it reaches without the network, or one
of its own. A ward that counts on the pack has such a printer, and tries it.

## A drill: a downtime that is practised

A charge nurse practises a downtime on a computer of their ward: Ctrl+K, "Practise a
downtime for 30 min" (` + "`drill`" + ` without a window, 5 to 60 minutes). The computer then lets go
of its line to central, by a person's choice. Nothing is played: it behaves as with the
network out because it has no contact; what is entered is real, waits on the computer, and is
sent at the end. The strip and a band above every page say DRILL, since when, by whom and
until when; the wall and what is printed say so, too. Other computers of the ward go on as
ever.

**Critical results end the drill.** We thought of three ways. To let results come in and
hold only entries back would have practised nothing: the board would go on as if all were
well. To hold everything back for the drill's time would have let a potassium of 6.8 wait
for an exercise. So the drill gives way: every 5 seconds the computer asks central, beside
the line, how many critical results have come for its wards, and never which. When the number is
another one, the drill ends by itself and the line is taken up again; the result then comes by
the road that every result comes by, with its card and its ladder. A correction to a critical
value counts, a patient who is moved to the ward with an open one, and a message with a
critical value that could not be filed; so does a central that was started again. The
ladder, the messages off the screen and the ward's other computers never took part in the
drill. While a result waits for somebody no drill is begun, nor with a central of an earlier
version, which could not call the computer back.

**A real outage ends it, too.** If central does not answer three times in a row, the screen
says that the drill has ended and that the outage is real.

It ends as well when its time is over, when anybody who is signed in presses F10 or "End the
drill", and when the program ends. Beginning and end are on record, with who began it and why it
ended. Afterwards Sending and feeds reports on it as on an outage, under the name of a drill. What is
not urgent waits for the end: an order or an allergy that somebody enters elsewhere is not on
this computer meanwhile, and its own are not elsewhere. That is why a drill lasts an hour at
most, and why the ward's other computers should not all be in one.
`

// Each row says what its class has to say, and no command is without one.
func TestEveryActHasItsClass(t *testing.T) {
	for _, r := range ward.OfflineTable() {
		free := r.Class == ward.OfflineFreely
		if r.Act == "" || free != (r.Why == words.Key{}) || (r.Class == ward.OfflineChecked) != (r.Check != "") {
			t.Errorf("%+v does not say what its class has to say", r)
		}
	}
	for _, c := range []ward.Command{
		ward.Take{},
		ward.Withdraw{},
		ward.MarkShown{},
		ward.RecordVitals{},
		ward.AddAllergy{},
		ward.RefuteAllergy{},
		ward.NoKnownAllergies{},
		ward.RecordProblem{},
		ward.ResolveProblem{},
		ward.StrikeProblem{},
		ward.ReopenProblem{},
		ward.WriteNote{},
		ward.SaveDraft{},
		ward.PlaceOrder{},
		ward.SignOrders{},
		ward.WithdrawOrder{},
		ward.ReinstateOrder{},
		ward.AddTask{},
		ward.FinishTask{},
		ward.ReopenTask{},
		ward.WriteHandover{},
		ward.GiveHandover{},
		ward.AcceptHandover{},
		ward.TakeBackHandover{},
		ward.RecordCall{},
		ward.KeepOnList{},
		ward.Decide{},
		ward.Ask{},
		ward.Acknowledge{},
	} {
		if ward.OfflineOf(c).Class == ward.OfflineNever {
			t.Errorf("%T has no row", c)
		}
	}
	if ward.OfflineOf(nil).Class != ward.OfflineNever {
		t.Error("what nobody has thought about may be done offline")
	}
}
