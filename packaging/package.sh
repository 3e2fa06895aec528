#!/bin/sh
# Debian packages of the programs in build/bin, into build/dist. The packages
# are not signed here: signing needs the deploying organisation's key.
set -eu
cd "$(dirname "$0")/.."
VERSION=${VERSION:-$(sed -n 's/^  Version = "\(.*\)"/\1/p' FyneApp.toml)}
export VERSION
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH
mkdir -p build/dist
go build -C tools -o ../build/bin/nfpm github.com/goreleaser/nfpm/v2/cmd/nfpm
for p in wardlight wardlightd; do
	build/bin/nfpm package --config "packaging/nfpm/$p.yaml" --packager deb --target build/dist/
done
ls -l build/dist
