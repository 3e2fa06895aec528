package cache_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/keys"
)

// child is what this test binary does when it plays the program.
func child(role string) {
	o, err := childOptions()
	if err == nil {
		err = map[string]func(cache.Options) error{"write": writeForEver, "read": readFlips, "fill": fillDisk, "close-full": closeFull}[role](o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func childOptions() (o cache.Options, err error) {
	b, err := hex.DecodeString(os.Getenv("CACHE_TEST_KEY"))
	if err != nil {
		return o, err
	}
	if o.Key, err = keys.KeyFrom(b); err != nil {
		return o, err
	}
	o.DeviceSealing, err = keys.ParseSealIdentity([]byte(os.Getenv("CACHE_TEST_IDENTITY")))
	o.Dir, o.Station = os.Getenv("CACHE_TEST_DIR"), station
	_, _ = fmt.Sscan(os.Getenv("CACHE_TEST_RESERVE"), &o.Reserve)
	o.RecoveryRecipient = os.Getenv("CACHE_TEST_RECOVERY")
	return o, err
}

// start runs this binary again in a role.
func start(t *testing.T, role string, o cache.Options, input string, extra ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	exe, err := os.Executable()
	ok(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(append(os.Environ(), "CACHE_TEST_CHILD="+role, "CACHE_TEST_DIR="+o.Dir, "CACHE_TEST_KEY="+hex.EncodeToString(o.Key[:]),
		"CACHE_TEST_IDENTITY="+string(o.DeviceSealing.Secret()), "CACHE_TEST_RECOVERY="+o.RecoveryRecipient,
		fmt.Sprintf("CACHE_TEST_RESERVE=%d", o.Reserve), "GOTRACEBACK=single"), extra...)
	cmd.Stdin, cmd.Stderr = strings.NewReader(input), new(bytes.Buffer)
	out, err := cmd.StdoutPipe()
	ok(t, err)
	ok(t, cmd.Start())
	return cmd, bufio.NewScanner(out)
}

// writeForEver does what a busy ward does, and says so after each
// acknowledgement; it never stops.
func writeForEver(o cache.Options) error {
	c, err := cache.Open(bg, o)
	if err != nil {
		return err
	}
	cur, err := c.Cursor()
	if err != nil {
		return err
	}
	errs := make(chan error)
	go func() { // batches, some too large for one transaction
		at := cur.Position
		for n := 0; ; n++ {
			b := batch(at, at+1, patient("p1", record.Version(at+1)))
			if n%7 == 6 {
				for i := range 1500 {
					b.Changes = append(b.Changes, potassium(fmt.Sprintf("k%d", i), "p1", record.Version(at+1), "4.1"))
				}
			}
			if err := c.Apply(bg, b); err != nil {
				errs <- err
				return
			}
			at++
			fmt.Printf("applied %d\n", at)
		}
	}()
	for w := range 3 {
		go func() {
			for {
				seq, err := c.NextSeq()
				if err == nil {
					err = c.Commit(bg, []record.Mutation{note(seq, fhir.ID(fmt.Sprintf("p%d", w)), "x")}, [][]byte{look(int(seq))})
				}
				if err == nil {
					fmt.Printf("committed %d\n", seq)
					err = c.SetDraft(bg, "u", fmt.Sprint("d", w), fmt.Appendf(nil, "%d", seq))
				}
				if err != nil {
					errs <- err
					return
				}
				fmt.Printf("drafted %d %d\n", w, seq)
			}
		}()
	}
	return <-errs
}

// The program is killed in the middle of everything, again and again. Nothing
// that was acknowledged is missing afterwards.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	o := options(t)
	rng := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	acked := map[uint64]bool{}
	drafts := map[int]uint64{}
	var at record.Position
	for round := range rounds {
		cmd, lines := start(t, "write", o, "")
		kill := time.AfterFunc(time.Duration(300+rng.IntN(900))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		for lines.Scan() {
			var a, b uint64
			if n, _ := fmt.Sscanf(lines.Text(), "committed %d", &a); n == 1 {
				acked[a] = true
			} else if n, _ := fmt.Sscanf(lines.Text(), "applied %d", &a); n == 1 {
				at = max(at, record.Position(a))
			} else if n, _ := fmt.Sscanf(lines.Text(), "drafted %d %d", &a, &b); n == 2 {
				drafts[int(a)] = b
			}
		}
		kill.Stop()
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() == 1 {
			t.Fatalf("the program ended by itself: %v\n%s", err, cmd.Stderr)
		}
		if round%2 == 1 {
			continue // let the program itself be the one that opens after a kill
		}
		checkAcked(t, o, acked, drafts, at)
	}
	checkAcked(t, o, acked, drafts, at)
	if len(acked) == 0 || at == 0 {
		t.Error("the program was killed before it did anything")
	}
	t.Logf("%d kills, %d notes, %d batches", rounds, len(acked), at)
}

func checkAcked(t *testing.T, o cache.Options, acked map[uint64]bool, drafts map[int]uint64, at record.Position) {
	t.Helper()
	c := open(t, o)
	defer c.Close()
	seqs := unsentSeqs(t, c)
	for seq := range acked {
		if _, found := slices.BinarySearch(seqs, seq); !found {
			t.Errorf("note %d was acknowledged and is gone", seq)
		}
	}
	looks, err := c.UnsentLooks(0, 1<<20)
	if err != nil || len(looks) < len(acked) {
		t.Errorf("%d looks for %d notes, %v", len(looks), len(acked), err)
	}
	if cur, err := c.Cursor(); err != nil || cur.Position < at {
		t.Errorf("cursor %v, acknowledged %d, %v", cur, at, err)
	}
	for w, seq := range drafts {
		d, found, err := c.Draft("u", fmt.Sprint("d", w))
		var got uint64
		_, _ = fmt.Sscan(string(d.Body), &got)
		if err != nil || !found || got < seq {
			t.Errorf("draft %d holds %d, acknowledged %d: %v", w, got, seq, err)
		}
	}
	<-c.Checked()
	ok(t, c.Damaged())
	if h := c.Health(); h.RolledBack || len(h.Outbox) > 0 {
		t.Errorf("health after a kill: %+v", h)
	}
}

// readFlips flips one bit of a copy of the folder at a time and reads
// everything. It is a child because Badger may panic on a goroutine of its
// own; the parent then goes on behind that bit.
func readFlips(o cache.Options) error {
	var file string
	var offset, bit, from int
	in := bufio.NewScanner(os.Stdin)
	_, _ = fmt.Sscan(os.Getenv("CACHE_TEST_FROM"), &from)
	for n := 0; in.Scan(); n++ {
		if n < from {
			continue
		}
		if _, err := fmt.Sscan(in.Text(), &file, &offset, &bit); err != nil {
			return err
		}
		fmt.Printf("try %d\n", n)
		verdict, err := readFlip(o, file, offset, bit)
		if err != nil {
			return err
		}
		fmt.Printf("done %d %s\n", n, verdict)
	}
	return in.Err()
}

func readFlip(o cache.Options, file string, offset, bit int) (verdict string, err error) {
	dir, err := os.MkdirTemp("", "flip")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, os.DirFS(o.Dir)); err != nil {
		return "", err
	}
	path := filepath.Join(dir, file)
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	b[offset] ^= 1 << bit
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return "", err
	}
	o.Dir = dir
	c, err := cache.Open(bg, o)
	if err != nil {
		if k := fault.KindOf(err); k != fault.Corrupt && k != fault.Denied {
			return "", fmt.Errorf("%s byte %d bit %d: opening says %w", file, offset, bit, err)
		}
		// Whatever happened to the cache, the work is in the outbox file.
		if _, err := cache.SetAside(dir); err != nil {
			return "", err
		}
		if c, err = cache.Open(bg, o); err != nil {
			return "", fmt.Errorf("%s byte %d bit %d: after setting aside: %w", file, offset, bit, err)
		}
		verdict = "refused+"
	}
	defer c.Close()
	v, err := truth(c, verdict != "")
	if err != nil {
		return "", fmt.Errorf("%s byte %d bit %d: %w", file, offset, bit, err)
	}
	return verdict + v, nil
}

// truth reads everything that filled wrote: it must be that, or refused, or
// (once set aside, or with lost commits told) not there yet.
func truth(c *cache.Cache, aside bool) (string, error) {
	muts, err := c.Unsent(0, 100)
	h := c.Health()
	switch {
	case err != nil && !fault.Is(err, fault.Corrupt):
		return "", err
	case err == nil && len(muts) != 2:
		return "", fmt.Errorf("%d unsent notes of 2, health %+v", len(muts), h)
	}
	for _, m := range muts {
		if v := string(m.Ops[0].Value); !strings.Contains(v, `"first"`) && !strings.Contains(v, `"second"`) {
			return "", fmt.Errorf("a changed note: %s", v)
		}
	}
	<-c.Checked()
	got, err := tryCompartment(c, "p1")
	if err != nil {
		if fault.Is(err, fault.Corrupt) {
			return "refused", nil
		}
		return "", err
	}
	for id, body := range got {
		want := map[string]string{"Observation/k1": `"value":4.2`, "Observation/k2": `"value":6.8`, "AllergyIntolerance/a1": `"criticality":"high"`, "Patient/p1": "Testp1"}[id]
		if want == "" || !strings.Contains(body, want) && (!h.RolledBack || !strings.Contains(body, `"value":4.1`)) {
			return "", fmt.Errorf("shown as if right: %s %s, health %+v", id, body, h)
		}
	}
	if len(got) != 4 && !aside && !h.RolledBack {
		return "", fmt.Errorf("%d resources of 4, and nothing said", len(got))
	}
	return "right", nil
}

// No flipped bit, in whatever file, makes the cache show something wrong, or
// lose work.
func TestFlippedBitsNeverShowWrongData(t *testing.T) {
	flips := 120
	if testing.Short() {
		flips = 40
	}
	o := options(t)
	o.Reserve = 4096 // its copies cost time
	filled(t, o)
	c := open(t, o) // an open store has a log, a closed one has tables: both
	ok(t, c.SetDraft(bg, "u", "k", []byte("x")))
	image := t.TempDir()
	ok(t, os.CopyFS(image, os.DirFS(o.Dir)))
	ok(t, c.Close())
	o.Dir = image
	trimZeros(t, image)
	list, seed := sample(t, image, flips)
	from, crashed := 0, 0
	verdicts := map[string]int{}
	for from < len(list) {
		cmd, lines := start(t, "read", o, strings.Join(list, "\n")+"\n", fmt.Sprintf("CACHE_TEST_FROM=%d", from))
		last := from
		for lines.Scan() {
			var n int
			var v string
			if k, _ := fmt.Sscanf(lines.Text(), "done %d %s", &n, &v); k == 2 {
				verdicts[v]++
				last = n + 1
			}
		}
		err := cmd.Wait()
		if err == nil {
			break
		}
		if msg := cmd.Stderr.(*bytes.Buffer).String(); cmd.ProcessState.ExitCode() == 1 {
			t.Fatalf("seed %d: %s", seed, msg)
		} else {
			crashed++
			t.Logf("Badger stopped the program at %q (seed %d): %.300s", list[last], seed, msg)
		}
		from = last + 1
	}
	t.Logf("%d flips: %v, %d stopped the program", len(list), verdicts, crashed)
	if verdicts["right"] == 0 || verdicts["refused+right"] == 0 {
		t.Error("too one-sided to prove anything")
	}
}

// trimZeros cuts the empty ends of the logs off, which cost time to copy.
func trimZeros(t *testing.T, dir string) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(dir, "badger", "*"))
	for _, n := range names {
		if ext := filepath.Ext(n); ext != ".mem" && ext != ".vlog" {
			continue
		}
		b, err := os.ReadFile(n)
		ok(t, err)
		end := len(bytes.TrimRight(b, "\x00"))
		ok(t, os.WriteFile(n, b[:min(len(b), end+4096)], 0o600))
	}
}

// sample picks bits over all files that hold anything.
func sample(t *testing.T, dir string, n int) (list []string, seed uint64) {
	t.Helper()
	seed = uint64(time.Now().UnixNano())
	if s := os.Getenv("SEED"); s != "" {
		_, _ = fmt.Sscan(s, &seed)
	}
	rng := rand.New(rand.NewPCG(seed, 2))
	var files []string
	sizes := map[string]int{}
	ok(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "reserve" {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		if end := len(bytes.TrimRight(b, "\x00")); end > 0 {
			files = append(files, rel)
			sizes[rel] = end
		}
		return err
	}))
	for i := range n {
		f := files[i%len(files)]
		list = append(list, fmt.Sprintf("%s %d %d", f, rng.IntN(sizes[f]), rng.IntN(8)))
	}
	return list, seed
}

// fillDisk writes until the disk is full; it must be told, never killed.
func fillDisk(o cache.Options) error {
	c, err := cache.Open(bg, o)
	if err != nil {
		return err
	}
	filler, err := os.Create(filepath.Join(o.Dir, "somebody-elses-file"))
	if err != nil {
		return err
	}
	chunk := bytes.Repeat([]byte("x"), 256<<10)
	var full error
	for n := uint64(0); full == nil; n++ {
		if _, err := filler.Write(chunk); err != nil && n < 10 {
			return err
		}
		seq, err := c.NextSeq()
		if err != nil {
			return err
		}
		full = c.Commit(bg, []record.Mutation{note(seq, "p1", strings.Repeat("x", 20000))}, [][]byte{look(int(seq))})
		if full == nil {
			fmt.Printf("committed %d\n", seq)
		}
	}
	if !fault.Is(full, fault.Full) {
		return full
	}
	// Looks still work, until even the reserve is used up.
	looks := 0
	for ; looks < 200; looks++ {
		if err := c.Commit(bg, nil, [][]byte{look(looks)}); err != nil {
			if !fault.Is(err, fault.Full) {
				return err
			}
			break
		}
	}
	fmt.Printf("full %d\n", looks)
	return errors.Join(c.Close(), filler.Close())
}

// A real small disk is filled to the end. Badger alone is killed there by a
// signal (it writes through mapped memory); the station must be told in words,
// and keep everything.
func TestARealDiskFillsUp(t *testing.T) {
	o := options(t)
	if !mountSmall(t, o.Dir, 420<<20) {
		return
	}
	o.Reserve = 64 << 20
	cmd, lines := start(t, "fill", o, "")
	acked, looks := map[uint64]bool{}, -1
	for lines.Scan() {
		var n uint64
		if k, _ := fmt.Sscanf(lines.Text(), "committed %d", &n); k == 1 {
			acked[n] = true
		}
		_, _ = fmt.Sscanf(lines.Text(), "full %d", &looks)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("the full disk ended the program: %v\n%s", err, cmd.Stderr)
	}
	if len(acked) == 0 || looks < 1 {
		t.Errorf("%d notes, then %d looks", len(acked), looks)
	}
	ok(t, os.Remove(filepath.Join(o.Dir, "somebody-elses-file")))
	c := open(t, o)
	seqs := unsentSeqs(t, c)
	for seq := range acked {
		if _, found := slices.BinarySearch(seqs, seq); !found {
			t.Errorf("note %d was acknowledged and is gone", seq)
		}
	}
	ok(t, c.Close())
	t.Logf("%d notes before the disk was full, then %d looks", len(acked), looks)
}
