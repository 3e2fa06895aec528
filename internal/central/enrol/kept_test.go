package enrol

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"testing"

	"wardlight/internal/clinical/record"
)

// What the first day wrote opens for ever: the bytes are not made again.
func TestSecondFactorsAndLastSignInsOfTheFirstDayOpen(t *testing.T) {
	for name, c := range map[string]struct {
		kept string
		want any
	}{
		"second factor": {"01a40154313233343536373839303132333435363738393002f5034473616c740482436f6e654374776f", second{Secret: []byte("12345678901234567890"), Confirmed: true, Salt: []byte("salt"), Sums: [][]byte{[]byte("one"), []byte("two")}}},
		"limits":        {"01a7011848021828030c0405050306020703", limits{72, 40, 12, 5, 3, 2, 3}},
		"limits before": {"01a3011848021828030c", limits{Offline: 72, Keep: 40, Session: 12}},
		"export limits": {"01a7011878021901900319c350041a000186a00567692e61646d696e0673746865206175646974206f6620617574756d6e071b000001a2272d2600", exportLimits{120, 400, 50_000, 100_000, "i.admin", "the audit of autumn", 1_795_953_600_000}},
		"last sign-in":  {"01a2011b000001a3185c5000021a03938700", last{Hospital: 1_800_000_000_000, Step: 60_000_000}},
	} {
		raw, err := hex.DecodeString(c.kept)
		if err != nil {
			t.Fatal(err)
		}
		got := reflect.New(reflect.TypeOf(c.want))
		if err := record.Decode(raw, got.Interface()); err != nil || !reflect.DeepEqual(got.Elem().Interface(), c.want) {
			t.Errorf("%s: %+v, %v", name, got.Elem().Interface(), err)
		}
		now, err := record.Encode(c.want)
		if err != nil || !bytes.Equal(now, raw) {
			t.Errorf("%s is written otherwise now: %x, %v", name, now, err)
		}
	}
}
