package submit

import (
	"encoding/hex"
	"reflect"
	"testing"

	"wardlight/internal/clinical/record"
)

// The loans of the first version open for ever.
func TestLoansOfTheFirstVersionOpen(t *testing.T) {
	want := loans{Version: 1, List: []loan{{User: "i.novak", At: 1795953600000, Until: 1795957200000}, {User: "a.ruiz", At: 1795956000000, Until: 1795956060000}}}
	const first = "01a201010282a30167692e6e6f76616b021b000001a2272d2600031b000001a227641480a30166612e7275697a021b000001a22751c500031b000001a22752af60"
	b, err := record.Encode(want)
	if err != nil || hex.EncodeToString(b) != first {
		t.Errorf("written as %x, %v", b, err)
	}
	kept, err := hex.DecodeString(first)
	if err != nil {
		t.Fatal(err)
	}
	var got loans
	if err := record.Decode(kept, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read as %+v, %v", got, err)
	}
}
