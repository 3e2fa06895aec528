package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// finding is one thing that the doctor looked at.
type finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Found string `json:"found"`
	Do    string `json:"do,omitempty"` // what to do about it
}

type doctorCmd struct {
	station
	JSON bool `name:"json" help:"One JSON object a line."`
}

// Run looks at everything that a station stands on, and changes nothing but a
// test entry in the keyring that it removes again.
func (c *doctorCmd) Run() error {
	ctx := context.Background()
	list := []finding{c.folder(), c.keyring(ctx), memory(), c.display(), sounds(ctx)}
	conf, err := join.Load(c.Data)
	if err != nil {
		list = append(list, notEnrolled(c.Data))
	} else {
		list = append(list, finding{"enrolment", true, fmt.Sprintf("station %s, %s", conf.Station, conf.Place), ""}, c.secret(ctx, conf))
		servers := c.Server
		if len(servers) == 0 {
			servers = conf.Servers
		}
		for _, s := range servers {
			list = append(list, reach(ctx, s))
		}
		list = append(list, c.welcome(ctx, conf, servers)...)
		list = append(list, c.pack(conf, time.Now()))
	}
	return report(list, c.JSON)
}

// notEnrolled says of a folder without a station why there is none.
func notEnrolled(dir string) finding {
	f := finding{"enrolment", false, "this folder holds no station", "enrol it: wardlight enrol --data DIR --server URL --ca-fingerprint HEX --code-file FILE"}
	if seat.WasWiped(dir) != nil {
		f.Found = "the station in this folder was erased by order of the hospital"
		f.Do = "find out from whoever runs the server why; where the computer is to be used again, " + f.Do
	}
	return f
}

func report(list []finding, asJSON bool) error {
	bad := 0
	for _, f := range list {
		if asJSON {
			if err := json.NewEncoder(os.Stdout).Encode(f); err != nil {
				return err
			}
		} else {
			mark := "ok  "
			if !f.OK {
				mark = "SEE "
			}
			fmt.Printf("%s%-10s %s\n", mark, f.Check, f.Found)
			if f.Do != "" {
				fmt.Printf("               → %s\n", f.Do)
			}
		}
		if !f.OK && f.Check != "sound" && f.Check != "ward pack" && f.Check != "privacy" {
			bad++
		}
	}
	if bad > 0 {
		return fault.Newf(fault.Unavailable, "doctor", "", "marked SEE and to be put right: %d", bad)
	}
	return nil
}

func (c *doctorCmd) folder() finding {
	f := finding{Check: "folder", Found: c.Data}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		f.Do = "this folder cannot be made: choose another with --data, or ask IT for the right to write there"
		return f
	}
	probe := filepath.Join(c.Data, ".doctor")
	if err := os.WriteFile(probe, make([]byte, 1<<20), 0o600); err != nil {
		f.Do = "nothing can be written here: free some space, or ask IT for the right to write"
		return f
	}
	f.OK = os.Remove(probe) == nil
	return f
}

func (c *doctorCmd) keyring(ctx context.Context) finding {
	f := finding{Check: "keyring"}
	if c.lacksPassphrase() {
		f.Found, f.Do = "this station's secret lies under a passphrase", passphraseHelp
		return f
	}
	secrets, err := c.secrets()
	if err == nil {
		err = keys.Probe(ctx, secrets)
	}
	switch {
	case err != nil && c.PassphraseFile != "":
		f.Found, f.Do = "not asked: a passphrase file was named, and it does not work: "+fault.KindOf(err).String(), fault.Words(err)
	case err != nil:
		f.Found, f.Do = "the keyring does not work: "+fault.KindOf(err).String(), keyringHelp()
	case c.PassphraseFile != "":
		f.OK, f.Found = true, "not asked: the secret lies in "+secretsName+" of the folder, and the passphrase file opens it"
	default:
		f.OK, f.Found = true, "works"
	}
	return f
}

// memory says whether pages for keys can be locked here; those of a window that runs
// are its own, and it has said so in its log.
func memory() finding {
	found, do, ok := keys.Memory().Locked()
	return finding{"memory", ok, found, do}
}

const passphraseHelp = "add --passphrase-file FILE, with the file that it was enrolled with"

// lacksPassphrase says whether the station was enrolled with a passphrase file,
// and none was named now.
func (c *doctorCmd) lacksPassphrase() bool {
	_, err := os.Stat(filepath.Join(c.Data, secretsName))
	return c.PassphraseFile == "" && err == nil
}

func keyringHelp() string {
	if runtime.GOOS == "linux" {
		return "log in to the desktop so that a Secret Service (GNOME Keyring, KWallet) runs and is unlocked; on a kiosk use --passphrase-file"
	}
	return "log in as the user that Wardlight runs as; if it stays so, call IT"
}

func (c *doctorCmd) secret(ctx context.Context, conf join.Config) finding {
	if c.lacksPassphrase() {
		return finding{"secret", false, "this station's secret lies under a passphrase", passphraseHelp}
	}
	secrets, err := c.secrets()
	if err == nil {
		_, err = join.LoadSecret(ctx, secrets, conf.Station)
	}
	where := "in the keyring"
	if c.PassphraseFile != "" {
		where = "in " + secretsName + ", which the passphrase file opens"
	}
	if err != nil {
		return finding{
			"secret", false, "this computer's secret is not " + where + ": " + fault.KindOf(err).String(),
			"unsent work is safe in the outbox file: ask IT to run 'wardlightd outbox recover' on it, then enrol the computer again",
		}
	}
	return finding{Check: "secret", OK: true, Found: "is " + where}
}

func (c *doctorCmd) display() finding {
	if words, ok := displayWorks(); !ok {
		return finding{"display", false, "no window can be drawn", words}
	}
	return finding{Check: "display", OK: true, Found: "a window can be opened"}
}

func reach(ctx context.Context, server string) finding {
	f := finding{Check: "server", Found: server}
	u, err := url.Parse(server)
	if err != nil {
		f.Do = "this is no address: https://HOST:PORT"
		return f
	}
	began := time.Now()
	conn, err := (&net.Dialer{Timeout: 3 * time.Second}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		f.Do = "the server does not answer: the ward can go on working; check the network, then the server"
		return f
	}
	_ = conn.Close()
	f.OK, f.Found = true, fmt.Sprintf("%s answers in %d ms", server, time.Since(began).Milliseconds())
	return f
}

// packOld is from what age on a ward pack is worth a word: one is made every quarter of
// an hour while Wardlight is open.
const packOld = 2 * time.Hour

// pack says how old the ward pack is that is kept ready. That there is none is no fault
// of the computer's: its ward may be empty, or nobody may have opened it yet.
func (c *doctorCmd) pack(conf join.Config, now time.Time) finding {
	f := finding{Check: "ward pack", Do: "one is made every 15 minutes while Wardlight is open and its copy of the ward is whole: start it, and let it reach the server"}
	p, ok := seat.ReadyPackIn(c.Data, conf.Home)
	if !ok {
		f.Found = packLine(nil, now)
		return f
	}
	f.Found = packLine(&p, now)
	if age := now.Sub(p.Made); age >= 0 && age < packOld {
		f.OK, f.Do = true, ""
	}
	return f
}
