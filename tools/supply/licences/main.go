// Command licences says under which licence each module of a program comes, and
// fails where one is not on the list of those that Wardlight may be given away
// with, or has none that can be told.
//
//	licences -allow FILE PROGRAM...
//
// It reads the modules off the built programs, so that it speaks of what is given
// away and of nothing else, and their licences off the module cache.
package main

import (
	"bufio"
	"debug/buildinfo"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/google/licensecheck"
)

func main() {
	allow := flag.String("allow", "", "file with the licences that are allowed, one a line")
	root := flag.String("root", ".", "folder of the product's go.mod")
	flag.Parse()
	allowed, err := readList(*allow)
	if err == nil {
		err = run(*root, allowed, flag.Args())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func readList(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []string
	for s := bufio.NewScanner(f); s.Scan(); {
		if line, _, _ := strings.Cut(s.Text(), "#"); strings.TrimSpace(line) != "" {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list, nil
}

func run(root string, allowed, programs []string) error {
	modules := map[string]string{}
	for _, p := range programs {
		info, err := buildinfo.ReadFile(p)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		for _, d := range info.Deps {
			if d.Replace != nil {
				d = d.Replace
			}
			modules[d.Path] = d.Version
		}
	}
	if len(modules) == 0 {
		return fmt.Errorf("the programs name no module: were they built with modules?")
	}
	var bad []string
	for _, path := range sorted(modules) {
		found, err := licencesOf(root, path, modules[path])
		if err != nil {
			return err
		}
		fmt.Printf("%s,%s,%s\n", path, modules[path], strings.Join(found, " AND "))
		if len(found) == 0 || slices.ContainsFunc(found, func(l string) bool { return !slices.Contains(allowed, l) }) {
			bad = append(bad, fmt.Sprintf("%s %s: %s", path, modules[path], strings.Join(found, ", ")))
		}
	}
	if len(bad) > 0 {
		return fmt.Errorf("not on the list of allowed licences:\n  %s", strings.Join(bad, "\n  "))
	}
	return nil
}

func sorted(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// enough is how much of a text must be a licence's for it to be that licence.
const enough = 75

func licencesOf(root, path, version string) ([]string, error) {
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", path)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list -m %s %s: %w", path, version, err)
	}
	var texts []string
	for _, pattern := range []string{"LICEN[CS]E*", "COPYING*", "license*", "licence*"} {
		found, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), pattern))
		texts = append(texts, found...)
	}
	var ids []string
	for _, t := range texts {
		b, err := os.ReadFile(t)
		if err != nil {
			continue // a folder of that name
		}
		cover := licensecheck.Scan(b)
		if cover.Percent < enough {
			continue
		}
		for _, m := range cover.Match {
			if !slices.Contains(ids, m.ID) {
				ids = append(ids, m.ID)
			}
		}
	}
	return ids, nil
}
