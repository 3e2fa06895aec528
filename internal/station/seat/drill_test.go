package seat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
	"wardlight/internal/station/seat"
)

// aDrillGoesOn is a ward with one patient, on whose computer the charge nurse practises a
// downtime.
func aDrillGoesOn(t *testing.T) (*world, string, *clocks, *seat.Seat, *desk.Desk) {
	t.Helper()
	w, c := hospital(t), realClock()
	w.order("user add", map[string]string{"user": "c.okafor", "name": "Chidi Okafor", "role": "charge-nurse", "wards": "4B", "pin": "550912"})
	dir := w.enrol()
	s := w.sitWith(dir, c)
	<-s.Opened()
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	if err := s.BeginDrill(context.Background(), 30*time.Minute); !fault.Is(err, fault.Denied) {
		t.Fatalf("begun by a nurse: %v", err)
	}
	if _, err := s.SignIn(context.Background(), "c.okafor", "550912"); err != nil {
		t.Fatal(err)
	}
	admit(t, w)
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "somebody is on the ward", func() bool {
		rows, err := d.Board(context.Background())
		return err == nil && len(rows) == 1 && rows[0].Whole
	})
	for _, lasts := range []time.Duration{time.Minute, 2 * time.Hour} {
		if err := s.BeginDrill(context.Background(), lasts); !fault.Is(err, fault.Invalid) {
			t.Errorf("for %s: %v", lasts, err)
		}
	}
	if err := s.BeginDrill(context.Background(), 30*time.Minute); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the line is let go", func() bool { l := s.Link(); return !l.Connected && l.Drill != nil })
	return w, dir, c, s, d
}

// onRecordOf counts central's audit events that say this.
func (w *world) saidOnRecord(words string) (n int) {
	w.t.Helper()
	for _, l := range w.order("audit list", nil) {
		b, err := json.Marshal(l["event"])
		if err != nil {
			w.t.Fatal(err)
		}
		if strings.Contains(string(b), words) {
			n++
		}
	}
	return n
}

// note writes a note about the only patient.
func note(t *testing.T, d *desk.Desk, text string) {
	t.Helper()
	rows, err := d.Board(context.Background())
	if err != nil || len(rows) != 1 {
		t.Fatalf("%v, %v", rows, err)
	}
	if _, err := d.Do(context.Background(), ward.WriteNote{Patient: rows[0].Who.ID, Text: text}); err != nil {
		t.Fatal(err)
	}
}

// potassium sends a critical result of the only patient.
func potassium(t *testing.T, w *world) {
	t.Helper()
	c, err := net.Dial("tcp", w.conf.MLLP)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	now := time.Now().Format("20060102150405")
	message := strings.Join([]string{
		"MSH|^~\\&|LAB|HOSP|WARDLIGHT|HOSP|" + now + "||ORU^R01^ORU_R01|L1|P|2.5.1",
		"PID|1||9990417733^^^NHS^NH||ADEYEMI^FOLAKE||19540314|F", "PV1|1|I|4B^^07^HOSP||||||||||||||||V1",
		"ORC|RE|P1|F1", "OBR|1|P1|F1|2823-3^Potassium^LN|||" + now + "|||||||||||||||" + now + "|||F",
		"OBX|1|NM|2823-3^Potassium^LN||6.8|mmol/L^^UCUM|3.5-5.3|HH|||F|||" + now, "",
	}, "\r")
	if _, err := fmt.Fprintf(c, "\x0b%s\x1c\r", message); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 4096)
	n, err := c.Read(answer)
	if err != nil || !strings.Contains(string(answer[:n]), "MSA|AA") {
		t.Fatalf("%v: %q", err, answer[:n])
	}
}

// A drill behaves as with the network out: what is entered waits. A critical result ends
// it, and comes; what was entered is sent, and the report is told as after an outage.
func TestACriticalResultEndsTheDrill(t *testing.T) {
	w, _, _, s, d := aDrillGoesOn(t)
	note(t, d, "Written in the drill.")
	if l := s.Link(); l.Unsent != 1 || l.Connected || l.Drill == nil || l.Drill.By == "" {
		t.Fatalf("during the drill: %+v", l)
	}
	if err := s.BeginDrill(context.Background(), 30*time.Minute); err == nil {
		t.Error("begun twice")
	}
	potassium(t, w)
	waitFor(t, "the drill has ended", func() bool { return s.Link().Drill == nil })
	waitFor(t, "the result has come", func() bool { a, err := d.Alerts(context.Background()); return err == nil && len(a) == 1 })
	waitFor(t, "what was entered is sent", func() bool { l := s.Link(); return l.Connected && l.Unsent == 0 })
	if told := s.Trouble(); len(told) != 1 || !strings.Contains(told[0].What, "a critical result has come") {
		t.Errorf("told: %+v", told)
	}
	if o := s.Link().LastOutage; o == nil || !o.Drill || o.Entries != 1 {
		t.Errorf("the report: %+v", o)
	}
	waitFor(t, "both ends are on record", func() bool {
		return w.saidOnRecord("a downtime drill began") == 1 && w.saidOnRecord("a downtime drill ended: a critical result came") == 1
	})
	if err := s.BeginDrill(context.Background(), 30*time.Minute); !fault.Is(err, fault.Conflict) {
		t.Errorf("begun while a critical result waits: %v", err)
	}
}

// It ends by itself when its time is over, and by anybody's press.
func TestADrillEndsByItselfAndByOnePress(t *testing.T) {
	w, _, c, s, _ := aDrillGoesOn(t)
	c.pass(29 * time.Minute)
	if s.Link().Drill == nil {
		t.Fatal("it ended before its time")
	}
	c.pass(2 * time.Minute)
	waitFor(t, "its time is over", func() bool { l := s.Link(); return l.Drill == nil && l.Connected })
	if err := s.BeginDrill(context.Background(), 5*time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := w.signIn(s, "481526"); err != nil { // a nurse, who could not have begun it
		t.Fatal(err)
	}
	if err := s.EndDrill(context.Background()); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "contact", func() bool { l := s.Link(); return l.Drill == nil && l.Connected })
	if err := s.EndDrill(context.Background()); !fault.Is(err, fault.NotFound) {
		t.Errorf("ended twice: %v", err)
	}
	waitFor(t, "on record", func() bool {
		return w.saidOnRecord("a downtime drill ended: its time was over") == 1 && w.saidOnRecord("a downtime drill ended: ended by g.mensah") == 1
	})
}

// Central goes away during a drill: that is no practice, and the screen says so.
func TestARealOutageEndsTheDrill(t *testing.T) {
	w, _, _, s, _ := aDrillGoesOn(t)
	w.stop()
	waitFor(t, "the drill has ended", func() bool { return s.Link().Drill == nil })
	if told := s.Trouble(); len(told) != 1 || !strings.Contains(told[0].What, "the network is out") {
		t.Errorf("told: %+v", told)
	}
	if err := s.BeginDrill(context.Background(), 30*time.Minute); !fault.Is(err, fault.Unavailable) {
		t.Errorf("begun with the network out: %v", err)
	}
}

// A program that ends in a drill is connected when it is started again, says that the
// drill has ended, and puts that on record.
func TestADrillDoesNotOutliveTheProgram(t *testing.T) {
	w, dir, c, s, d := aDrillGoesOn(t)
	note(t, d, "Written in the drill.")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = w.sitWith(dir, c)
	waitFor(t, "connected, and all is sent", func() bool { l := s.Link(); return l.Connected && l.Drill == nil && l.Unsent == 0 })
	waitFor(t, "on record", func() bool { return w.saidOnRecord("a downtime drill ended: the program ended") == 1 })
	if told := s.Trouble(); len(told) != 1 || !strings.Contains(told[0].What, "The drill has ended") {
		t.Errorf("told: %+v", told)
	}
}
