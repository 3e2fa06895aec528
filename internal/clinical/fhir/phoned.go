package fhir

// PhoneCall is what is known of the call by which a laboratory told a result:
// it stands in the Observation that was written from it (ExtPhoned), beside the
// value as it was said.
type PhoneCall struct {
	Lab      string // which laboratory
	Caller   string // who told it
	At       string // when, a FHIR dateTime
	ReadBack bool   // the value was read back
	Why      string // why it was not
}

// Extension writes it.
func (c PhoneCall) Extension() Extension {
	part := func(url, s string) Extension { return Extension{URL: url, ValueString: Str(s)} }
	e := Extension{URL: ExtPhoned, Extension: []Extension{
		part("lab", c.Lab), part("caller", c.Caller), {URL: "at", ValueDateTime: Str(c.At)}, {URL: "readBack", ValueBoolean: Bool(c.ReadBack)},
	}}
	if c.Why != "" {
		e.Extension = append(e.Extension, part("why", c.Why))
	}
	return e
}

// PhoneCallOf reads it; ok is false for any other Observation. One that says it
// is a phoned result and says nothing of the call is one all the same: it is
// never taken for the laboratory's own word.
func PhoneCallOf(o Observation) (c PhoneCall, ok bool) {
	e, has := ExtensionOf(o.Extension, ExtPhoned)
	for _, cat := range o.Category {
		ok = ok || cat.Has(SystemCategory, CategoryPhoned)
	}
	if !has {
		return c, ok
	}
	c = PhoneCall{Lab: ExtString(e.Extension, "lab"), Caller: ExtString(e.Extension, "caller"), Why: ExtString(e.Extension, "why")}
	if at, ok := ExtensionOf(e.Extension, "at"); ok && at.ValueDateTime != nil {
		c.At = *at.ValueDateTime
	}
	if b, ok := ExtensionOf(e.Extension, "readBack"); ok && b.ValueBoolean != nil {
		c.ReadBack = *b.ValueBoolean
	}
	return c, true
}
