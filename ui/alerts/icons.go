package alerts

// The icons of the package, by the names of assets.
const (
	iconCritical    = "warning-octagon-fill"
	iconCorrected   = "pencil-simple-fill"
	iconAllergy     = "warning-diamond-fill"
	iconQuestion    = "question-bold"
	iconUnavailable = "cloud-slash-fill"
	iconDue         = "clock-countdown-fill"
	iconClock       = "clock-fill"
	iconUnsent      = "cloud-arrow-up-fill"
)
