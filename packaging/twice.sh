#!/bin/sh
# Builds the programs a second time, from a copy of the tree in another place and
# with an empty compiler's cache, and compares the bytes with those in build/bin.
# TWICE='wardlightd wardsim' leaves the window out: its OpenGL binding takes
# minutes to compile.
#
# A comparison that never fails says nothing. So one program (PROOF, "" for none) is
# built in both places without -trimpath as well: then it holds the folder that it was
# built in, and has to be found different.
set -eu
programs=${TWICE:-wardlightd wardsim wardlight}
proof=${PROOF-wardsim}
here=$PWD
copy=$(mktemp -d)
# The second cache is not below the copy: what is found different may be looked at with go.
cache=$(mktemp -d)
trap 'rm -rf "$copy" "$cache"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy" 2>/dev/null

# same PROGRAM: whether the bytes of here/$1 and copy/$1 are equal
same() { cmp -s "$here/$1" "$copy/$1"; }

cd "$copy"
for p in $programs; do
	GOCACHE=$cache make -s build-one PROGRAM="$p"
	if ! same "build/bin/$p"; then
		echo "twice: $p is not the same, built again from the same tree (was build/bin built from what is committed?)" >&2
		exit 1
	fi
	sha256sum "build/bin/$p"
done
[ -n "$proof" ] || exit 0
for place in "$here" "$copy"; do
	cd "$place"
	mkdir -p build/untrimmed
	make -s GOFLAGS=-buildvcs=false OUT=build/untrimmed build-one PROGRAM="$proof"
done
if same "build/untrimmed/$proof"; then
	echo "twice: $proof is the same though it was built without -trimpath: this comparison finds nothing" >&2
	exit 1
fi
echo "twice: without -trimpath $proof is another one, and is found"
