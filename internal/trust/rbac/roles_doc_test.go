package rbac

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

var update = flag.Bool("update", false, "write docs/security/roles.md anew")

// The table that a privacy officer reads is made of the decisions themselves,
// not of the rows: every role is asked for every action on every type.
func TestTheTableOfRolesSaysWhatIsDecided(t *testing.T) {
	path := filepath.Join("..", "..", "..", "docs", "security", "roles.md")
	want := rolesDocument()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/security/roles.md does not say what is decided; look at the difference, then: go test ./internal/trust/rbac -run TheTableOfRoles -update")
	}
}

const rolesHead = `# Who may do what

Made from the program's own decisions (` + "`internal/trust/rbac`" + `) by its test; do not
edit it by hand. The same function decides on central and on a computer that is
cut off. **What does not stand here is refused**, and so is an unknown role, an
account that was closed before the act, and a computer that was shut out.

| mark | for which patients |
|---|---|
| ward | those on a ward of the person **and** of the computer; also for somebody who covers the whole hospital, at a computer of the patient's ward |
| ward, glass | as before; in an emergency also for somebody of another ward, at a computer that holds the patient, or is lent the record by central: with a reason and the PIN again, for an hour, on record as such, and reviewed by the privacy officer |
| here | those on a ward of the computer, whatever the person's |
| all | not a matter of wards: central's own facts |

`

// rolesDocument renders one table a role: a row a kind of entry, a column an
// action.
func rolesDocument() string {
	var b strings.Builder
	b.WriteString(rolesHead)
	for _, role := range everyRole {
		b.WriteString("## " + strings.ToUpper(role.Words()[:1]) + role.Words()[1:] + "\n\n")
		if role == Computer {
			b.WriteString("A workstation that speaks for itself: it says what it drew. No person holds this role.\n\n")
		}
		columns := slices.DeleteFunc(slices.Clone(everyAction), func(a Action) bool {
			return !slices.ContainsFunc(everyType, func(typ fhir.Type) bool { return reach(role, a, typ) != "" })
		})
		b.WriteString("| entry |")
		for _, a := range columns {
			b.WriteString(" " + a.words() + " |")
		}
		b.WriteString("\n|---" + strings.Repeat("|---", len(columns)) + "|\n")
		for _, typ := range everyType {
			var cells []string
			for _, a := range columns {
				cells = append(cells, reach(role, a, typ))
			}
			if strings.Join(cells, "") != "" {
				b.WriteString("| " + string(typ) + " | " + strings.Join(cells, " | ") + " |\n")
			}
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// reach says for which patients a role may do something; "" for none.
func reach(role Role, action Action, typ fhir.Type) string {
	r := good(role, action, typ)
	if !Decide(r).Allow {
		return ""
	}
	r.PatientWards, r.DeviceWards = nil, nil
	if Decide(r).Allow {
		return "all"
	}
	r.PatientWards, r.DeviceWards, r.Wards = w4B, w4B, w5A
	if Decide(r).Allow {
		return "here"
	}
	if r.Purpose = BreakGlass; Decide(r).Allow {
		return "ward, glass"
	}
	if r.Wards, r.Purpose = []record.Ward{AnyWard}, Treatment; !Decide(r).Allow {
		return "own ward only"
	}
	return "ward"
}
