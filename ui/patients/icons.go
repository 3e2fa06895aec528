package patients

import (
	"wardlight/internal/words"
	"wardlight/ui/kit"
)

// The icons of the page, by the names of assets: a span's icon is one of them.
const (
	iconBed         = "bed-bold"
	iconFilter      = "funnel-bold"
	iconUp          = "caret-up-bold"
	iconDown        = "caret-down-bold"
	iconAbove       = "caret-up-fill"
	iconBelow       = "caret-down-fill"
	iconSimilar     = "users-bold"
	iconOverdue     = "clock-countdown-fill"
	iconUnsent      = "cloud-arrow-up-fill"
	iconAllergy     = "warning-diamond-fill"
	iconQuestion    = "question-bold"
	iconUnavailable = "cloud-slash-fill"
	iconCritical    = "warning-octagon-fill"
	iconUrgent      = "warning-fill"
	iconCorrected   = "pencil-simple-fill"
)

// flagChip is a flag with its shape: it informs, and does not shout.
func flagChip(flag string) kit.Span {
	switch flag {
	case "Isolation":
		return kit.Chip(words.T("Isolation"), "virus-fill", kit.Quiet)
	case "Falls":
		return kit.Chip(words.T("Falls"), "person-simple-walk-fill", kit.Quiet)
	case "DNACPR":
		return kit.Chip(flag, "prohibit-fill", kit.Quiet)
	case "Routine open":
		return kit.Chip(words.T("Routine open"), "list-checks-bold", kit.Quiet)
	case "Routine late":
		return kit.Chip(words.T("Routine late"), "clock-countdown-fill", kit.LateTone)
	}
	return kit.Chip(flag, "", kit.Quiet)
}
