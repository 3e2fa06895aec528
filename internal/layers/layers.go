// Package layers holds the tree to the house's plan: which room may lean on
// which, who owns which library, and that every room says what it is. It has
// no code of its own; its test is the rule (docs/architecture.md tells the
// reasons).
package layers
