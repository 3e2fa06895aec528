//go:build tools

// Package supply pins what the supply chain is looked at with: a bill of
// materials, known vulnerabilities, licences. It is a module of its own, so that
// neither the product's dependencies nor those of packaging move with it.
package supply

import (
	_ "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod"
	_ "github.com/zricethezav/gitleaks/v8"
	_ "golang.org/x/vuln/cmd/govulncheck"
	_ "golang.org/x/vulndb/cmd/indexdb"
)
