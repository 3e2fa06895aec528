# Wardlight: every command of daily work. `make help` lists them.
#
# One flag set everywhere: build, tests, vet and lint share what they compile, and
# the OpenGL binding, which takes minutes, is compiled once. -trimpath is part of
# what the compiler's cache asks for, so it stands in GOFLAGS and not at a command.
TAGS    := migrated_fynedo
export GOFLAGS := -trimpath -buildvcs=false
# The programs leave out the toolkit's own emoji: it reads their four megabytes
# into memory once for each kind of text. The system's fonts draw an emoji, else a
# sign stands for it. They leave out its animations: a caret that fades draws the
# whole window anew a dozen times a second, half a processor where no graphics card
# helps. The OpenGL binding does not ask for these tags.
BUILD   := go build -tags $(TAGS),no_emoji,no_animations -ldflags '-s -w -buildid='
GOTEST  := go test -tags $(TAGS)
PKGS     = $(shell go list -tags $(TAGS) ./... | grep -v -e /internal/e2e -e /sync/simtest)
SEEDS   ?= 10000
SEED    ?= 1
SIMTIME ?= 20m
FUZZ    ?= 10s
ARGS    ?=

export LANG ?= en_GB.UTF-8

.PHONY: help setup build build-one screenreader supply check vet test unit race sim fuzz fuzzsync golden e2e bench lint layers package demo tour nightly clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: ## install the system packages that building and testing need (root or sudo)
	@sh packaging/setup.sh

build: ## build/bin/wardlight, wardlightd, wardsim
	@mkdir -p build/bin
	$(BUILD) -o build/bin/ ./cmd/wardlightd ./cmd/wardsim ./cmd/wardlight

OUT ?= build/bin
build-one:
	@mkdir -p $(OUT)
	$(BUILD) -o $(OUT)/ ./cmd/$(PROGRAM)

screenreader: ## the window for Windows with the toolkit's accessibility (docs/accessibility.md; needs mingw)
	@mkdir -p build/windows
	GOOS=windows GOARCH=amd64 CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc go build -tags $(TAGS),no_emoji,no_animations,accessibility \
		-ldflags '-s -w -buildid= -H=windowsgui' -o build/windows/wardlight-accessible.exe ./cmd/wardlight

supply: build ## what the programs are made of: SBOM, licences, known vulnerabilities, secrets, built twice
	@sh packaging/supply.sh

demo: setup build ## the main job: a ward lives through an outage (ARGS='--json --seed 7')
	@build/bin/wardlight demo $(ARGS)

tour: setup build ## docs/tour.md: a picture of each screen, from the synthetic ward
	@build/bin/wardlight demo --fast --seed 7 --json --tour docs >/dev/null

test: setup build vet unit race fuzzsync sim e2e ## everything that CI runs
	@echo "make test: all parts passed"

# The stories of internal/e2e mount disks and make namespaces: they are Linux's alone.
check: vet ## the everyday loop: vet, Windows, quick tests
	GOOS=windows CGO_ENABLED=0 go vet -tags ci,$(TAGS) $(PKGS) ./sync/simtest
	GOOS=windows CGO_ENABLED=0 go build -tags ci,$(TAGS) -o $(or $(TMPDIR),/tmp)/ ./cmd/wardlightd ./cmd/wardsim ./cmd/wardlight
	$(GOTEST) -short $(PKGS)

vet: ## go vet and gofmt
	@test -z "$$(gofmt -l assets cmd internal sync tools ui)" || { echo "not formatted:"; gofmt -l assets cmd internal sync tools ui; exit 1; }
	go vet -tags $(TAGS) ./...

# The race detector costs a second build of everything: the packages where
# goroutines meet, which are nearly all of these. Their tests run there and not once
# more without it; but those of packages with long ones, which -short leaves out.
MEET  = sync/client sync/hub sync/link internal/central internal/station internal/trust
APART = /(journal/state|paper|wardpack|view/(idle|obschart|strip)|trust/(audit|lease|rbac|totp))$$
RACE  = $(shell go list -tags $(TAGS) $(MEET:%=./%/...) | grep -vE '$(APART)')
LONG  = $(shell grep -rl 'testing[.]Short()' --include='*_test.go' $(MEET) | xargs -n1 dirname | sort -u | sed 's|^|wardlight/|')
unit: ## all tests but the slow ones below
	$(GOTEST) -skip '^TestSeeds$$' $(sort $(filter-out $(RACE),$(PKGS)) $(LONG)) ./sync/simtest

race: ## the packages with concurrency under the race detector
	$(GOTEST) -race -short $(RACE)

sim: ## seeded simulation (SEEDS=N SEED=S)
	WARDLIGHT_COMMIT=$$(git describe --always --dirty=-changed 2>/dev/null) \
	$(GOTEST) ./sync/simtest -run '^TestSeeds$$' -timeout $(SIMTIME) -args -seeds $(SEEDS) -seed $(SEED)

e2e: build ## the real binaries, keyring, window, sockets and kill -9
	WARDLIGHT_BIN=$(CURDIR)/build/bin $(GOTEST) ./internal/e2e -timeout 30m -v

fuzz: ## every fuzz target for FUZZ each
	@sh packaging/fuzz.sh $(FUZZ)

fuzzsync: ## the wire and both step machines, 20 s each
	@sh packaging/fuzz.sh 20s sync

golden: ## rewrite the screen goldens; look at each before you commit it
	UPDATE_GOLDEN=1 $(GOTEST) ./ui/...

bench: build ## the workloads W1 to W9 that are measured, with ARGS="--floor --only W1,W6"
	@build/bin/wardsim bench $(ARGS)

lint: ## golangci-lint, built from the tools module
	go build -C tools -o ../build/bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	build/bin/golangci-lint run --build-tags $(TAGS) ./...

layers: ## the house's table
	$(GOTEST) ./internal/layers

package: setup build ## Debian packages in build/dist
	@sh packaging/package.sh

# What a night has time for; each can be set, for a shorter night.
NIGHT_SYNC   ?= 10m
NIGHT_FUZZ   ?= 2m
NIGHT_SEEDS  ?= 200000
NIGHT_ROUNDS ?= 200
NIGHT_E2E    ?= 3
NIGHT_PANELS ?= 10
NIGHT_SOAK   ?= 1h
nightly: lint build ## lint, fuzzing, long simulation, torture, repeated end to end
	@sh packaging/supply.sh
	@sh packaging/fuzz.sh $(NIGHT_SYNC) sync
	@sh packaging/fuzz.sh $(NIGHT_FUZZ) internal
	$(MAKE) sim SEEDS=$(NIGHT_SEEDS) SEED=$(shell date +%s) SIMTIME=3h
	WARDLIGHT_BIN=$(CURDIR)/build/bin WARDLIGHT_TORTURE=$(NIGHT_ROUNDS) $(GOTEST) ./internal/e2e -run 'TestTorture$$|TestAPoorLineBetweenNamespaces$$|UnderKillNine$$|TestTheLedgerFindsEachPlantedFault$$' -timeout 90m -v
	WARDLIGHT_BIN=$(CURDIR)/build/bin $(GOTEST) ./internal/e2e -timeout 90m -count $(NIGHT_E2E)
	build/bin/wardsim bench --only W5 --panels $(NIGHT_PANELS) --soak $(NIGHT_SOAK) --rss 300
	$(GOTEST) -race -timeout 60m $$(go list -tags $(TAGS) ./sync/... ./internal/... | grep -v /internal/e2e)

clean: ## remove what was built
	rm -rf build
