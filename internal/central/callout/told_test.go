package callout_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wardlight/internal/central/callout"
)

// Every setting of the gateways is told, and nothing that may be a secret: a setting that
// is added later and not told fails here.
func TestEverySettingOfTheGatewaysIsTold(t *testing.T) {
	var set callout.Settings
	set.Format = 1
	members := 0
	for _, of := range []string{"SMTP", "Webhook"} {
		f := reflect.ValueOf(&set).Elem().FieldByName(of)
		f.Set(reflect.New(f.Type().Elem()))
		for i := range f.Elem().NumField() {
			members++
			switch m := f.Elem().Field(i); m.Kind() {
			case reflect.Int:
				m.SetInt(587)
			default:
				m.SetString("https://ward:hush@pager.example/" + f.Elem().Type().Field(i).Name + "?hush")
			}
		}
	}
	b, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	b = []byte(strings.ReplaceAll(string(b), "ward:hush@pager.example/Host?hush", "pager.example"))
	dir := t.TempDir()
	for _, v := range callout.Tell(dir) {
		if v.Value != "" {
			t.Errorf("without a file it tells %+v", v)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, callout.File), b, 0o600); err != nil {
		t.Fatal(err)
	}
	told := callout.Tell(dir)
	if len(told) != members+1 {
		t.Errorf("%d settings are told of %d and the file: %+v", len(told), members, told)
	}
	for _, v := range told {
		if v.Value == "" {
			t.Errorf("%s is not told", v.Name)
		}
		if v.Name == "webhook url" && strings.Contains(v.Value, "hush") {
			t.Errorf("%s tells what lets somebody in: %s", v.Name, v.Value)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, callout.File), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if told := callout.Tell(dir); told[0].Value != "cannot be used" {
		t.Errorf("a file that makes no sense is told as %+v", told[0])
	}
}
