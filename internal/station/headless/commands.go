package headless

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// command carries out one request; what it returns becomes members of the
// reply.
type command func(ctx context.Context, s *server, text []byte) (any, error)

// commands is the whole protocol; docs/headless.md is held to it by a test.
var commands map[string]command

func init() {
	commands = map[string]command{
		"status":      status,
		"sign_in":     signIn,
		"sign_out":    sit(Desk.EndSession),
		"lock":        sit(Desk.Lock),
		"break_glass": breakGlass,

		"change_pin":   changePIN,
		"sessions":     sessions,
		"end_sessions": endSessions,

		"jot":      jot,
		"jot_done": jotDone,

		"patients": patients,
		"search":   search,
		"alerts":   alerts,
		"inbox":    inbox,
		"tasks":    tasks,
		"handover": handover,
		"call":     call,
		"reviews":  reviews,
		"report":   report,
		"my_list":  myList,
		"rota":     onCall,
		"routines": routines,
		"rules":    rules,
		"chart":    chart,
		"results":  results,
		"drafts":   drafts,

		"documents": documents,
		"document":  document,

		"take":        do(func(r takeReq) ward.Command { return r.command() }),
		"acknowledge": do(func(r acknowledgeReq) ward.Command { return r.command() }),
		"withdraw": do(func(r withdrawReq) ward.Command {
			return ward.Withdraw{Patient: r.Patient, Task: r.Task, Reason: r.Reason}
		}),
		"shown":              do(func(r shownReq) ward.Command { return r.command() }),
		"record_vitals":      do(func(r vitalsReq) ward.Command { return r.command() }),
		"add_allergy":        do(func(r allergyReq) ward.Command { return r.command() }),
		"refute_allergy":     do(func(r refuteReq) ward.Command { return r.command() }),
		"no_known_allergies": do(func(r patientReq) ward.Command { return ward.NoKnownAllergies{Patient: r.Patient} }),
		"record_problem":     do(func(r problemReq) ward.Command { return r.command() }),
		"resolve_problem": do(func(r aboutProblemReq) ward.Command {
			return ward.ResolveProblem{Patient: r.Patient, Problem: r.Problem, Version: r.Version, Reason: r.Reason}
		}),
		"strike_problem": do(func(r aboutProblemReq) ward.Command {
			return ward.StrikeProblem{Patient: r.Patient, Problem: r.Problem, Version: r.Version, Reason: r.Reason}
		}),
		"reopen_problem": do(func(r againReq) ward.Command { return ward.ReopenProblem{Patient: r.Patient, Problem: r.Problem} }),
		"note": do(func(r noteReq) ward.Command {
			return ward.WriteNote{Patient: r.Patient, Text: r.Text, Edit: r.Edit, True: r.True, Confirmed: r.Confirmed}
		}),
		"draft":       do(func(r draftReq) ward.Command { return ward.SaveDraft{Patient: r.Patient, Kind: r.Kind, Body: r.Body} }),
		"order":       do(func(r orderReq) ward.Command { return r.command() }),
		"task":        do(func(r taskReq) ward.Command { return r.command() }),
		"finish_task": do(func(r finishReq) ward.Command { return r.command() }),
		"reopen_task": do(func(r finishReq) ward.Command {
			return ward.ReopenTask{Patient: r.Patient, Task: r.Task, Reason: r.Reason}
		}),
		"write_handover": do(func(r wordingReq) ward.Command { return r.command() }),
		"give_handover":  do(func(r giveReq) ward.Command { return ward.GiveHandover{Patients: r.Patients, To: r.To} }),
		"accept_handover": do(func(r givenReq) ward.Command {
			return ward.AcceptHandover{Patient: r.Patient, Given: r.Given, Synthesis: r.Synthesis}
		}),
		"take_back_handover": do(func(r givenReq) ward.Command {
			return ward.TakeBackHandover{Patient: r.Patient, Given: r.Given, Reason: r.Reason}
		}),
		"phoned_result": do(func(r phonedReq) ward.Command { return r.command() }),
		"withdraw_phoned_result": do(func(r unphoneReq) ward.Command {
			return ward.WithdrawPhoned{Patient: r.Patient, Result: r.Result, Reason: r.Reason}
		}),
		"save_routine": do(func(r routineReq) ward.Command { return r.command() }),
		"start_routine": do(func(r startRoutineReq) ward.Command {
			return ward.StartRoutine{Patient: r.Patient, Routine: r.Routine}
		}),
		"mark_step": do(func(r stepReq) ward.Command {
			return ward.MarkStep{Patient: r.Patient, Run: r.Run, Step: r.Step, Not: r.Not, Reason: r.Reason}
		}),
		"unmark_step": do(func(r stepReq) ward.Command {
			return ward.UnmarkStep{Patient: r.Patient, Run: r.Run, Step: r.Step, Reason: r.Reason}
		}),
		"end_routine": do(func(r endRoutineReq) ward.Command {
			return ward.EndRoutine{Patient: r.Patient, Run: r.Run, Mistake: r.Mistake, Reason: r.Reason}
		}),
		"edit_rota":    do(func(r rotaReq) ward.Command { return ward.EditRota{Ward: r.Ward, Version: r.Version, Text: r.Text} }),
		"set_limit":    do(func(r limitReq) ward.Command { return r.command() }),
		"record_call":  do(func(r callReq) ward.Command { return r.command() }),
		"ask":          do(func(r askReq) ward.Command { return ward.Ask{Review: r.Review, To: r.To, Words: r.Words} }),
		"keep_on_list": do(func(r keepReq) ward.Command { return ward.KeepOnList{Patient: r.Patient, Keep: r.Keep} }),
		"decide":       do(func(r decideReq) ward.Command { return r.command() }),

		"ward_pack": wardPack,
		"drill":     drill,
		"end_drill": endDrill,

		"disconnect": link(Station.Disconnect),
		"connect":    link(Station.Connect),
		"quit":       func(context.Context, *server, []byte) (any, error) { return nil, errQuit },
	}
}

// parse reads a request strictly.
func parse[T any](text []byte) (T, error) {
	var r T
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return r, fault.New(fault.Invalid, "headless.parse", "", parseWords(err))
	}
	if _, err := dec.Token(); err != io.EOF {
		return r, fault.New(fault.Invalid, "headless.parse", "", "There is more than one JSON value on the line.")
	}
	return r, nil
}

// parseWords names the field and never its content.
func parseWords(err error) string {
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return "This command has no field " + field + ". Nothing was done."
	}
	var wrong *json.UnmarshalTypeError
	if ok := asTypeError(err, &wrong); ok && wrong.Field != "" {
		return "The field \"" + wrong.Field + "\" has the wrong type. Nothing was done."
	}
	return "A field of the request cannot be read. Nothing was done."
}

func (s *server) desk() (Desk, error) { return s.cfg.Station.Desk() }

// settled is the desk, after it has seen everything that was written.
func (s *server) settled(ctx context.Context) (Desk, error) {
	d, err := s.desk()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, settleFor)
	defer cancel()
	if err := d.Settle(ctx); err != nil && !fault.Is(err, fault.Timeout) {
		return nil, err
	}
	return d, nil
}

type statusReply struct {
	Open     bool         `json:"open"`
	SignedIn bool         `json:"signedIn"`
	Person   *ward.Person `json:"person,omitempty"`
	Link     *ward.Link   `json:"link,omitempty"`
	About    any          `json:"about,omitempty"`
}

func status(_ context.Context, s *server, text []byte) (any, error) {
	if _, err := parse[head](text); err != nil {
		return nil, err
	}
	out := statusReply{About: s.cfg.About}
	d, err := s.desk()
	switch {
	case fault.Is(err, fault.Unavailable):
		return out, nil
	case err != nil:
		return nil, err
	}
	l := d.Link()
	out.Open, out.Link = true, &l
	if p, ok := d.SignedIn(); p.User != "" {
		out.SignedIn, out.Person = ok, &p
	}
	return out, nil
}

type signInReq struct {
	head
	User string `json:"user"`
	PIN  string `json:"pin"`
	Code string `json:"code"` // of a second factor
}

func signIn(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[signInReq](text)
	if err != nil {
		return nil, err
	}
	p, err := s.cfg.Station.SignInWithCode(ctx, r.User, r.PIN, r.Code)
	if err != nil {
		return nil, err
	}
	return struct {
		Person ward.Person `json:"person"`
	}{p}, nil
}

type glassReq struct {
	head
	Who    string `json:"who"`
	Reason string `json:"reason"`
	PIN    string `json:"pin"`
}

func breakGlass(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[glassReq](text)
	if err != nil {
		return nil, err
	}
	e, err := s.cfg.Station.BreakGlass(ctx, r.PIN, r.Who, r.Reason)
	return struct {
		Emergency ward.Emergency `json:"emergency"`
	}{e}, err
}

type jotReq struct {
	head
	User string `json:"user"`
	PIN  string `json:"pin"`
	Text string `json:"text"`
}

type jotDoneReq struct {
	head
	Saved string `json:"saved"`
}

// jot keeps what somebody saw while they may not read here.
func jot(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[jotReq](text)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.Station.Jot(ctx, r.User, r.PIN, r.Text)
}

func jotDone(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[jotDoneReq](text)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.Station.DropJotting(ctx, r.Saved)
}

func sit(fn func(Desk)) command {
	return func(_ context.Context, s *server, text []byte) (any, error) {
		if _, err := parse[head](text); err != nil {
			return nil, err
		}
		d, err := s.desk()
		if err == nil {
			fn(d)
		}
		return nil, err
	}
}

func link(fn func(Station)) command {
	return func(_ context.Context, s *server, text []byte) (any, error) {
		_, err := parse[head](text)
		if err == nil {
			fn(s.cfg.Station)
		}
		return nil, err
	}
}

// listed opens a list: the request is read, the desk has settled, and the look
// is audited.
func (s *server) listed(ctx context.Context, text []byte, list string) (Desk, error) {
	if _, err := parse[head](text); err != nil {
		return nil, err
	}
	d, err := s.settled(ctx)
	if err != nil {
		return nil, err
	}
	return d, d.OpenList(ctx, list, "")
}

func patients(ctx context.Context, s *server, text []byte) (any, error) {
	d, err := s.listed(ctx, text, "board")
	if err != nil {
		return nil, err
	}
	rows, err := d.Board(ctx)
	return struct {
		Patients []ward.Row `json:"patients"`
	}{rows}, err
}

func alerts(ctx context.Context, s *server, text []byte) (any, error) {
	d, err := s.listed(ctx, text, "alerts")
	if err != nil {
		return nil, err
	}
	list, err := d.Alerts(ctx)
	if err != nil {
		return nil, err
	}
	held, err := d.HeldBack(ctx)
	return struct {
		Alerts   []ward.Alert    `json:"alerts"`
		HeldBack []ward.HeldBack `json:"heldBack"`
	}{list, held}, err
}

func reviews(ctx context.Context, s *server, text []byte) (any, error) {
	d, err := s.listed(ctx, text, "reviews")
	if err != nil {
		return nil, err
	}
	list, err := d.Reviews(ctx)
	return struct {
		Reviews []ward.Review `json:"reviews"`
	}{list}, err
}

func myList(ctx context.Context, s *server, text []byte) (any, error) {
	d, err := s.listed(ctx, text, "my list")
	if err != nil {
		return nil, err
	}
	rows, err := d.MyList(ctx)
	return struct {
		Patients []ward.Row `json:"patients"`
	}{rows}, err
}

func inbox(ctx context.Context, s *server, text []byte) (any, error) {
	if _, err := parse[head](text); err != nil {
		return nil, err
	}
	d, err := s.settled(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.OpenList(ctx, "results", ""); err != nil {
		return nil, err
	}
	return d.Inbox(ctx)
}

func tasks(ctx context.Context, s *server, text []byte) (any, error) {
	if _, err := parse[head](text); err != nil {
		return nil, err
	}
	d, err := s.settled(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.OpenList(ctx, "tasks", ""); err != nil {
		return nil, err
	}
	return d.Tasks(ctx)
}

type reportReq struct {
	head
	From time.Time `json:"from"`
}

func report(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[reportReq](text)
	if err != nil {
		return nil, err
	}
	d, err := s.settled(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.OpenList(ctx, "outage", ""); err != nil {
		return nil, err
	}
	rep, err := d.OutageReport(ctx, r.From)
	return struct {
		Report ward.OutageReport `json:"report"`
	}{rep}, err
}

type searchReq struct {
	head
	Text string `json:"text"`
}

func search(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[searchReq](text)
	if err != nil {
		return nil, err
	}
	d, err := s.settled(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.OpenList(ctx, "search", r.Text); err != nil {
		return nil, err
	}
	found, err := d.Search(ctx, r.Text)
	return struct {
		Patients []ward.Found `json:"patients"`
	}{found}, err
}

type patientReq struct {
	head
	Patient fhir.ID `json:"patient"`
}

// opened is the chart of the patient whom the request names; a look.
func (s *server) opened(ctx context.Context, text []byte) (ward.Chart, error) {
	r, err := parse[patientReq](text)
	if err != nil {
		return ward.Chart{}, err
	}
	d, err := s.desk()
	if err != nil {
		return ward.Chart{}, err
	}
	if err := d.Open(ctx, r.Patient); err != nil {
		return ward.Chart{}, err
	}
	return d.Chart(ctx, r.Patient)
}

func chart(ctx context.Context, s *server, text []byte) (any, error) {
	c, err := s.opened(ctx, text)
	return struct {
		Chart ward.Chart `json:"chart"`
	}{c}, err
}

func results(ctx context.Context, s *server, text []byte) (any, error) {
	c, err := s.opened(ctx, text)
	return struct {
		Who      ward.Identity `json:"who"`
		Results  []ward.Result `json:"results"`
		AsOf     time.Time     `json:"asOf"`
		FeedDown bool          `json:"feedDown"`
	}{c.Who, c.Results, c.AsOf, c.FeedDown}, err
}

func drafts(ctx context.Context, s *server, text []byte) (any, error) {
	if _, err := parse[head](text); err != nil {
		return nil, err
	}
	d, err := s.desk()
	if err != nil {
		return nil, err
	}
	list, err := d.Drafts(ctx)
	return struct {
		Drafts []ward.Draft `json:"drafts"`
	}{list}, err
}

// do reads a request and hands the command to the desk.
func do[T any](make func(T) ward.Command) command {
	return func(ctx context.Context, s *server, text []byte) (any, error) {
		r, err := parse[T](text)
		if err != nil {
			return nil, err
		}
		d, err := s.desk()
		if err != nil {
			return nil, err
		}
		done, err := d.Do(ctx, make(r))
		return done, err
	}
}

// Commands are the names of all commands, in order.
func Commands() []string { return slices.Sorted(maps.Keys(commands)) }
