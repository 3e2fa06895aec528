package shell

import (
	"wardlight/internal/clinical/ward"
	vchart "wardlight/internal/station/view/chart"
	vtasks "wardlight/internal/station/view/tasks"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/tasks"
)

func (n *session) makeTasks() {
	conf := n.shell.conf
	var p *tasks.Page
	var offered *vtasks.Undo
	n.tasks = vtasks.New(n.unhurried(), conf.Dispatch, conf.Now, func(st vtasks.State) {
		if n.over() {
			return
		}
		n.draw(pageTasks, func() { p.Show(st) })
		if st.Undo != nil && st.Undo != offered {
			n.toast.Say(kit.ToastConfig{Text: st.Undo.Words, Action: words.T("Undo"), Key: n.shell.keys.Cap(doUndo)}, n.tasks.Undo)
			n.body.Changed() // the page makes room for it
		}
		offered = st.Undo
	})
	n.tasks.OnRun = func(id ward.PatientID) { n.openChart(id, vchart.Routines) }
	back := func() {
		if n.taskFor != "" && n.at == pageTasks {
			id := n.taskFor
			n.taskFor = ""
			n.openChart(id, n.taskTab)
			n.from = n.taskFrom // the form was on the way, and is no page that the chart came from
			n.body.badges()
		}
	}
	p = tasks.New(n.tasks, tasks.Actions{
		Chart: func(id ward.PatientID) { n.openChart(id, "") },
		Saved: func() {
			n.toast.Say(kit.ToastConfig{Text: words.T("Task saved")}, nil)
			back()
			n.body.Changed()
		},
		Left: back,
	}, n.shell.typing, conf.Clock)
	n.pages[pageTasks] = p
}

// newTask begins a task: on a chart for its patient, and the chart comes back
// when it is saved or left; elsewhere on the tasks page.
func (n *session) newTask() {
	n.palette.close()
	n.help.close()
	n.glass.close()
	p, ok := n.pages[pageTasks].(*tasks.Page)
	if !ok {
		return
	}
	n.taskFor = ""
	if st := n.chart.State(); n.at == pageChart && st.Loaded {
		n.turn(pageTasks)
		n.taskFor, n.taskTab, n.taskFrom = st.ID, st.Tab, n.from
		p.NewFor(st.Chart.Who)
		return
	}
	n.turn(pageTasks)
	p.New()
}
