package cache_test

import "testing"

func child(string) {}

func TestEmpty(t *testing.T) {
	c := open(t, options(t))
	cur, err := c.Cursor()
	ok(t, err)
	t.Log(cur)
}
