#!/bin/sh
# Runs every fuzz target of the tree for the time given (default 10s each).
set -eu
time=${1:-10s}
grep -rlE '^func Fuzz' --include='*_test.go' . | sort | while read -r file; do
	dir=$(dirname "$file")
	grep -oE '^func Fuzz[A-Za-z0-9_]*' "$file" | sed 's/^func //' | while read -r target; do
		echo "fuzz $dir $target $time"
		go test -tags migrated_fynedo "$dir" -run '^$' -fuzz "^$target\$" -fuzztime "$time" </dev/null
	done
done
