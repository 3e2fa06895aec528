package main

import (
	"testing"
	"testing/synctest"
	"time"
)

// A hand is at work for a second after its last move, and never before its first.
func TestAHandComesToRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hand
		if h.moves() {
			t.Error("a hand that never moved is at work")
		}
		for range 5 {
			h.moved()
			time.Sleep(handRests / 2)
			if !h.moves() {
				t.Error("it rests between two keys")
			}
		}
		time.Sleep(handRests)
		if h.moves() {
			t.Error("it never comes to rest")
		}
	})
}
