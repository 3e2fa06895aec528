package merge

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sort"
	"strings"

	"wardlight/internal/clinical/fhir"
)

// list is a JSON list whose elements are known by identity. Elements of one
// identity (two home addresses) form a group that changes as one.
type list struct {
	keys []string // in the order of the list
	at   map[string][]json.RawMessage
}

// listOf takes raw apart; ok is false where it is no list.
func listOf(field string, raw json.RawMessage) (l list, ok bool) {
	if len(raw) == 0 || raw[0] != '[' {
		return list{}, false
	}
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil {
		return list{}, false
	}
	l.at = make(map[string][]json.RawMessage, len(elements))
	for _, e := range elements {
		k := ElementKey(field, e)
		if _, had := l.at[k]; !had {
			l.keys = append(l.keys, k)
		}
		l.at[k] = append(l.at[k], e)
	}
	return l, true
}

func (l *list) set(key string, group []json.RawMessage) {
	if _, had := l.at[key]; !had {
		l.keys = append(l.keys, key)
	}
	l.at[key] = group
}

func (l *list) drop(key string) {
	delete(l.at, key)
	for i, k := range l.keys {
		if k == key {
			l.keys = append(l.keys[:i:i], l.keys[i+1:]...)
			return
		}
	}
}

// json puts the list together again.
func (l list) json() []byte {
	var out bytes.Buffer
	out.WriteByte('[')
	for _, k := range l.keys {
		for _, e := range l.at[k] {
			if out.Len() > 1 {
				out.WriteByte(',')
			}
			out.Write(e)
		}
	}
	out.WriteByte(']')
	return out.Bytes()
}

// group is the value of one identity: the element, or where several share it,
// all of them as one JSON list in order of content.
func group(elements []json.RawMessage) string {
	if len(elements) == 1 {
		return string(elements[0])
	}
	parts := make([]string, len(elements))
	for i, e := range elements {
		parts[i] = string(e)
	}
	sort.Strings(parts)
	return "[" + strings.Join(parts, ",") + "]"
}

// ungroup is the elements of a group's value. An element is never itself a
// list in FHIR.
func ungroup(value string) []json.RawMessage {
	if !strings.HasPrefix(value, "[") {
		return []json.RawMessage{json.RawMessage(value)}
	}
	var elements []json.RawMessage
	if json.Unmarshal([]byte(value), &elements) != nil {
		return nil
	}
	return elements
}

// maxKey bounds a key; longer ones are replaced by their hash.
const maxKey = 200

// ElementKey is the identity of one element of the list field: what makes it
// "the same one, changed" and not "another one". Elements are never addressed
// by index, because an index means something else once somebody adds a row.
func ElementKey(field string, element []byte) string {
	k := elementKey(field, element)
	if len(k) > maxKey {
		return contentKey([]byte(k))
	}
	return k
}

// contentKey is for elements whose content is all the identity they have, such
// as remarks.
func contentKey(element []byte) string {
	h := sha256.Sum256(element)
	return "#" + hex.EncodeToString(h[:12])
}

// anElement are the parts that identities are made of.
type anElement struct {
	ID         string                 `json:"id"`
	System     string                 `json:"system"`
	Value      string                 `json:"value"`
	Use        string                 `json:"use"`
	Code       json.RawMessage        `json:"code"`
	URL        string                 `json:"url"`
	Reference  string                 `json:"reference"`
	Type       json.RawMessage        `json:"type"`
	Coding     []fhir.Coding          `json:"coding"`
	Text       string                 `json:"text"`
	Individual fhir.Reference         `json:"individual"`
	Location   fhir.Reference         `json:"location"`
	Other      fhir.Reference         `json:"other"`
	Manifest   []fhir.CodeableConcept `json:"manifestation"`
}

func elementKey(field string, element []byte) string {
	var word string
	if json.Unmarshal(element, &word) == nil {
		return word
	}
	if field == "extension" || field == "modifierExtension" {
		return extensionKey(element)
	}
	if field == "diagnosis" { // several uses of one diagnosis are one element
		var d struct {
			Condition fhir.Reference `json:"condition"`
		}
		if json.Unmarshal(element, &d) == nil && d.Condition.Reference != "" {
			return d.Condition.Reference
		}
		return contentKey(element)
	}
	var e anElement
	if json.Unmarshal(element, &e) != nil {
		return contentKey(element)
	}
	switch field {
	case "identifier", "telecom":
		return e.System + "|" + e.Value
	case "name":
		return "use:" + e.Use
	case "address":
		return "use:" + e.Use + "|" + string(e.Type)
	case "location":
		return e.Location.Reference + "|" + e.Location.Display
	case "participant":
		return e.Individual.Reference + "|" + e.Individual.Display + "|" + conceptsKey(e.Type)
	case "link":
		return e.Other.Reference
	case "component":
		return conceptsKey(e.Code)
	case "reaction":
		return "of:" + manifestKey(e.Manifest)
	case "input", "output":
		return conceptsKey(e.Type) + contentKey(element)
	case "note", "payload":
		return contentKey(element)
	}
	return plainKey(e, element)
}

// plainKey is the identity in lists that have no rule of their own.
func plainKey(e anElement, element []byte) string {
	switch {
	case e.ID != "":
		return "id:" + e.ID
	case e.Reference != "":
		return e.Reference
	case len(e.Coding) > 0 || e.Text != "":
		return conceptKey(fhir.CodeableConcept{Coding: e.Coding, Text: e.Text})
	case e.System != "":
		return e.System + "|" + e.Value + string(e.Code)
	}
	return contentKey(element)
}

// conceptKey is a concept's codes, or where it has none its words.
func conceptKey(c fhir.CodeableConcept) string {
	var codes []string
	for _, k := range c.Coding {
		codes = append(codes, k.System+"|"+k.Code)
	}
	if len(codes) == 0 {
		return "text:" + c.Text
	}
	sort.Strings(codes)
	return strings.Join(codes, ",")
}

// conceptsKey reads one concept or a list of them.
func conceptsKey(raw json.RawMessage) string {
	var one fhir.CodeableConcept
	if json.Unmarshal(raw, &one) == nil {
		return conceptKey(one)
	}
	var many []fhir.CodeableConcept
	if json.Unmarshal(raw, &many) != nil {
		return string(raw)
	}
	return manifestKey(many)
}

func manifestKey(many []fhir.CodeableConcept) string {
	keys := make([]string, len(many))
	for i, c := range many {
		keys[i] = conceptKey(c)
	}
	sort.Strings(keys)
	return strings.Join(keys, ";")
}

// single are our own extensions that a resource has at most once.
var single = map[string]bool{
	fhir.ExtWard: true, fhir.ExtBed: true, fhir.ExtTemporary: true, fhir.ExtStation: true,
	fhir.ExtStamps: true, fhir.ExtScale: true, fhir.ExtSentTime: true, extMoved: true, extSeen: true, extDecided: true, extActive: true,
}

// extensionKey: our own by name, a dispute by the element that it is about, a
// stranger's by name and content, so that two of one name are both kept.
func extensionKey(element []byte) string {
	var e fhir.Extension
	if json.Unmarshal(element, &e) != nil || e.URL == "" {
		return contentKey(element)
	}
	switch {
	case e.URL == fhir.ExtDisputed:
		d := disputeFrom(e)
		return e.URL + "|" + d.path.field + "|" + d.path.key
	case e.URL == fhir.ExtFlag && e.ValueCode != nil:
		return e.URL + "|" + *e.ValueCode
	case single[e.URL]:
		return e.URL
	}
	return e.URL + "|" + contentKey(element)
}
