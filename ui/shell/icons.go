package shell

// The icons of the window, by the names of assets.
const (
	iconBoard     = "squares-four-bold"
	iconBell      = "bell-bold"
	iconResults   = "flask-bold"
	iconTasks     = "list-checks-bold"
	iconReviews   = "git-diff-bold"
	iconOrders    = "test-tube-bold"
	iconWall      = "desktop-bold"
	iconNote      = "note-pencil-bold"
	iconLock      = "lock-bold"
	iconKeys      = "keyboard-bold"
	iconPlus      = "plus-bold"
	iconMinus     = "minus-bold"
	iconPulse     = "pulse-bold"
	iconList      = "list-bold"
	iconFind      = "magnifying-glass-bold"
	iconPerson    = "user-bold"
	iconSimilar   = "users-bold"
	iconConnected = "check-circle-fill"
	iconCritical  = "warning-octagon-fill"
	iconWarning   = "warning-fill"
	iconLoading   = "hourglass-medium-bold"
	iconUnsent    = "cloud-arrow-up-fill"
	iconSettings  = "gear-bold"
)
