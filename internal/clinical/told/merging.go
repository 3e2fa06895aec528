package told

import "wardlight/internal/words"

// What the rules of merging say of an entry (sync/merge).

// merging is why an entry was merged, put before a person or refused, and what a decision did.
func merging() []rule {
	return []rule{
		to(words.FormatOf(written, "The entry in the record cannot be read. Nothing was changed.")),
		to(words.FormatOf(written, "The entry that was changed cannot be read. Nothing was changed.")),
		to(words.FormatOf(written, "The entry that should be changed has not arrived.")),
		to(words.FormatOf(written, "The change does not fit the entry. Nothing was changed.")),
		to(words.FormatOf(written, "The change is about another entry than it says. Nothing was changed.")),
		to(words.FormatOf(written, "What somebody did is never changed afterwards. Withdraw it, and record what is right.")),
		to(words.FormatOf(written, "Recorded twice under one number.")),
		to(words.FormatOf(written, "A measurement is never changed afterwards. Mark it as entered in error, and record it again.")),
		to(words.FormatOf(written, "Remarks on a measurement stay.")),
		to(words.FormatOf(written, "Say why the measurement was entered in error.")),
		to(words.FormatOf(written, "Two people entered different things about the same. Both are kept until somebody decides.")),
		to(words.FormatOf(written, "Two people decided this differently. The safer entry is in force until somebody decides again.")),
		to(words.FormatOf(written, "The request had already been carried out when it was revoked.")),
		to(words.FormatOf(written, "An allergy is never overwritten by \"no known allergies\". Refute the allergy, and record none known beside it.")),
		to(words.FormatOf(written, "An allergy is never overwritten by \"no known allergies\".")),
		to(words.FormatOf(written, "A finished task is opened again only by a person who says why.")),
		to(words.FormatOf(written, "The request has already been carried out and cannot be revoked.")),
		to(words.FormatOf(written, "The appointment cannot be read. Nothing was changed.")),
		to(words.FormatOf(written, "The slot was taken before this arrived. The next free one is offered.")),
		to(words.FormatOf(written, "The slot was taken before this arrived, and no other is free. The request waits.")),
		to(words.FormatOf(written, "Decided in a review: the patient has the allergy.")),
		to(words.FormatOf(written, "Decided in a review: neither entry is right. The allergy stays in force; a new entry says what is.")),
		to(words.FormatOf(written, "Decided in a review: the patient has no known allergies.")),
		to(words.FormatOf(written, "Two people decided the review differently. Both entries stand until somebody decides again.")),
		to(words.FormatOf(written, "Two people decided the review differently. Both answers stand until somebody decides again.")),
		to(words.FormatOf(written, "Two people decided the review differently. All entries stand until somebody decides again.")),
		to(words.FormatOf(written, "Decided in a review: neither answer is right. The safer one stays in force; a new entry says what is.")),
		to(words.FormatOf(written, "Decided in a review.")),
		to(words.FormatOf(written, "Decided in a review: this request is not wanted.")),
		to(words.FormatOf(written, "Decided in a review: the patient is in another bed.")),
		to(words.FormatOf(written, "Decided in a review: the two records are one person's.")),
		to(words.FormatOf(written, "Two people decided differently whether the two records are one person's. They stay apart until somebody decides again.")),
		to(words.FormatOf(written, "Laboratory results are changed by the laboratory only.")),
		to(words.FormatOf(written, "An older version arrived after a newer one; it is kept in the history.")),
		to(words.FormatOf(written, "A laboratory sends a result whole, or declares it final.")),
		to(words.FormatOf(written, "The laboratory declares a result final whose value has not arrived.")),
		to(words.FormatOf(written, "The laboratory declares a result final that it took back.")),
		to(words.FormatOf(written, "The entries no longer contradict one another.")),
	}
}
