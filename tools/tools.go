//go:build tools

// Package tools pins what packaging and linting are done with, apart from the
// product's own modules.
package tools

import (
	_ "github.com/golangci/golangci-lint/v2/cmd/golangci-lint"
	_ "github.com/goreleaser/nfpm/v2/cmd/nfpm"
)
