package orders

import (
	"testing"

	view "wardlight/internal/station/view/orders"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Everything on the page can be translated: the list, and each way of having none.
func TestTheOrdersAreTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	known := []string{
		"Adeyemi", "ADEYEMI", "Folake", "Wolfeschlegelsteinhausen-Bergerdorff", "WOLFESCHLEGELSTEINHAUSEN-BERGERDORFF", "Maria Theresia Anunciação", "23A", "El-Rahman", "EL-RAHMAN", "Layla",
		"Urea and electrolytes", "Potassium", "Co-amoxiclav", "1.2 g into a vein 3 times a day", "C-reactive protein", "Grace Mensah, nurse",
		// What the desk said already, and what somebody wrote.
		"not sent for 2 h: send it on paper, or phone the laboratory", "waits until somebody decides whether it is wanted",
		"allergy to Penicillin, and amoxicillin may react across.", "desensitised on 19-Nov, allergy clinic", "You may not see this ward's patients: your account is not for this ward. Ask the charge nurse, or use a computer of your own ward.",
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, c.desk)
			for _, f := range []view.Filter{view.All, view.Late} {
				r.model.SetFilter(f)
				r.fresh()
				uitest.AllTranslatable(t, r.page.Object(), known...)
			}
		})
	}
}
