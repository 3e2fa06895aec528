package tasks_test

import (
	"context"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/tasks"
)

// A task that was begun is there for its patient after a lock, is gone once it is saved,
// and follows the form to another patient.
func TestATaskThatWasBegunIsThereAgain(t *testing.T) {
	m, d, _ := start(t, list())
	d.Now = func() time.Time { return at("14:04") }
	folake, zofia := who("p07", "Adeyemi", "07"), who("p11", "Kowalczyk", "11")
	m.New(&folake)
	m.TypeWords("Ring the daughter")
	m.TypeDue("16:00")
	m.SetUrgent(true)
	m.Flush()

	var q base.Queue
	until := func(ok func() bool) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
			if q.Drain(); time.Now().After(end) {
				t.Fatal("it did not happen")
			}
		}
	}
	kept := func() int {
		all, _ := d.Drafts(context.Background())
		return len(all)
	}
	m = tasks.New(d, &q, func() time.Time { return now }, func(tasks.State) {})
	m.New(&zofia)
	time.Sleep(20 * time.Millisecond)
	until(func() bool { return m.State().Form.Words == "" })
	m.New(&folake)
	until(func() bool { return m.State().Form.Kept != "" })
	if f := m.State().Form; f.Words != "Ring the daughter" || f.When != "due 16:00" || !f.Urgent || f.Kept != "Draft kept 14:04" {
		t.Fatalf("came back as %+v", f)
	}
	m.Save(func() {})
	until(func() bool { return m.State().Form == nil && kept() == 0 })

	m.New(&folake)
	m.TypeWords("For somebody else")
	m.Flush()
	m.Choose("") // another patient: it was never about this one
	until(func() bool { return kept() == 0 })
	m.Leave()
	if cmds := d.commands(); len(cmds) != 1 || cmds[0].(ward.AddTask).Patient != "p07" {
		t.Errorf("saved %+v", cmds)
	}
}
