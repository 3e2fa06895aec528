package alerts

import (
	"cmp"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// What is held back comes like any critical result, and is never mistaken for one
// that is filed: that it is held back is the first thing that card, band and line
// say, and what nobody knows for certain is said where a name would stand.

// notInChart is said of every value that is not filed.
const notInChart = "Held back, not filed: it stands in no chart"

// describeHeld puts what is held back into words.
func describeHeld(a ward.Alert, now time.Time) Detail {
	h, r := a.Held, a.Result
	d := Detail{Name: heldName(h), Test: r.Test, Value: r.Value, Text: r.Text, Unit: r.Unit, Word: wordOf(r), Held: !h.Filed}
	switch {
	case h.Sure():
		d.Who = who(h.Perhaps[0], now)
	case h.Filed && h.Of != nil:
		d.Name, d.Who = titled(*h.Of), who(*h.Of, now)
	}
	if len(h.Values) == 0 {
		d.Value = h.Words
	} else {
		d.Lines = [][]ward.Fact{limits(r), heldTimes(r, h.Since, now)}
	}
	d.Facts = heldFacts(h)
	d.giveLadder(a, now)
	return d
}

// heldName stands where a card has the patient's name.
func heldName(h *ward.HeldBack) string {
	switch {
	case h.Sure():
		return h.Perhaps[0].ShowName()
	case h.Filed && h.Of != nil:
		return h.Of.ShowName()
	case h.Filed && h.Said != "":
		return h.Said
	}
	return words.T("Not confirmed whose result it is")
}

func heldTimes(r ward.Result, since, now time.Time) []ward.Fact {
	r.Received = since
	return times(r, now)
}

// heldFacts are what is known of the patient, why it is not filed, and what else
// the message holds.
func heldFacts(h *ward.HeldBack) []ward.Fact {
	is := words.T(notInChart)
	switch {
	case h.Filed:
		is = words.T("In the patient’s record. They had left when it came: no ward’s list shows it")
	case h.Partial:
		is += "; " + words.T("the rest of the message is filed")
	}
	out := []ward.Fact{{Label: words.T("Where it is"), Words: is}}
	if !h.Filed {
		out = append(out, ward.Fact{Label: words.T("Patient"), Words: heldPatient(h)})
		if h.Said != "" && !h.Sure() {
			out = append(out, ward.Fact{Label: words.T("The message says"), Words: h.Said})
		}
	}
	if also := alsoHeld(h); also != "" {
		out = append(out, ward.Fact{Label: words.T("Also in it"), Words: also})
	}
	if h.Why != "" {
		out = append(out, ward.Fact{Label: words.T("Why"), Words: sentence(h.Why)})
	}
	if h.Filed {
		return append(out, ward.Fact{Label: words.T("What to do"), Words: words.T("Tell the discharging team and the doctor on call")})
	}
	todo := words.T("Phone the laboratory: whose is it? Look after the patient meanwhile")
	if h.Phone != "" {
		todo = words.F("Phone the %s: whose is it? Look after the patient meanwhile", h.Phone)
	}
	return append(out, ward.Fact{Label: words.T("What to do"), Words: todo})
}

// heldPatient says whose it is, as far as that is known.
func heldPatient(h *ward.HeldBack) string {
	if h.Sure() {
		return words.T("known: the rest of the message is filed under this name")
	}
	var list []string
	for _, p := range h.Perhaps {
		list = append(list, bedAndName(p))
	}
	if h.Elsewhere > 0 {
		list = append(list, words.F("%d whom this computer does not show", h.Elsewhere))
	}
	if len(list) == 0 {
		return words.T("not confirmed: nobody is known by the numbers in the message")
	}
	return words.F("not confirmed; perhaps %s", strings.Join(list, ", "+words.T("or")+" "))
}

func bedAndName(p ward.Identity) string {
	if p.Bed == "" {
		return p.ShowName()
	}
	return words.F("%s, bed %s", p.ShowName(), p.Bed)
}

func alsoHeld(h *ward.HeldBack) string {
	var parts []string
	for i := range h.Values {
		if i > 0 {
			v := &h.Values[i]
			parts = append(parts, strings.Join(strings.Fields(v.Test+" "+v.Brief()+" "+v.Unit+" "+wordOf(*v)), " "))
		}
	}
	return strings.Join(parts, " · ")
}

func headHeld(a ward.Alert) string {
	r := a.Result
	begin := words.T("Held back, not filed")
	if a.Held.Filed {
		begin = words.T("Came after discharge")
	}
	test := lower(r.Test)
	switch {
	case len(a.Held.Values) == 0:
		return words.F("%s: may be critical", begin)
	case r.MayBe:
		return words.F("%s: %s, may be critical", begin, test)
	case r.Flag == ward.FlagCriticalHigh:
		return words.F("%s: %s very high", begin, test)
	case r.Flag == ward.FlagCriticalLow:
		return words.F("%s: %s very low", begin, test)
	}
	return words.F("%s: %s, critical", begin, test)
}

// placeHeld is where the patient of what is held back is, or may be.
func placeHeld(a ward.Alert) string {
	h := a.Held
	switch {
	case h.Filed:
		return words.T("After discharge")
	case h.Sure() && h.Perhaps[0].Bed != "":
		return words.F("Bed %s, held back", h.Perhaps[0].Bed)
	case len(h.Perhaps) == 1 && h.Elsewhere == 0 && h.Perhaps[0].Bed != "":
		return words.F("Held back, perhaps bed %s", h.Perhaps[0].Bed)
	}
	return words.T("Held back, of nobody known")
}

// heldAlertLine is what is held back, and is critical, on the page's list.
func heldAlertLine(a ward.Alert, k Kind, now time.Time) Line {
	h, r := a.Held, a.Result
	l := Line{
		ID: "held " + string(h.ID), Kind: k, Key: keyOf(a), Name: placeHeld(a), At: ward.Stamp(h.Since, now),
		Test: r.Test, Value: r.Brief(), Unit: r.Unit, Word: wordOf(r), Detail: Describe(a, now), Alert: a,
	}
	if h.Sure() {
		l.Name, l.Bed, l.Patient = words.F("Held back: %s", h.Perhaps[0].ShowName()), h.Perhaps[0].Bed, h.Perhaps[0].ID
	}
	if h.Filed && h.Of != nil {
		l.Name += ": " + h.Of.ShowName()
	}
	if len(h.Values) == 0 {
		l.Test, l.Value = h.Words, ""
	}
	return l
}

// heldLine is what is held back without a critical value.
func heldLine(h ward.HeldBack, now time.Time) Line {
	l := Line{ID: "held " + string(h.ID), Kind: KindHeld, At: ward.Stamp(h.Since, now), Name: words.T("Of nobody known"), Second: h.Words}
	l.Third = words.T("The server could not tell whose it is, so it stands in no chart. Phone the laboratory, and ask whose result it is.")
	if h.Partial {
		l.Name = words.T("Not filed in full")
		l.Third = words.T("The rest of the message is in the chart; this part is not. It goes from here when the laboratory has sent it again, or an administrator has dismissed it.")
	}
	switch {
	case h.Sure():
		l.Name, l.Bed, l.Patient = h.Perhaps[0].ShowName(), h.Perhaps[0].Bed, h.Perhaps[0].ID
	case !h.Partial && len(h.Perhaps) > 0:
		l.Name = words.F("Perhaps of %s", bedAndName(h.Perhaps[0]))
		if more := len(h.Perhaps) + h.Elsewhere - 1; more > 0 {
			l.Name += ", " + words.F("or of %d more", more)
		}
		l.Third = words.F("The server could not tell for certain whose it is, so it stands in no chart; nothing critical was found in it. Phone the %s, and ask whose it is.", cmp.Or(h.Phone, words.T("laboratory")))
	}
	return l
}

// ownedHeld are the critical values that are held back and that somebody has.
func ownedHeld(list []ward.HeldBack) []ward.Alert {
	var out []ward.Alert
	for i := range list {
		if h := &list[i]; h.Critical && !h.Open {
			a := h.Alert()
			a.Ladder = nil
			out = append(out, a)
		}
	}
	return out
}

// quiet are those without a critical value: something to put right, and no alert.
func quiet(list []ward.HeldBack) []ward.HeldBack {
	var out []ward.HeldBack
	for _, h := range list {
		if !h.Critical {
			out = append(out, h)
		}
	}
	return out
}

func sentence(s string) string {
	r := []rune(s)
	if len(r) > 0 && r[0] >= 'a' && r[0] <= 'z' {
		r[0] += 'A' - 'a'
	}
	return string(r)
}
