package uitest

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Data is a pattern of the words in a fixture, for Untranslatable: what it holds is a value,
// a name, or something that somebody wrote. But are words in it that are said, such as a
// status, and so are not taken for data.
func Data(fixture any, but ...string) string {
	b, err := json.Marshal(fixture)
	if err != nil {
		return ""
	}
	var v any
	if json.Unmarshal(b, &v) != nil {
		return ""
	}
	seen := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch x := v.(type) {
		case string:
			if slices.Contains(but, x) {
				return
			}
			for _, w := range strings.FieldsFunc(x+" "+strings.ToUpper(x), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				seen[w] = true
			}
		case []any:
			for _, e := range x {
				walk(e)
			}
		case map[string]any:
			for _, e := range x {
				walk(e)
			}
		}
	}
	walk(v)
	list := slices.Collect(maps.Keys(seen))
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for i, w := range list {
		list[i] = regexp.QuoteMeta(w)
	}
	return `re:(?:^|\b)(?:` + strings.Join(list, "|") + `)(?:\b|$)`
}
