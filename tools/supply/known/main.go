// Command known reads what govulncheck found in programs, and fails where
// something stands there that nobody has looked at and given a reason for.
//
//	known -accepted FILE REPORT...
//
// A line of the file is an id, the day until which the reason holds, and the
// reason. A reason that has run out counts for nothing, and neither does one for
// what is not found any more: it is to be removed.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"time"
)

type reason struct {
	until time.Time
	words string
}

func main() {
	accepted := flag.String("accepted", "", "file with the ids that somebody has looked at")
	flag.Parse()
	reasons, err := readReasons(*accepted)
	found := map[string]string{}
	for _, path := range flag.Args() {
		if err == nil {
			err = readFindings(path, found)
		}
	}
	if err == nil && flag.NArg() == 0 {
		err = errors.New("no report was given")
	}
	if err == nil {
		err = compare(found, reasons, time.Now())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "known:", err)
		os.Exit(1)
	}
}

func readReasons(path string) (map[string]reason, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list := map[string]reason{}
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Fields(line)
		if len(parts) < 3 {
			return nil, fmt.Errorf("%q: an id, a day, and a reason", line)
		}
		until, err := time.Parse(time.DateOnly, parts[1])
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		list[parts[0]] = reason{until, strings.Join(parts[2:], " ")}
	}
	return list, nil
}

// readFindings reads govulncheck's stream of JSON objects.
func readFindings(path string, found map[string]string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	scanned := false
	for dec := json.NewDecoder(f); ; {
		var m struct {
			Config  *struct{} `json:"config"`
			Finding *struct {
				OSV   string `json:"osv"`
				Fixed string `json:"fixed_version"`
				Trace []struct {
					Module  string `json:"module"`
					Version string `json:"version"`
				} `json:"trace"`
			} `json:"finding"`
		}
		if err := dec.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		scanned = scanned || m.Config != nil
		if m.Finding != nil && len(m.Finding.Trace) > 0 {
			t := m.Finding.Trace[0]
			found[m.Finding.OSV] = fmt.Sprintf("%s %s, put right in %s", t.Module, t.Version, m.Finding.Fixed)
		}
	}
	if !scanned {
		return fmt.Errorf("%s is no report of govulncheck", path)
	}
	return nil
}

func compare(found map[string]string, reasons map[string]reason, now time.Time) error {
	var bad []string
	for id, what := range found {
		r, known := reasons[id]
		switch {
		case !known:
			bad = append(bad, id+" in "+what+": nobody has looked at it")
		case now.After(r.until.AddDate(0, 0, 1)):
			bad = append(bad, id+" in "+what+": the reason ran out on "+r.until.Format(time.DateOnly)+": "+r.words)
		default:
			fmt.Println(id, "in", what+"; accepted until", r.until.Format(time.DateOnly)+":", r.words)
		}
	}
	for id := range reasons {
		if _, still := found[id]; !still {
			bad = append(bad, id+" is not found any more: take it off the list")
		}
	}
	sort.Strings(bad)
	if len(bad) > 0 {
		return errors.New("\n  " + strings.Join(bad, "\n  "))
	}
	return nil
}
