package ward

import (
	"strconv"
	"time"
)

// Sounding is what a sound may tell of: a result that nobody has taken, or a critical
// value that is held back. It names nobody, so that a locked window may sound too.
type Sounding struct {
	Key string // of one version of it, see SoundKey
	// Must says that it is, or may be, critical: no quiet hours hold it back. The others
	// are corrections of what somebody had acted on.
	Must bool
	// Seen says that an unlocked window somewhere has drawn it. Seen is not taken.
	Seen bool
	// Due is when each step of its ladder is told, the first at once; Again how often
	// the last one is told anew.
	Due   []time.Time
	Again time.Duration
}

// SoundKey names one version of a result, or of a warning.
func SoundKey(r ResultID, version uint64) string {
	return string(r) + "/" + strconv.FormatUint(version, 10)
}

// Sounds is how one computer sounds. The zero value says nothing: Sound makes it the
// usual.
type Sounds struct {
	Volume int `json:"volume,omitempty"` // in per cent, one of the steps
	// QuietFrom and QuietTo are the quiet hours, in minutes of the day by the ward's
	// clock; equal ones are none.
	QuietFrom int `json:"quietFrom,omitempty"`
	QuietTo   int `json:"quietTo,omitempty"`
	// MutedAt and MutedUntil are while nothing sounds here; zero for not muted.
	MutedAt    time.Time `json:"mutedAt,omitzero"`
	MutedUntil time.Time `json:"mutedUntil,omitzero"`
}

// The bounds of a computer's sound. There is no volume of nothing: who wants silence
// mutes it, which is seen and ends.
const (
	MinVolume   = 25
	MaxVolume   = 100
	UsualVolume = 75
	VolumeStep  = 25
	// MaxMute is the longest that a computer is muted at once.
	MaxMute = time.Hour
	dayLong = 24 * 60
)

// Sound returns it with everything within its bounds: a file that somebody edited must
// not make a computer silent.
func (s Sounds) Sound() Sounds {
	if s.Volume == 0 {
		s.Volume = UsualVolume
	}
	s.Volume = min(max(s.Volume/VolumeStep*VolumeStep, MinVolume), MaxVolume)
	if s.QuietFrom < 0 || s.QuietFrom >= dayLong || s.QuietTo < 0 || s.QuietTo >= dayLong {
		s.QuietFrom, s.QuietTo = 0, 0
	}
	if d := s.MutedUntil.Sub(s.MutedAt); s.MutedAt.IsZero() || d <= 0 || d > MaxMute {
		s.MutedAt, s.MutedUntil = time.Time{}, time.Time{}
	}
	return s
}

// Muted says whether nothing sounds at now. A clock that was set back does not make it
// longer: before it began it does not hold.
func (s Sounds) Muted(now time.Time) bool {
	return !s.MutedUntil.IsZero() && now.Before(s.MutedUntil) && !now.Before(s.MutedAt)
}

// Quiet says whether now, by its own zone, lies in the quiet hours.
func (s Sounds) Quiet(now time.Time) bool {
	at := now.Hour()*60 + now.Minute()
	if s.QuietFrom <= s.QuietTo {
		return at >= s.QuietFrom && at < s.QuietTo
	}
	return at >= s.QuietFrom || at < s.QuietTo
}
