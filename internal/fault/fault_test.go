package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"wardlight/internal/fault"
)

func TestKindSurvivesWrapping(t *testing.T) {
	err := fault.New(fault.Full, "cache.commit", "s1", "disk is full")
	err = fmt.Errorf("outer: %w", fault.Wrap("desk.do", "m1", err))
	if !fault.Is(err, fault.Full) {
		t.Fatalf("kind = %v, want full", fault.KindOf(err))
	}
	if got, want := fault.Wrap("a.b", "c", io.EOF).Error(), "a.b c: EOF"; got != want {
		t.Errorf("text = %q, want %q", got, want)
	}
}

func TestNilStaysNil(t *testing.T) {
	if fault.Wrap("a", "b", nil) != nil || fault.As(fault.Full, "a", "b", nil) != nil {
		t.Error("wrapping nil made an error")
	}
	if fault.Is(nil, fault.Other) {
		t.Error("nil is of no kind")
	}
}

func TestCauseIsReachable(t *testing.T) {
	err := fault.As(fault.Unavailable, "link.read", "", io.ErrUnexpectedEOF)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	if got := fault.Newf(fault.Invalid, "x.y", "z", "n=%d", 3).Error(); got != "x.y z: n=3" {
		t.Error(got)
	}
}

func TestWordsAreWithoutThePlace(t *testing.T) {
	inner := fault.New(fault.Full, "disk.write", "d1", "the disk is full")
	for want, err := range map[string]error{
		"the disk is full":                           fault.Wrap("cache.put", "x", fault.Wrap("cache.commit", "", inner)),
		"not saved: disk.write d1: the disk is full": fault.Newf(fault.Full, "desk.do", "", "not saved: %w", inner),
		"timeout":                      &fault.Error{Op: "a", Kind: fault.Timeout},
		"plain":                        errors.New("plain"),
		"the disk is full; and closed": fault.Wrap("cache.put", "", errors.Join(fault.Wrap("cache.commit", "", inner), fault.New(fault.Full, "cache.close", "", "and closed"))),
		"the disk is full, ":           errors.Join(fault.New(fault.Full, "x", "", "the disk is full, ")),
		"both: a: full, b":             fault.Newf(fault.Full, "x", "", "both: %w, %w", fault.As(fault.Full, "a", "", errors.New("full")), errors.New("b")),
	} {
		if got := fault.Words(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
