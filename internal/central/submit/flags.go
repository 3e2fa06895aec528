package submit

import (
	"bytes"
	"encoding/json"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
)

// Machine-made remarks that submit puts on a body (extension fhir.ExtFlag),
// beside those of the merge.
const (
	FlagReadSetStale = "read-set-stale"    // the author had not seen the newest version of what they relied on
	FlagBaseNotHeld  = "base-not-held"     // written against a version that a restored central no longer holds
	FlagEmergency    = "emergency-access"  // written under emergency access by somebody of another ward
	FlagPatientMoved = "patient-had-moved" // written for somebody who had left the computer's ward
	FlagFocusNotHeld = "focus-not-held"    // about something that central does not hold
)

// FlagAfterDischarge marks a result for somebody who is no longer on a ward. It
// is a tag in meta (system TagSystem) and no extension: when a result arrived
// is no part of what the laboratory said, by which its versions are compared.
const (
	FlagAfterDischarge = "received-after-discharge"
	TagSystem          = "urn:wardlight:flag"
)

// flagged adds remarks to a body, each once.
func flagged(body fhir.Resource, flags []string) (fhir.Resource, error) {
	if len(flags) == 0 {
		return body, nil
	}
	o, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	list, err := extensionsOf(o)
	if err != nil {
		return nil, err
	}
	for _, f := range flags {
		e, err := json.Marshal(fhir.Extension{URL: fhir.ExtFlag, ValueCode: fhir.Str(f)})
		if err != nil {
			return nil, fault.As(fault.Invalid, "submit.flag", "", err)
		}
		if !slices.ContainsFunc(list, func(r json.RawMessage) bool { return string(r) == string(e) || sameFlag(r, f) }) {
			list = append(list, e)
		}
	}
	return withExtensions(o, list)
}

func sameFlag(raw json.RawMessage, flag string) bool {
	var e fhir.Extension
	return json.Unmarshal(raw, &e) == nil && e.URL == fhir.ExtFlag && e.ValueCode != nil && *e.ValueCode == flag
}

// extSeen is where the merge keeps which statuses a result has had.
const extSeen = "urn:wardlight:statuses-seen"

// plain is a body without what only says how and when it came: the machine's
// remarks and the sender's stamps. Two bodies that are equal when plain say
// the same about the patient.
func plain(body fhir.Resource) fhir.Resource {
	return without(body, fhir.ExtFlag, fhir.ExtStamps, extSeen)
}

// unstamped is a body without the sender's stamps, remarks kept.
func unstamped(body fhir.Resource) fhir.Resource { return without(body, fhir.ExtStamps) }

func without(body fhir.Resource, urls ...string) fhir.Resource {
	if !bytes.Contains(body, []byte(`"extension"`)) && !bytes.Contains(body, []byte(`"meta"`)) {
		return body // most bodies: nothing to take away
	}
	o, err := fhir.Parse(body)
	if err != nil {
		return body
	}
	list, err := extensionsOf(o)
	if err != nil {
		return body
	}
	list = slices.DeleteFunc(list, func(r json.RawMessage) bool {
		var e fhir.Extension
		return json.Unmarshal(r, &e) == nil && slices.Contains(urls, e.URL)
	})
	delete(o, "meta")
	out, err := withExtensions(o, list)
	if err != nil {
		return body
	}
	return out
}

func extensionsOf(o fhir.Object) ([]json.RawMessage, error) {
	raw, ok := o["extension"]
	if !ok {
		return nil, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fault.New(fault.Invalid, "submit.extensions", "", "extension is not a list")
	}
	return list, nil
}

func withExtensions(o fhir.Object, list []json.RawMessage) (fhir.Resource, error) {
	c := o.Clone()
	delete(c, "extension")
	if len(list) > 0 {
		raw, err := json.Marshal(list)
		if err != nil {
			return nil, fault.As(fault.Invalid, "submit.extensions", "", err)
		}
		c["extension"] = raw
	}
	return c.Resource()
}

// tagged adds a tag to meta, once.
func tagged(body fhir.Resource, code string) fhir.Resource {
	o, err := fhir.Parse(body)
	if err != nil {
		return body
	}
	meta := fhir.Object{}
	if raw, ok := o["meta"]; ok && json.Unmarshal(raw, &meta) != nil {
		return body
	}
	var tags []fhir.Coding
	if raw, ok := meta["tag"]; ok && json.Unmarshal(raw, &tags) != nil {
		return body
	}
	tag := fhir.Coding{System: TagSystem, Code: code}
	if slices.Contains(tags, tag) {
		return body
	}
	if meta["tag"], err = json.Marshal(append(tags, tag)); err != nil {
		return body
	}
	if o["meta"], err = json.Marshal(meta); err != nil {
		return body
	}
	out, err := o.Resource()
	if err != nil {
		return body
	}
	return out
}
