package base_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/alerts"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/board"
	"wardlight/internal/station/view/chart"
	"wardlight/internal/station/view/handover"
	"wardlight/internal/station/view/orders"
	"wardlight/internal/station/view/outage"
	"wardlight/internal/station/view/results"
	"wardlight/internal/station/view/reviews"
	"wardlight/internal/station/view/routines"
	"wardlight/internal/station/view/rules"
	"wardlight/internal/station/view/tasks"
	"wardlight/internal/station/view/wall"
)

var pagesNow = time.Date(2026, 11, 29, 14, 5, 0, 0, time.UTC)

// slow is a desk whose every answer takes another time, and bears the number of the
// question in whatever it says. It is every page's desk.
type slow struct {
	chart.Desk // what no test here asks

	mu    sync.Mutex
	asked int
	ended int // the number of the newest question that was answered
	rnd   *rand.Rand
	news  chan ward.Notice
}

func newSlow(seed uint64) *slow {
	return &slow{rnd: rand.New(rand.NewPCG(seed, 5)), news: make(chan ward.Notice)}
}

// answer is the mark of one answer, after a while.
func (s *slow) answer() string {
	s.mu.Lock()
	s.asked++
	n, late := s.asked, time.Duration(s.rnd.IntN(4000))*time.Microsecond
	s.mu.Unlock()
	time.Sleep(late)
	s.mu.Lock()
	s.ended = max(s.ended, n)
	s.mu.Unlock()
	return fmt.Sprintf("«%d»", n)
}

func (s *slow) last() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

func (s *slow) Subscribe(context.Context) <-chan ward.Notice         { return s.news }
func (s *slow) Link() ward.Link                                      { return ward.Link{Connected: true, AsOf: pagesNow} }
func (s *slow) Open(context.Context, ward.PatientID) error           { return nil }
func (s *slow) Drafts(context.Context) ([]ward.Draft, error)         { return nil, nil }
func (s *slow) HeldBack(context.Context) ([]ward.HeldBack, error)    { return nil, nil }
func (s *slow) OpenWall(context.Context) error                       { return nil }
func (s *slow) WallDrawn(context.Context, []ward.WallCard) error     { return nil }
func (s *slow) Search(context.Context, string) ([]ward.Found, error) { return nil, nil }
func (s *slow) Offers(context.Context, string, string) ([]ward.Offer, error) {
	return nil, nil
}
func (s *slow) Do(context.Context, ward.Command) (ward.Done, error) { return ward.Done{}, nil }
func (s *slow) Call(context.Context, ward.PatientID) (ward.Call, error) {
	return ward.Call{}, nil
}

func who(mark string) ward.Identity {
	return ward.Identity{ID: "p1", Family: mark, Given: "Ada", Ward: "4B", Bed: "07"}
}

func (s *slow) Rows(context.Context) (ward.Board, error) {
	return ward.Board{Rows: []*ward.Row{{Who: who(s.answer())}}, AsOf: pagesNow}, nil
}

func (s *slow) Inbox(context.Context) (ward.Inbox, error) {
	return ward.Inbox{Items: []ward.InboxItem{{Who: who(s.answer()), Result: ward.Result{ID: "r1", Test: "Sodium", Value: "139"}}}, AsOf: pagesNow}, nil
}

func (s *slow) Reviews(context.Context) ([]ward.Review, error) {
	return []ward.Review{{ID: "v1", Who: who("ADA"), Question: s.answer()}}, nil
}

func (s *slow) Tasks(context.Context) (ward.Duties, error) {
	return ward.Duties{Items: []ward.DutyItem{{Who: who("ADA"), Duty: ward.Duty{ID: "t1", Words: s.answer()}}}, AsOf: pagesNow}, nil
}

func (s *slow) OrderBook(context.Context) (ward.OrderBook, error) {
	return ward.OrderBook{Lines: []ward.OrderLine{{Who: who(s.answer()), Order: ward.Order{ID: "o1", Open: true, Kind: ward.OrderTest}}}, AsOf: pagesNow}, nil
}

func (s *slow) Handover(context.Context) (ward.Handover, error) {
	return ward.Handover{Sheets: []ward.Sheet{{Who: who(s.answer())}}, AsOf: pagesNow}, nil
}

func (s *slow) Routines(context.Context) (ward.Routines, error) {
	return ward.Routines{Ward: "4B", List: []ward.Routine{{ID: "u1", Version: 1, Name: s.answer(), Kind: "round"}}, AsOf: pagesNow}, nil
}

func (s *slow) Rules(context.Context) (ward.RuleBook, error) {
	return ward.RuleBook{List: []ward.Rule{{ID: "r1", Name: s.answer()}}, AsOf: pagesNow}, nil
}

func (s *slow) Wall(context.Context) (ward.Wall, error) {
	return ward.Wall{Cards: []ward.WallCard{{Bed: "07", Initials: s.answer()}}, AsOf: pagesNow}, nil
}

func (s *slow) Alerts(context.Context) ([]ward.Alert, error) {
	return []ward.Alert{{Who: who(s.answer()), Result: ward.Result{ID: "r1", Test: "Potassium", Value: "6.8", Open: true}, Since: pagesNow}}, nil
}

func (s *slow) Unsent(context.Context) ([]ward.Unsent, int, error) {
	return []ward.Unsent{{Who: who(s.answer())}}, 0, nil
}

// Chart says the same of every tab.
func (s *slow) Chart(context.Context, ward.PatientID) (ward.Chart, error) {
	mark := s.answer()
	at := pagesNow.Add(-time.Hour)
	return ward.Chart{
		Who:         who(mark),
		AllergyList: []ward.Allergy{{ID: "a1", Substance: mark, Active: true, Recorded: at}},
		Results:     []ward.Result{{ID: "r1", Test: mark, Panel: "Screen", Value: "139"}},
		Notes:       []ward.Note{{ID: "n1", Text: mark, At: at}},
		Orders: []ward.Order{
			{ID: "o1", Kind: ward.OrderTest, Test: mark, Open: true, At: at},
			{ID: "m1", Kind: ward.OrderMedicine, Test: mark, Open: true, At: at},
		},
		Tasks:    []ward.Duty{{ID: "t1", Words: mark, Status: "requested", Made: at}},
		Problems: []ward.Problem{{ID: "c1", Words: mark, Status: ward.ProblemActive, Recorded: at}},
		Stays:    []ward.Stay{{ID: "s1", Number: mark, Begins: at}},
		Routines: []ward.RoutineRun{{ID: "u1", Name: mark, Started: at}},
		AsOf:     pagesNow,
	}, nil
}

var markOf = regexp.MustCompile(`«(\d+)»`)

// marks are the numbers of all answers that a state says anything of.
func marks(v reflect.Value, to map[int]bool) {
	switch v.Kind() {
	case reflect.String:
		for _, m := range markOf.FindAllStringSubmatch(v.String(), -1) {
			n, _ := strconv.Atoi(m[1])
			to[n] = true
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			marks(v.Elem(), to)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			marks(v.Index(i), to)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			marks(v.Field(i), to)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			marks(v.MapIndex(k), to)
		}
	default:
	}
}

// page is one page of the window over a slow desk: it is begun, and calls show.
type page struct {
	name  string
	begin func(ctx context.Context, s *slow, d base.Dispatcher, show func(any))
}

func shows[S any](show func(any)) func(S) { return func(s S) { show(s) } }

func clock() time.Time { return pagesNow }

func pagesOfTheWindow() []page {
	type follows interface{ Follow(context.Context) }
	following := func(name string, make func(*slow, base.Dispatcher, func(any)) follows) page {
		return page{name: name, begin: func(ctx context.Context, s *slow, d base.Dispatcher, show func(any)) { make(s, d, show).Follow(ctx) }}
	}
	list := []page{
		following("board", func(s *slow, d base.Dispatcher, show func(any)) follows {
			return board.New(s, d, clock, func(st board.State) { show(st.Rows) })
		}),
		following("results", func(s *slow, d base.Dispatcher, show func(any)) follows {
			return results.New(s, d, clock, shows[results.State](show))
		}),
		following("reviews", func(s *slow, d base.Dispatcher, show func(any)) follows {
			return reviews.New(s, d, clock, shows[reviews.State](show))
		}),
		following("tasks", func(s *slow, d base.Dispatcher, show func(any)) follows {
			return tasks.New(s, d, clock, shows[tasks.State](show))
		}),
		following("orders", func(s *slow, d base.Dispatcher, show func(any)) follows {
			return orders.New(s, d, clock, shows[orders.State](show))
		}),
		following("handover", func(s *slow, d base.Dispatcher, show func(any)) follows {
			return handover.New(s, d, clock, ward.Person{Name: "Grace Mensah"}, shows[handover.State](show))
		}),
		following("rules", func(s *slow, d base.Dispatcher, show func(any)) follows {
			return rules.New(s, d, clock, shows[rules.State](show))
		}),
		following("routines", func(s *slow, d base.Dispatcher, show func(any)) follows {
			return routines.New(s, d, clock, shows[routines.State](show))
		}),
		following("alerts", func(s *slow, d base.Dispatcher, show func(any)) follows {
			return alerts.New(calm{s}, d, clock, func() (bool, time.Time) { return false, time.Time{} }, shows[alerts.State](show))
		}),
		{name: "outage", begin: func(ctx context.Context, s *slow, d base.Dispatcher, show func(any)) {
			outage.New(reportless{s}, d, clock, shows[outage.State](show)).Open(ctx)
		}},
	}
	for _, tab := range chart.Tabs() {
		list = append(list, page{name: "chart, " + string(tab), begin: func(ctx context.Context, s *slow, d base.Dispatcher, show func(any)) {
			m := chart.New(s, d, clock, shows[chart.State](show))
			m.Open("p1", tab)
			m.Follow(ctx)
		}})
	}
	return list
}

// calm is a desk whose board says nothing beside its alerts.
type calm struct{ *slow }

func (calm) Rows(context.Context) (ward.Board, error) { return ward.Board{}, nil }

// reportless is a desk without an outage to report.
type reportless struct{ *slow }

func (reportless) OutageReport(context.Context, time.Time) (ward.OutageReport, error) {
	return ward.OutageReport{}, nil
}

// Whatever the store takes for its answers, and however the news come: what a page
// says is always of one answer, never goes back to an older one, and ends with the
// newest.
func TestNoPageGoesBackToAnOlderAnswer(t *testing.T) {
	for _, p := range pagesOfTheWindow() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			var q base.Queue
			s := newSlow(uint64(len(p.name)))
			shown, states := 0, 0
			show := func(state any) {
				of := map[int]bool{}
				marks(reflect.ValueOf(state), of)
				if len(of) > 1 {
					t.Errorf("one state is of the answers %v", of)
				}
				for n := range of {
					if n < shown {
						t.Errorf("answer %d is shown after answer %d", n, shown)
					}
					if n > shown {
						shown, states = n, states+1
					}
				}
			}
			ctx, end := context.WithCancel(context.Background())
			defer end()
			p.begin(ctx, s, &q, show)
			for range 60 {
				select {
				case s.news <- ward.Notice{Kind: ward.NoticePatients, Patients: []ward.PatientID{"p1"}}:
				case <-time.After(5 * time.Millisecond):
				}
				time.Sleep(2 * time.Millisecond)
				q.Drain()
			}
			wait(t, &q, func() bool { return shown > 0 && shown == s.last() })
			if states < 5 {
				t.Errorf("only %d answers were shown: this proves nothing", states)
			}
		})
	}
}

// The wall looks by itself, every two seconds, and follows no news.
func TestTheWallShowsTheNewestAnswer(t *testing.T) {
	var q base.Queue
	s := newSlow(1)
	shown := 0
	w := wall.New(s, &q, clock, func(st wall.State) {
		of := map[int]bool{}
		marks(reflect.ValueOf(st), of)
		for n := range of {
			shown = n
		}
	})
	ctx, end := context.WithCancel(context.Background())
	defer end()
	w.Open(ctx, &q)
	wait(t, &q, func() bool { return shown > 0 && shown == s.last() })
}
