package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"wardlight/internal/demo"
)

// disk is a file system of its own in an image file, so that its power can be
// cut; where nothing can be mounted it is a plain folder, and power cuts and full
// disks are left out.
type disk struct {
	t     *testing.T
	image string
	dir   string
	cuts  int
	real  bool
}

// diskSize holds what a round of torture writes many times over.
const diskSize = "900M"

func newDisk(t *testing.T, dir, name string) *disk {
	t.Helper()
	d := &disk{t: t, image: filepath.Join(dir, name+".img"), dir: filepath.Join(dir, name)}
	check(t, os.MkdirAll(d.dir, 0o700))
	if os.Getuid() != 0 {
		t.Logf("only root may mount: power cuts and full disks are left out for %s", name)
		return d
	}
	t.Cleanup(d.unmount)
	for _, cmd := range [][]string{{"truncate", "-s", diskSize, d.image}, {"mkfs.ext4", "-q", "-m", "0", d.image}, {"mount", "-o", "loop", d.image, d.dir}} {
		if out, err := exec.Command(cmd[0], cmd[1:]...).CombinedOutput(); err != nil {
			t.Logf("this machine mounts no image, so power cuts and full disks are left out: %s: %s", cmd[0], out)
			return d
		}
	}
	d.real = true
	return d
}

func (d *disk) unmount() {
	if d.real {
		_ = exec.Command("umount", "-l", d.dir).Run() // the test's folder goes with it
	}
}

// cutPower leaves on the disk what it would hold if the power had gone at this
// moment: what was written and not synced is in the system's memory, and not in
// the image. The program stands still meanwhile, so that nothing is answered that
// the copy cannot hold; then it is gone.
func (d *disk) cutPower(p *demo.Process) {
	d.t.Helper()
	d.cuts++
	copied := d.image + ".after"
	check(d.t, syscall.Kill(p.PID(), syscall.SIGSTOP))
	d.run("cp", "--sparse=always", d.image, copied)
	p.Kill()
	d.run("umount", d.dir)
	check(d.t, os.Rename(copied, d.image))
	d.run("mount", "-o", "loop", d.image, d.dir)
}

func (d *disk) run(name string, args ...string) {
	d.t.Helper()
	var err error
	for range 50 { // a mount is busy for a moment after its last program
		var out []byte
		if out, err = exec.Command(name, args...).CombinedOutput(); err == nil {
			return
		}
		err = &exec.Error{Name: name + ": " + string(out), Err: err}
		time.Sleep(100 * time.Millisecond)
	}
	d.t.Fatal(err)
}

// strike is one thing that befalls the ward.
type strike struct {
	name string
	do   func()
}

// strikes are all that this machine can do.
func (w *torture) strikes() []strike {
	list := []strike{
		{"central is killed", func() { w.central.Kill() }},
		{"a station is killed", func() { w.one().restart() }},
		{"central and a station are killed", func() {
			w.central.Kill()
			w.one().restart()
		}},
	}
	if w.disks["central"].real && w.disks["a"].real && w.disks["b"].real {
		list = append(list,
			strike{"central's power is cut", func() { w.disks["central"].cutPower(w.central) }},
			strike{"a station's power is cut", func() { w.one().cutPower() }},
			strike{"central's disk is full", func() { w.full("central", 1<<20) }},
			strike{"a station's disk is full", func() { w.full(w.one().name, 40<<20) }},
		)
	}
	return list
}

func (w *torture) one() *rider { return w.riders[w.rng.IntN(len(w.riders))] }

// cutPower cuts the power of a station, and starts it again.
func (r *rider) cutPower() {
	r.mu.Lock()
	r.w.disks[r.name].cutPower(r.station.Process)
	r.mu.Unlock()
	r.restart()
}

// full is somebody else's file that leaves so much room for a while.
func (w *torture) full(name string, leave int64) {
	w.t.Helper()
	room := fill(w.t, w.path(name), leave)
	time.Sleep(time.Duration(300+w.rng.IntN(1500)) * time.Millisecond)
	room()
}
