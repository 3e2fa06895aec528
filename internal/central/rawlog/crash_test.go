package rawlog

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("WARDLIGHT_RAWLOG_DIR"); dir != "" {
		childAppends(dir)
	}
	os.Exit(m.Run())
}

// childAppends stores messages with four senders for ever and prints the number
// of each that was answered.
func childAppends(dir string) {
	l, err := Open(ctx, testOptions(dir))
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	var next atomic.Int64
	var out sync.Mutex
	for range 4 {
		go func() {
			for {
				i := int(next.Add(1))
				_, err := l.Append(ctx, "lab", message(i))
				out.Lock()
				fmt.Println(i, err)
				out.Unlock()
			}
		}()
	}
	select {}
}

// kill -9 while messages arrive: each that was answered is found.
func TestKill9(t *testing.T) {
	for round := range 3 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "WARDLIGHT_RAWLOG_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var answered []int
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var i int
			if _, err := fmt.Sscanf(lines.Text(), "%d <nil>", &i); err == nil {
				answered = append(answered, i)
			}
			if len(answered) == 200+round*77 {
				_ = cmd.Process.Kill()
			}
		}
		_ = cmd.Wait()
		l := open(t, dir)
		for _, i := range answered {
			if r, ok, err := l.Find(ctx, sha256.Sum256(message(i))); !ok || err != nil || string(r.Raw) != string(message(i)) {
				t.Errorf("message %d was answered and is lost: %v", i, err)
			}
		}
		if len(l.Damaged()) > 0 || len(answered) < 200 {
			t.Errorf("%d answered, damaged %v", len(answered), l.Damaged())
		}
	}
}
