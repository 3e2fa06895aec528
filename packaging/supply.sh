#!/bin/sh
# Looks at what Wardlight is made of: a bill of materials and the licence of every
# module for each program, known vulnerabilities, secrets in the tree, and whether
# building twice gives the same bytes. Everything comes out below build/supply;
# what is not as it should be ends it.
#
# The vulnerabilities are those of the Go vulnerability database as it was when
# the tools module was last moved: it is built from the module that holds it, so
# that a machine without the internet asks it too. Where vuln.go.dev can be
# reached, that is asked instead, and the last line says which it was.
set -eu
out=build/supply
tools=tools/supply
programs='build/bin/wardlightd build/bin/wardsim build/bin/wardlight'
mkdir -p "$out"
for p in $programs; do
	[ -x "$p" ] || { echo "supply: $p is not there: run 'make supply', which builds it first" >&2; exit 1; }
done

echo "supply: the tools"
go build -C $tools -o "../../$out/" ./licences ./known \
	github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod golang.org/x/vuln/cmd/govulncheck \
	golang.org/x/vulndb/cmd/indexdb github.com/zricethezav/gitleaks/v8
[ -x "$out/gitleaks" ] || mv "$out/v8" "$out/gitleaks"

echo "supply: bills of materials"
for p in $programs; do
	"$out/cyclonedx-gomod" bin -json -licenses -output "$out/$(basename "$p").cdx.json" "$p" 2>/dev/null
done

echo "supply: licences"
# shellcheck disable=SC2086
"$out/licences" -allow $tools/licences/allowed.txt $programs >"$out/licences.csv"

echo "supply: secrets in the tree and its history"
"$out/gitleaks" git --no-banner --redact --log-level warn --config $tools/gitleaks.toml --report-path "$out/secrets.json" .

echo "supply: known vulnerabilities"
if curl -fsS -m 10 -o /dev/null https://vuln.go.dev/index/db.json 2>/dev/null; then
	db=https://vuln.go.dev
	said='the database at vuln.go.dev, now'
else
	version=$(cd $tools && go list -m -f '{{.Version}}' golang.org/x/vulndb)
	rm -rf "$out/vulndb"
	"$out/indexdb" -out "$out/vulndb" -vulns "$(cd $tools && go list -m -f '{{.Dir}}' golang.org/x/vulndb)/data/osv"
	db=file://$PWD/$out/vulndb
	said="vuln.go.dev CANNOT BE REACHED HERE; the database of the module golang.org/x/vulndb $version"
fi
for p in $programs; do
	"$out/govulncheck" -db "$db" -mode binary -format json "$p" >"$out/$(basename "$p").vuln.json"
done
"$out/known" -accepted $tools/known/accepted.txt "$out"/*.vuln.json

echo "supply: built twice"
sh packaging/twice.sh
echo "supply: all parts passed; vulnerabilities were looked up in $said"
