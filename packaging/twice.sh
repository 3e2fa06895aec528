#!/bin/sh
# Builds the programs a second time, from a copy of the tree in another place and
# with an empty compiler's cache, and compares the bytes with those in build/bin.
# TWICE='wardlightd wardsim' leaves the window out: its OpenGL binding takes
# minutes to compile.
set -eu
programs=${TWICE:-wardlightd wardsim wardlight}
here=$PWD
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy" 2>/dev/null
cd "$copy"
for p in $programs; do
	GOCACHE=$copy/.cache make -s build-one PROGRAM="$p"
	if ! cmp -s "build/bin/$p" "$here/build/bin/$p"; then
		echo "twice: $p is not the same, built again from the same tree (was build/bin built from what is committed?)" >&2
		exit 1
	fi
	sha256sum "build/bin/$p"
done
