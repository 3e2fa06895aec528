package kit

import (
	"strings"

	"fyne.io/fyne/v2"

	"wardlight/internal/words"
)

// What a screen reader is told of each widget, for the toolkit's builds that have one
// (docs/accessibility.md says which, and what they leave out). A widget says what
// stands in it; where one of several is chosen, which. A secret is never said.

// join puts together what there is.
func join(parts ...string) string {
	var some []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, ", ")
}

// chosenOf are the labels of which one is chosen.
func chosenOf(labels []string, selected int) string {
	list := make([]string, len(labels))
	for i, l := range labels {
		if list[i] = l; i == selected {
			list[i] = words.F("%s, chosen", l)
		}
	}
	return strings.Join(list, "; ")
}

// AccessibilityLabel implements fyne.Accessible.
func (f *TextField) AccessibilityLabel() string {
	if f.config.Secret {
		return join(f.name, f.config.Placeholder, words.T("typed letters are not said"))
	}
	return join(f.name, f.config.Placeholder, f.entry.Text)
}

// AccessibilityLabel implements fyne.Accessible.
func (f *NumberField) AccessibilityLabel() string { return join(words.T("number"), f.text) }

// AccessibilityLabel implements fyne.Accessible.
func (t *Tabs) AccessibilityLabel() string { return chosenOf(t.labels, t.selected) }

// AccessibilityLabel implements fyne.Accessible.
func (s *Segmented) AccessibilityLabel() string { return chosenOf(s.config.Labels, s.config.Selected) }

// AccessibilityLabel implements fyne.Accessible.
func (r *Rail) AccessibilityLabel() string {
	labels := make([]string, len(r.config.Items))
	for i, it := range r.config.Items {
		labels[i] = strings.TrimSpace(it.Label + " " + it.Count)
	}
	return chosenOf(labels, r.config.Selected)
}

// AccessibilityLabel implements fyne.Accessible: where the list stands.
func (l *List) AccessibilityLabel() string {
	if i := l.indexOf(l.selected); i >= 0 {
		return words.F("row %d of %d: %s", i+1, len(l.rows), l.rows[i].Key)
	}
	return words.N(len(l.rows), "list of %d row", "list of %d rows")
}

// AccessibilityLabel implements fyne.Accessible.
func (e *Empty) AccessibilityLabel() string { return e.Text() }

// AccessibilityLabel implements fyne.Accessible.
func (n *Note) AccessibilityLabel() string { return n.Text() }

// AccessibilityLabel implements fyne.Accessible.
func (t *Toast) AccessibilityLabel() string { return join(t.config.Text, t.config.Action) }

// AccessibilityLabel implements fyne.Accessible.
func (s *StatusStrip) AccessibilityLabel() string { return join(s.left.Text(), s.right.Text()) }

// AccessibilityLabel implements fyne.Accessible.
func (b *RedBand) AccessibilityLabel() string { return join(b.Text(), b.config.Action) }

// AccessibilityLabel implements fyne.Accessible.
func (b *Banner) AccessibilityLabel() string { return join(b.first.Text(), b.second.Text()) }

// AccessibilityLabel implements fyne.Accessible: the field has its own.
func (r *FormRow) AccessibilityLabel() string {
	return join(r.config.Label, r.config.Unit, r.config.Before)
}

// AccessibilityLabel implements fyne.Accessible.
func (r *FieldRow) AccessibilityLabel() string { return join(r.label.Text(), r.text.Text()) }

// AccessibilityRole implements fyne.Accessible; the toolkit knows no field.
func (f *TextField) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (f *NumberField) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible; the toolkit knows no choice.
func (t *Tabs) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityRole implements fyne.Accessible.
func (s *Segmented) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityRole implements fyne.Accessible.
func (r *Rail) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityRole implements fyne.Accessible; the toolkit knows no list.
func (l *List) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (e *Empty) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (n *Note) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (t *Toast) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (s *StatusStrip) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (b *RedBand) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityRole implements fyne.Accessible.
func (b *Banner) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (r *FormRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (r *FieldRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
