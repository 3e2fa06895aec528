#!/bin/sh
# Runs every fuzz target below a folder (default: the tree) for the time given
# (default 10s each). What it finds stays in the package's testdata/fuzz, and is
# a test from then on.
#
# The time is filled with rounds of so many inputs each, because Go up to 1.26
# now and then calls a target failed ("context deadline exceeded", nothing found)
# when a -fuzztime of seconds ends while an input is at work: golang/go#75804.
# What one round found worth keeping, the next one begins with.
set -eu
time=${1:-10s}
under=${2:-.}
case $time in
*m) seconds=$((${time%m} * 60)) ;;
*s) seconds=${time%s} ;;
*) echo "fuzz: the time is 20s or 10m, not $time" >&2; exit 2 ;;
esac
grep -rlE '^func Fuzz' --include='*_test.go' "$under" | sort | while read -r file; do
	dir=./$(dirname "$file" | sed 's,^\./,,')
	grep -oE '^func Fuzz[A-Za-z0-9_]*' "$file" | sed 's/^func //' | while read -r target; do
		echo "fuzz $dir $target $time"
		begun=$(date +%s) inputs=2000
		while round=$(date +%s) && [ $((round - begun)) -lt "$seconds" ]; do
			# Making an input small is not what the time is for.
			go test -tags migrated_fynedo "$dir" -run '^$' -fuzz "^$target\$" -fuzztime "${inputs}x" -fuzzminimizetime 20x </dev/null
			took=$(($(date +%s) - round))
			left=$((seconds - ($(date +%s) - begun)))
			# The next round is to fill a minute, or what is left.
			[ "$left" -lt 60 ] || left=60
			[ "$took" -gt 0 ] && inputs=$((inputs * left / took)) || inputs=$((inputs * 10))
			[ "$inputs" -ge 2000 ] || inputs=2000
		done
	done
done
