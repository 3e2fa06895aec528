package shell

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/uitest"
)

// The form of a phoned result can be translated: empty, filled, and when something lacks.
func TestThePhonedResultIsTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	r := newRig(t, light(), 1366, 900)
	r.signIn()
	p := r.phones()
	known := []string{uitest.Data(r.st.rows[0].Who), "Potassium", "Phosphate", "Blood culture", "Chemistry", "J. Okoro", "NHS No."}
	check := func() {
		t.Helper()
		r.settle()
		r.capture()
		uitest.AllTranslatable(t, p.object, known...)
	}
	check()
	r.s.Key(fyne.KeyF2, 0)
	check()
	r.fill(p)
	check()
	p.readBack.OnTap()
	p.fields["called"].SetText("yesterday")
	r.s.Key(fyne.KeyF2, 0)
	known = append(known, "yesterday")
	check()
}

// The page of the rota can be translated, for whoever writes it and for whoever reads it;
// the rota's own text is what somebody wrote.
func TestTheRotaIsTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	for _, user := range []string{"g.mensah", "s.lindqvist"} {
		r := newRig(t, light(), 1366, 900)
		r.signIn()
		func() {
			defer r.st.lock()()
			r.st.person.User = user
		}()
		r.s.seat.palette.do(doRota, "")
		r.settle()
		r.capture()
		uitest.AllTranslatable(t, r.s.seat.onCall.object, "4B", "Mary Okafor, charge nurse", "registrar: Dr Ana Ruiz, on call until 20:00, phone 5512", "nobody is on call as registrar from 20:00 on 22-Nov-2026 to 08:00 on 23-Nov-2026",
			"rota 1", "zone Europe/London", "person Dr Ana Ruiz; phone 5512", "shift registrar; Dr Ana Ruiz; daily 08:00-20:00")
	}
}

// The page of what was sent, the feeds and an outage can be translated in each state of the
// line, and so can the wall. What an entry says comes from the station, in words already.
func TestTheOutageTheFeedsAndTheWallAreTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	r := newRig(t, light(), 1366, 900)
	r.signIn()
	r.cutOff()
	who := r.st.report.Patients[0].Who
	line := func(outcome, why string) ward.OutageLine {
		return ward.OutageLine{Kind: "note", Words: "Slept badly", By: "Grace Mensah, nurse", At: clock("02:50"), Outcome: outcome, Why: why}
	}
	whole := ward.OutageReport{
		From: clock("02:14"), To: clock("04:02"), CaughtUp: true, Level: ward.LevelEqual, Away: 2, Counts: ward.OutageCounts{CameIn: 1, Written: 5, Unsent: 1, Applied: 1, Merged: 1, Review: 1, Refused: 1, Waiting: 2},
		Patients: []ward.OutagePatient{{
			Who: who, Level: ward.LevelDiffers, More: 3, Waiting: []ward.OutageLine{line("", "")}, CameIn: []ward.OutageLine{line("", "")},
			Written: []ward.OutageLine{line("unsent", ""), line("applied", ""), line("merged", ""), line("review", ""), line("refused", "Slept badly")},
		}},
	}
	rebuilt := whole
	rebuilt.Rebuilt, rebuilt.CaughtUp, rebuilt.Level = true, false, ward.LevelDiffers
	drill := whole
	drill.Drill = true
	going := drill
	going.To = time.Time{}
	for name, c := range map[string]struct {
		link   ward.Link
		report ward.OutageReport
		unsent bool
	}{
		"cut off":         {ward.Link{Ever: true, Since: clock("02:14"), AsOf: clock("02:14"), Unsent: 2, UnsentSince: clock("02:50"), Feeds: []ward.Feed{{Name: "laboratory", Last: clock("02:10")}, {Name: "adt"}}}, r.st.report, true},
		"back":            {ward.Link{Connected: true, Ever: true, Since: clock("04:02"), AsOf: noon, LastOutage: &ward.Outage{From: clock("02:14"), To: clock("04:02")}, Feeds: []ward.Feed{{Name: "laboratory", Last: noon, Up: true}}}, whole, false},
		"set back":        {ward.Link{Connected: true, Ever: true, Since: clock("04:02"), AsOf: noon, LastOutage: &ward.Outage{From: clock("02:14"), To: clock("04:02")}}, rebuilt, false},
		"a drill goes on": {ward.Link{Ever: true, Since: noon, AsOf: noon, Drill: &ward.Drill{From: clock("13:30"), Until: clock("14:30"), By: "Grace Mensah"}}, going, true},
		"drill":           {ward.Link{Ever: true, Since: noon, AsOf: noon, Drill: &ward.Drill{From: clock("13:30"), Until: clock("14:30"), By: "Grace Mensah"}}, drill, true},
		"turned away":     {ward.Link{Ever: true, Since: noon, AsOf: noon, Refused: "revoked"}, whole, true},
		"never":           {ward.Link{}, whole, true},
	} {
		t.Run(name, func(t *testing.T) {
			unsent := r.st.unsent
			func() {
				defer r.st.lock()()
				r.st.link, r.st.report = c.link, c.report
				if !c.unsent {
					r.st.unsent = nil
				}
			}()
			r.s.links.Reload()
			r.s.seat.turn(pageBoard)
			r.s.showLine()
			r.settle()
			r.capture()
			if len(r.s.seat.outage.State().Lines) < 3 {
				t.Errorf("the page says %+v", r.s.seat.outage.State())
			}
			uitest.AllTranslatable(t, r.s.seat.pages[pageOutage].Object(), uitest.Data(unsent), uitest.Data(c.report, "unsent", "applied", "merged", "review", "refused"), "adt")
			r.s.toggleWall()
			r.settle()
			r.capture()
			var rows []string
			for _, row := range r.st.rows {
				rows = append(rows, row.Who.Bed)
			}
			uitest.AllTranslatable(t, r.s.Content(), uitest.Data(r.st.rows), uitest.Data(rows), "Ward 4B", `re:\b[A-Z]{1,3}\b`)
			r.s.toggleWall()
			r.settle()
			func() { defer r.st.lock()(); r.st.unsent = unsent }()
		})
	}
}
