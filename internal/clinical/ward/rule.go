package ward

import "time"

// Rule is one alert rule as a page shows it: clinical/alert says what its words mean.
type Rule struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Words   string   `json:"words"`
	From    string   `json:"from"`
	Limits  []string `json:"limits"`
	Must    bool     `json:"must"`    // no configuration mutes it
	Repeats string   `json:"repeats"` // how its repeats are quietened, or why they are not
	Counted bool     `json:"counted"`
	Marks   bool     `json:"marks,omitempty"` // it marks, and interrupts nobody
	// Use is what became of it in the last days, by their number; nothing where it has
	// not been counted.
	Use map[int]RuleUse `json:"use,omitempty"`
	// Site are the limits that this site may set itself; nil for a rule that has none.
	Site *RuleLimits `json:"site,omitempty"`
}

// RuleUse is how often a rule fired and what people did. Each figure is a number of
// firings, but Patients; one that was taken and acted on counts in both.
type RuleUse struct {
	Fired     int            `json:"fired"`
	Patients  int            `json:"patients"`
	Taken     int            `json:"taken"`
	Acted     map[string]int `json:"acted,omitempty"` // by kind
	Handed    int            `json:"handed"`
	Nothing   int            `json:"nothing"`             // acknowledged, and nothing done
	Overruled map[string]int `json:"overruled,omitempty"` // of an order, by the warning's level
	Climbed   int            `json:"climbed"`             // ran up the ladder
	Quiet     int            `json:"quiet"`               // repeats that interrupted nobody, beside Fired
	Nobody    int            `json:"nobody"`              // nobody has done anything about it
	Done      int            `json:"done,omitempty"`      // what it waited for was done afterwards
}

// RuleBook is the rules in force, with what central counted.
type RuleBook struct {
	Version   string    `json:"version"`
	ChangedBy string    `json:"changedBy"`
	ChangedAt time.Time `json:"changedAt,omitzero"` // zero: never; they are as they came
	List      []Rule    `json:"list"`
	Counted   time.Time `json:"counted,omitzero"` // up to when central counted; zero: its count is not here
	AsOf      time.Time `json:"asOf"`
	Apart     bool      `json:"apart"` // the network is out: what came since is not counted here
}
