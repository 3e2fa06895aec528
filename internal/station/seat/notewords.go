package seat

import (
	"strings"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// What a note may say. A note is kept in English, because it is read by whoever comes
// next, in their language: it is said when it is read.
var (
	noteWhat = []words.Key{
		words.K(whatSetAside), words.K(whatDamaged), words.K(whatOld), words.K(whatOutbox), words.K(whatOtherLog),
		words.K(whatDrillOver), words.K(whatDrillOut), words.K(whatDrillCritical),
	}
	noteSafe = []words.Key{
		words.K(safeSetAside), words.K(safeDamaged), words.K(safeOld), words.K(safeOutbox), words.K(safeOtherLog),
		words.K(safeDrillOver), words.K(safeDrillOut), words.K(safeDrillCritical), words.K(safeDrillEnded),
	}
	noteDo = []words.Key{
		words.K(doSetAside), words.K(doDamaged), words.K(doOld), words.K(doOtherLog), words.K(doDrill),
	}
)

// doOutboxWords come before the words that IT is told, which stay as they are.
var doOutboxWords = words.K(doOutbox)

// spoken is a note in the language of the screen.
func spoken(n ward.StoreNote) ward.StoreNote {
	n.What, n.Safe, n.Do = spokenOf(noteWhat, n.What), spokenOf(noteSafe, n.Safe), spokenOf(noteDo, n.Do)
	if it, ok := strings.CutPrefix(n.Do, doOutboxWords.English()); ok {
		n.Do = doOutboxWords.Say() + it
	}
	return n
}

func spokenOf(keys []words.Key, english string) string {
	for _, k := range keys {
		if k.English() == english {
			return k.Say()
		}
	}
	return english
}
