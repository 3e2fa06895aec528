package fhir

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"wardlight/internal/fault"
)

// maxDepth bounds nesting: R4 has no limit, real resources stay under 20.
const maxDepth = 64

// Canonical renders JSON with sorted members, no white space and every number
// as it was written. It refuses duplicate members, trailing data and nesting
// deeper than 64.
//
// Every resource and every audit event passes through here several times, so it
// reads the bytes once, beside the check that they are JSON: what encoding/json
// would write otherwise than it stands (escapes, bytes beyond ASCII) goes through
// encoding/json, all else is copied.
func Canonical(b []byte) ([]byte, error) {
	if stands(b) {
		return bytes.Clone(b), nil
	}
	if !json.Valid(b) {
		return nil, fault.New(fault.Invalid, "fhir.canonical", "", "not JSON, or data after its end")
	}
	return canonical(b)
}

// canonical is Canonical of what encoding/json has just written: that it is JSON
// needs no look. What is canonical already is returned itself.
func canonical(b []byte) ([]byte, error) {
	if stands(b) {
		return b, nil
	}
	c := canon{in: b, out: make([]byte, 0, len(b))}
	if err := c.value(0); err != nil {
		return nil, fault.As(fault.Invalid, "fhir.canonical", "", err)
	}
	return c.out, nil
}

// canon reads valid JSON and writes its canonical form.
type canon struct {
	in  []byte
	at  int
	out []byte
}

// next is the next byte that is no white space.
func (c *canon) next() byte {
	for {
		switch b := c.in[c.at]; b {
		case ' ', '\t', '\n', '\r':
			c.at++
		default:
			return b
		}
	}
}

func (c *canon) value(depth int) error {
	if depth > maxDepth {
		return errors.New("nested deeper than 64")
	}
	switch c.next() {
	case '{':
		return c.object(depth)
	case '[':
		return c.array(depth)
	case '"':
		return c.text()
	}
	from := c.at
	for c.at < len(c.in) && !strings.ContainsRune(" \t\n\r,]}", rune(c.in[c.at])) {
		c.at++
	}
	c.out = append(c.out, c.in[from:c.at]...)
	return nil
}

// text copies a string; one that encoding/json would write otherwise than it
// stands is written by it.
func (c *canon) text() error {
	from, plain := c.at, true
	for c.at++; c.in[c.at] != '"'; c.at++ {
		switch b := c.in[c.at]; {
		case b == '\\':
			plain = false
			c.at++
		case b > '~':
			plain = false
		}
	}
	c.at++
	if plain {
		c.out = append(c.out, c.in[from:c.at]...)
		return nil
	}
	var s string
	if err := json.Unmarshal(c.in[from:c.at], &s); err != nil {
		return errors.New("not JSON")
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return err
	}
	c.out = append(c.out, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
	return nil
}

func (c *canon) array(depth int) error {
	c.out = append(c.out, '[')
	for c.at++; c.next() != ']'; {
		if c.in[c.at] == ',' {
			c.at++
			c.out = append(c.out, ',')
		}
		if err := c.value(depth + 1); err != nil {
			return err
		}
	}
	c.at++
	c.out = append(c.out, ']')
	return nil
}

// member is one member as it was written to out, with its name's meaning.
type member struct {
	name     string
	from, to int
}

func (c *canon) object(depth int) error {
	c.out = append(c.out, '{')
	start := len(c.out)
	var room [16]member
	members := room[:0]
	for c.at++; c.next() != '}'; {
		if c.in[c.at] == ',' {
			c.at++
			c.next()
			c.out = append(c.out, ',')
		}
		m, err := c.member(depth)
		if err != nil {
			return err
		}
		members = append(members, m)
	}
	c.at++
	if err := c.sort(start, members); err != nil {
		return err
	}
	c.out = append(c.out, '}')
	return nil
}

func (c *canon) member(depth int) (member, error) {
	m := member{from: len(c.out)}
	if err := c.text(); err != nil {
		return m, err
	}
	raw := c.out[m.from:]
	m.name = string(raw[1 : len(raw)-1])
	if strings.IndexByte(m.name, '\\') >= 0 {
		if err := json.Unmarshal(raw, &m.name); err != nil {
			return m, errors.New("not JSON")
		}
	}
	c.next() // the colon
	c.at++
	c.out = append(c.out, ':')
	err := c.value(depth + 1)
	m.to = len(c.out)
	return m, err
}

// sort puts the members that stand in out from start on in the order of their
// names. Those of what was canonical before stand in it already.
func (c *canon) sort(start int, members []member) error {
	ordered := slices.IsSortedFunc(members, byName)
	if !ordered {
		slices.SortFunc(members, byName)
	}
	for i := 1; i < len(members); i++ {
		if members[i].name == members[i-1].name {
			return errors.New("a member stands twice")
		}
	}
	if ordered {
		return nil
	}
	written := slices.Clone(c.out[start:])
	c.out = c.out[:start]
	for i, m := range members {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = append(c.out, written[m.from-start:m.to-start]...)
	}
	return nil
}

func byName(a, b member) int { return strings.Compare(a.name, b.name) }
