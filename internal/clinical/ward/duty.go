package ward

import (
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// PriorityUrgent is the word of a to-do's priority; "" is routine.
const PriorityUrgent = "urgent"

// AddTask makes a to-do; FinishTask ends it. It is given to a person (Owner), to
// a role on the patient's ward (Role), or to nobody yet. A role goes with the
// patient: on another ward it is that ward's.
type AddTask struct {
	Patient  PatientID
	Words    string
	Owner    string
	Role     string // a role of trust/rbac, as "nurse"
	Priority string // "" or PriorityUrgent
	Due      time.Time
}

// FinishTask marks a to-do as done, or cancelled with a reason.
type FinishTask struct {
	Patient   PatientID
	Task      fhir.ID
	Cancelled bool
	Reason    string
}

// ReopenTask takes back that a to-do was finished: a withdrawal is appended, which
// says by whom and why, and the to-do is open again.
type ReopenTask struct {
	Patient PatientID
	Task    fhir.ID
	Reason  string
}

func (AddTask) command()    {}
func (FinishTask) command() {}
func (ReopenTask) command() {}

// Duty is a to-do.
type Duty struct {
	ID       fhir.ID   `json:"id"`
	Words    string    `json:"words"`
	Status   string    `json:"status"`
	Owner    string    `json:"owner,omitempty"`
	Stranger bool      `json:"stranger,omitempty"` // nobody of Owner's name has signed in at this computer
	Role     string    `json:"role,omitempty"`
	Priority string    `json:"priority,omitempty"`
	By       string    `json:"by"`
	Made     time.Time `json:"made,omitzero"`
	Due      time.Time `json:"due,omitzero"`
	Ended    time.Time `json:"ended,omitzero"` // of one that is done or cancelled
	EndedBy  string    `json:"endedBy,omitempty"`
	Unsent   bool      `json:"unsent"`
}

// Late says whether it should have been done by now.
func (d Duty) Late(now time.Time) bool { return !d.Due.IsZero() && d.Due.Before(now) }

// For is to whom it is given, in words; "" for nobody yet. A name that nobody here
// bears stands with that, for whoever wrote it to see: nobody will look for it.
func (d Duty) For() string {
	switch {
	case d.Owner != "" && d.Stranger:
		return words.F("%s (not known here)", SayName(d.Owner))
	case d.Owner != "":
		return SayName(d.Owner)
	}
	return Said(d.Role)
}

// DutyItem is one open to-do with whose it is.
type DutyItem struct {
	Who  Identity `json:"who"`
	Duty Duty     `json:"duty"`
	ToMe bool     `json:"toMe"` // given to the reader, or to the reader's role
	Mine bool     `json:"mine"` // of a patient on the reader's own list
	// Run is a routine of somebody who left, and stands for all its open steps: Duty says
	// which. It is answered step by step in the chart.
	Run *RoutineRun `json:"run,omitempty"`
	// Left: the patient is on no ward any more, and this ward keeps them for what
	// is still to be done.
	Left *Leaving `json:"left,omitempty"`
}

// Leaving is when somebody left a ward, where they lay there, and until when that
// ward keeps them at most for what is still to be done. The bed is somebody else's
// now.
type Leaving struct {
	Ward  string    `json:"ward"`
	Bed   string    `json:"bed,omitempty"`
	At    time.Time `json:"at,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// Found is somebody whom a search found. Left says that they are on no ward any more,
// and that this computer's ward keeps them.
type Found struct {
	Identity
	Left *Leaving `json:"left,omitempty"`
}

// Words say it where a place would stand: "Discharged 14:05, last bed 07".
func (l Leaving) Words(now time.Time) string {
	text := words.T("Discharged")
	if !l.At.IsZero() {
		text = words.F("Discharged %s", Stamp(l.At, now))
	}
	if l.Bed != "" {
		text += ", " + words.F("last bed %s", l.Bed)
	}
	return text
}

// Duties is what is to be done on a ward: by patient, and within one by when it
// is due.
type Duties struct {
	Items []DutyItem `json:"items"`
	AsOf  time.Time  `json:"asOf"`
}
