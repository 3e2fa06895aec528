// Package sound says when a computer sounds for what nobody has taken, how, and how
// often. It is pure: the same alerts, memory, settings and time give the same answer.
//
// The rules, which are Wardlight's own where no source is named:
//
//   - Only what interrupts sounds: critical values, values that may be critical,
//     critical values that are held back, and corrections of what somebody acted on.
//     Late results, tasks, handovers and reviews never do.
//   - It sounds when it comes. While no unlocked window has drawn it, it sounds again
//     every minute for ten minutes, and every five minutes after that. Once it is seen
//     that ends: a sound calls somebody to a screen, and somebody is there.
//   - Seen is not taken. When a step of the ladder is due and nobody has taken it, it
//     sounds again, as urgent, seen or not.
//   - Taken, withdrawn and discharged: it is not among the alerts any more, and nothing
//     sounds. A hold that ran out without an action makes it new.
//   - However many wait, one burst sounds, the most urgent, and no two within ten
//     seconds.
//   - Quiet hours make it softer and hold back what is not critical, until they end.
//     They silence nothing that is, or may be, critical.
//   - Muted, a computer tells nothing. What was due meanwhile sounds once when that ends.
//
// A burst has the shape that IEC 60601-1-8 gives the auditory signals of medical
// electrical equipment, so that the ear that knows a bedside monitor knows which is the
// more urgent: three pulses for medium priority, ten in two groups of five (three and
// two) for high. Wardlight is not such equipment and claims no conformity: it tells of
// results, on an office computer, whose loudspeaker nobody supervises. A sound is never
// the only sign of anything.
package sound
