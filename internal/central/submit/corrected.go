package submit

import (
	"slices"
	"strconv"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A warning about a part of a message is over when the laboratory has sent that
// part again so that it could be filed. Which results a part is about stands in
// notes, one for each result:
//
//	corrects/<result>/<message>/<group>
//
// Where nobody can name them all, one note names none: a person then has to
// settle it (Dismiss).

const correctsPrefix = "corrects/"

// part names a part of a message.
func part(message string, group int) string { return message + "/" + strconv.Itoa(group) }

// awaitCorrection notes what a part is about.
func (w *work) awaitCorrection(fl *filing, h heldBack) error {
	name := part(fl.row.ID, h.group)
	if err := w.forgetCorrection(name); err != nil {
		return err
	}
	if !h.partial {
		return nil
	}
	keys := []string{}
	for _, ref := range h.about {
		keys = append(keys, correctsPrefix+ref.String()+"/"+shortHash(name))
	}
	if h.unknown || len(keys) == 0 {
		keys = append(keys, correctsPrefix+"?/"+shortHash(name))
	}
	for _, key := range keys {
		if err := w.SetNote(key, []byte(name)); err != nil {
			return err
		}
	}
	return nil
}

// forgetCorrection removes every note of a part.
func (w *work) forgetCorrection(name string) error {
	keys, err := w.notesSaying(correctsPrefix, name)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := w.SetNote(key, nil); err != nil {
			return err
		}
	}
	return nil
}

// corrects ends the warnings about what this message has filed as it should be.
func (w *work) corrects(fl *filing) error {
	for _, t := range fl.targets {
		cur, ok, err := w.Current(t.ref)
		if err != nil {
			return err
		}
		if !isResult(t.ref.Type) || !ok || cur.Version != t.version || fl.holds(t.ref) {
			continue
		}
		var waiting []record.KV
		for kv, err := range w.Notes(correctsPrefix + t.ref.String() + "/") {
			if err != nil {
				return err
			}
			waiting = append(waiting, kv)
		}
		for _, kv := range waiting {
			if err := w.correctsPart(fl, kv); err != nil {
				return err
			}
		}
	}
	return nil
}

// holds says whether a result is among what this message could not file.
func (fl *filing) holds(ref fhir.Ref) bool {
	return slices.ContainsFunc(fl.held, func(h heldBack) bool { return slices.Contains(h.about, ref) })
}

// correctsPart removes one result from what a part waits for; with the last one
// the warning is over.
func (w *work) correctsPart(fl *filing, kv record.KV) error {
	name := string(kv.Value)
	if err := w.SetNote(kv.Key, nil); err != nil {
		return err
	}
	left, err := w.notesSaying(correctsPrefix, name)
	if err != nil || len(left) > 0 {
		return err
	}
	i := strings.LastIndexByte(name, '/')
	group, err := strconv.Atoi(name[i+1:])
	if err != nil {
		return nil // nothing of ours
	}
	message := name[:i]
	words := "corrected by message " + fl.row.ControlID
	if err := w.endHeld(fl, heldRef(message, group), "completed", "Corrected by message "+fl.row.ControlID+" from "+fl.author.Sender+". "); err != nil {
		return err
	}
	return w.nobodyNeeded(message, words)
}

// endHeld ends one warning, with words before its own.
func (w *work) endHeld(fl *filing, ref fhir.Ref, status, words string) error {
	cur, ok, err := w.Current(ref)
	if err != nil || !ok {
		return err
	}
	t, err := fhir.View[fhir.Task](cur.Body)
	if err != nil || ended(t.Status) {
		return nil
	}
	t.Status, t.Description = status, words+t.Description
	return w.putTask(fl, t, cur.Wards)
}

// nobodyNeeded says on a message's row that nobody needs to act on it any more, once
// no part of it waits.
func (w *work) nobodyNeeded(message, words string) error {
	for kv, err := range w.Notes(correctsPrefix) {
		if err != nil {
			return err
		}
		if strings.HasPrefix(string(kv.Value), message+"/") {
			return nil
		}
	}
	row, ok, err := w.Inbound(message)
	if err != nil || !ok {
		return err
	}
	row.Settled = words
	return w.SetInbound(row)
}
