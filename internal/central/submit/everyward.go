package submit

import (
	"slices"

	"wardlight/internal/clinical/record"
)

// Whom to warn where nobody knows whom. A critical value of a patient whom
// nobody here knows, in a message that names no ward, would be on no screen at
// all; so it is on one of every ward, and the first that shows it has it. Such a
// warning names nobody: all but one ward have no business with who it is.

// reaching are the wards whose screens show a warning meant for these: those,
// or every ward where none of them has a computer.
func (w *work) reaching(wards []record.Ward) (list []record.Ward, everybody bool, err error) {
	all, err := w.everyWard()
	if err != nil || len(all) == 0 {
		return wards, false, err
	}
	if slices.ContainsFunc(wards, func(one record.Ward) bool { return slices.Contains(all, one) }) {
		return wards, false, nil
	}
	return union(wards, all), true, nil
}

// everyWard are the wards that have a computer which is welcome here.
func (w *work) everyWard() (all []record.Ward, err error) {
	for kv, err := range w.Notes(devicePrefix) {
		if err != nil {
			return nil, err
		}
		var d record.Device
		if err := record.Decode(kv.Value, &d); err != nil {
			return nil, err
		}
		if d.Revoked == 0 {
			all = union(all, d.Wards)
		}
	}
	return all, nil
}
