// Package desk stands between the station's cache and its screens: committed
// state becomes read models and notices, and what a person asks for becomes
// signed mutations in the outbox.
//
// # The way of the data
//
// Desk is told nothing. It tails the cache (Store.Grown, Store.Touched), reads
// what was committed, folds this station's own unsent work on top with the
// merge that central uses, judges it by the rules of clinical/alert, and sends
// a notice. A command is committed, and becomes visible when Run meets it in
// the cache, by no other road. So a screen can never show what a crash would
// take away.
//
// # Promises
//
//   - Do returns nil only after the mutations, the audit event and the outbox
//     file are synced. When Do fails nothing of the command was stored.
//   - One command is one commit: what belongs together (an allergy and the end
//     of "no known allergies") is stored together or not at all.
//   - What is derived is never stored: a critical result is critical as long
//     as the rules say so.
//   - A list that is not loaded does not look like an empty one: allergies are
//     "unavailable", and Chart.FeedDown says that "no results" may not be said.
//   - Nobody reads a chart without a look in the audit chain (Open).
//   - A slow subscriber blocks nobody: notices to it run together.
//   - An error never holds patient data; a refusal is a fault whose words can
//     be shown as they are.
//
// All methods of Desk are safe for concurrent use. Read models are new at each
// call and belong to the caller.
package desk
