package tidy

import "testing"

// The wish holds as long as there is room in it, and what lives has room always.
func TestALimitLeavesRoomAboveWhatLives(t *testing.T) {
	const mb = 1 << 20
	for live, want := range map[int64]int64{0: 112 * mb, 60 * mb: 112 * mb, 84 * mb: 112 * mb, 96 * mb: 124 * mb, 160 * mb: 196 * mb} {
		if got := Limit(112*mb, live); got != want {
			t.Errorf("%d MB live: a limit of %d MB, not %d", live/mb, got/mb, want/mb)
		}
	}
}
