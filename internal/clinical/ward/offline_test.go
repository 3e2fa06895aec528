package ward_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
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
		b.WriteString("| " + r.Act + " | " + words[r.Class] + " | " + r.Check + " | " + r.Why + " |\n")
	}
	return b.String()
}

// Each row says what its class has to say, and no command is without one.
func TestEveryActHasItsClass(t *testing.T) {
	for _, r := range ward.OfflineTable() {
		free := r.Class == ward.OfflineFreely
		if r.Act == "" || free != (r.Why == "") || (r.Class == ward.OfflineChecked) != (r.Check != "") {
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
