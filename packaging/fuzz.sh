#!/bin/sh
# Runs every fuzz target below a folder (default: the tree) for the time given
# (default 10s each). What it finds stays in the package's testdata/fuzz, and is
# a test from then on.
set -eu
time=${1:-10s}
under=${2:-.}
grep -rlE '^func Fuzz' --include='*_test.go' "$under" | sort | while read -r file; do
	dir=./$(dirname "$file" | sed 's,^\./,,')
	grep -oE '^func Fuzz[A-Za-z0-9_]*' "$file" | sed 's/^func //' | while read -r target; do
		echo "fuzz $dir $target $time"
		# Making an input small is not what the time is for.
		go test -tags migrated_fynedo "$dir" -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 20x </dev/null
	done
done
