package submit

import (
	"encoding/hex"
	"reflect"
	"testing"

	"wardlight/internal/clinical/record"
)

// How the privacy officer is told, and where, as the first version wrote it, opens for ever.
func TestTellingsOfTheFirstVersionOpen(t *testing.T) {
	for name, c := range map[string]struct {
		kept string
		want any
	}{
		"telling": {"01a8016473312d370282623442623541031b000001a2272d2600041b000001a22764148005664b3454395851066473656e740782a70163636f31026950204f666669636572036570616765720404051b000001a227659b2006666661696c656407781b746865206761746577617920646f6573206e6f7420616e73776572a70163636f32026950204f66666963657203646d61696c0401051b000001a2276721c00669636f6d706c65746564076473656e7408f5", Telling{
			ID: "s1-7", Wards: []record.Ward{"4B", "5A"}, At: 1795953600000, Received: 1795957200000, Short: "K4T9XQ", State: TellSent, Done: true,
			Tried: []Told{{Key: "co1", Person: "P Officer", Channel: "pager", Tries: 4, Last: 1795957300000, Status: CalloutFailed, Words: "the gateway does not answer"}, {Key: "co2", Person: "P Officer", Channel: "mail", Tries: 1, Last: 1795957400000, Status: CalloutSent, Words: "sent"}},
		}},
		"address": {"01a20178187072697661637940686f73706974616c2e6578616d706c65026434343030", PrivacyTo{Mail: "privacy@hospital.example", Pager: "4400"}},
	} {
		now, err := record.Encode(c.want)
		if err != nil || hex.EncodeToString(now) != c.kept {
			t.Errorf("%s is written as %x, %v", name, now, err)
		}
		kept, err := hex.DecodeString(c.kept)
		if err != nil {
			t.Fatal(err)
		}
		got := reflect.New(reflect.TypeOf(c.want))
		if err := record.Decode(kept, got.Interface()); err != nil || !reflect.DeepEqual(got.Elem().Interface(), c.want) {
			t.Errorf("%s is read as %+v, %v", name, got.Elem().Interface(), err)
		}
	}
}
