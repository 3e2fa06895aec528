// Package speaker makes a computer sound, through the oto library.
//
// Each burst is played by a program of its own (this one, started again: Main), which
// opens the sound output, plays, and ends. The library keeps one output open for the
// life of a process and opens no second one; so a headset that is pulled out would be
// silence until the next start, an output that another program holds would hold ours,
// and an output that is open draws the processor's time for silence. A program that
// ends has none of that, and whatever a sound driver does to it, the window goes on.
//
// What it promises: Play returns when the burst was handed to the output, or says in
// words why there is no sound and what to do, within Patience beyond the burst's
// length. It starts one program at a time, and ends it. No patient data reaches it: a
// burst is a level and a volume. The tones are made here, from sines.
package speaker
