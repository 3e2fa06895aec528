package tasks

import (
	"time"

	"wardlight/internal/clinical/ward"
)

// bornWords is a birth date as banners write it.
func bornWords(w ward.Identity) string {
	if t, err := time.Parse("2006-01-02", w.Born); err == nil {
		return ward.Date(t)
	}
	return w.Born
}
