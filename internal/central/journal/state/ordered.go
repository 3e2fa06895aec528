package state

import (
	"iter"
	"strings"
)

// Map is an ordered map that never changes: Set and Delete return a new map
// and leave the old one as it was, so that keeping a map is taking a snapshot.
// The zero Map is empty. It is a treap whose priorities are hashes of the keys:
// the same rows make the same tree, in whatever order they came.
type Map struct{ root *node }

type node struct {
	key         string
	val         any
	prio        uint64
	left, right *node
}

// Get returns the value of key.
func (m Map) Get(key string) (any, bool) {
	for n := m.root; n != nil; {
		switch {
		case key == n.key:
			return n.val, true
		case key < n.key:
			n = n.left
		default:
			n = n.right
		}
	}
	return nil, false
}

// Empty says whether m holds nothing.
func (m Map) Empty() bool { return m.root == nil }

// Set returns m with key = val.
func (m Map) Set(key string, val any) Map {
	return Map{insert(m.root, key, val, priority(key))}
}

// Delete returns m without key.
func (m Map) Delete(key string) Map { return Map{remove(m.root, key)} }

// From yields the rows with this prefix after a key ("" for all), ascending.
func (m Map) From(prefix, after string) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) { ascend(m.root, prefix, after, yield) }
}

func ascend(n *node, prefix, after string, yield func(string, any) bool) bool {
	if n == nil {
		return true
	}
	low := n.key <= after && after != "" || n.key < prefix
	if !low && !ascend(n.left, prefix, after, yield) {
		return false
	}
	if !low {
		if !strings.HasPrefix(n.key, prefix) {
			return false // beyond the prefix: nothing further can match
		}
		if !yield(n.key, n.val) {
			return false
		}
	}
	return ascend(n.right, prefix, after, yield)
}

func insert(n *node, key string, val any, prio uint64) *node {
	if n == nil {
		return &node{key: key, val: val, prio: prio}
	}
	c := *n
	switch {
	case key == n.key:
		c.val = val
	case key < n.key:
		c.left = insert(n.left, key, val, prio)
		if c.left.prio > c.prio {
			up := c.left // made by insert just now, so it may be written to
			c.left, up.right = up.right, &c
			return up
		}
	default:
		c.right = insert(n.right, key, val, prio)
		if c.right.prio > c.prio {
			up := c.right
			c.right, up.left = up.left, &c
			return up
		}
	}
	return &c
}

func remove(n *node, key string) *node {
	if n == nil {
		return nil
	}
	if key == n.key {
		return join(n.left, n.right)
	}
	c := *n
	if key < n.key {
		c.left = remove(n.left, key)
	} else {
		c.right = remove(n.right, key)
	}
	return &c
}

func join(l, r *node) *node {
	switch {
	case l == nil:
		return r
	case r == nil:
		return l
	case l.prio > r.prio:
		c := *l
		c.right = join(l.right, r)
		return &c
	default:
		c := *r
		c.left = join(l, r.left)
		return &c
	}
}

// priority is FNV-1a, mixed so that keys which differ in one byte are far
// apart.
func priority(key string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(key); i++ {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
