# Every target does its own set-up; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# SwiftPM is the build system and locks its folder: recipes here run one after another.
.NOTPARALLEL:

DATA ?= ./data
HTTP ?= 127.0.0.1:8080
HTTPS ?= 127.0.0.1:6443
CLUSTER ?= ./cluster
GATEWAYS ?= 2
# The proxy's; the others follow it.
CLUSTER_PORT ?= 6500
# The binary that the client tests start; a release binary is BINNACLE=.build/release/binnacle.
BINNACLE ?= $(CURDIR)/.build/debug/binnacle
# Handed to pytest and to binnacle-bench: make test PYTEST_FLAGS='-k kubectl'.
PYTEST_FLAGS ?=
BENCH_FLAGS ?=

swift_sources := Sources Tests Package.swift
# An import of a module that is no declared dependency builds only by luck.
swift_build := swift build --explicit-target-dependency-import-check error
pytest := .venv/bin/python -m pytest -c Tests/Clients/pytest.ini

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: release ## Build a release and serve ./data on plain HTTP and HTTPS, loopback only
	@printf '%s\n' \
	    'Serving $(DATA) on http://$(HTTP) and https://$(HTTPS), until Ctrl-C.' \
	    'After "ready", try in another terminal:' '' \
	    '    curl http://$(HTTP)/api/v1/namespaces' \
	    '    kubectl --server http://$(HTTP) create configmap greeting --from-literal=text=hello' \
	    '    kubectl --server http://$(HTTP) get configmaps --watch' \
	    '    kubectl --kubeconfig $(DATA)/admin.kubeconfig get namespaces' ''
	@exec .build/release/binnacle serve --data-dir $(DATA) --store sqlite \
	    --http-listen $(HTTP) --https-listen $(HTTPS)

.PHONY: cluster
cluster: set-up-cluster ## Serve ./cluster from three etcd members and two gateways, loopback only
	$(swift_build) -c release --product binnacle
	@exec Docker/cluster $(CLUSTER) $(GATEWAYS) $(CLUSTER_PORT)

.PHONY: build
build: set-up-build ## Build for debugging
	$(swift_build)

.PHONY: release
release: set-up-build ## Build for use
	$(swift_build) -c release --product binnacle

.PHONY: test
test: test-swift test-clients ## Run all tests: Swift's, then those of real clients

.PHONY: test-swift
test-swift: build-tests ## Run the Swift tests only
	.ci/test-swift

.PHONY: test-clients
test-clients: build-tests ## Run kubectl, the Python client and curl against the debug build
	BINNACLE=$(BINNACLE) $(pytest) $(PYTEST_FLAGS) Tests/Clients

.PHONY: check
check: set-up-test ## Find what breaks the rules: format, imports, names, sizes
	swift format lint --strict --recursive --parallel $(swift_sources)
	bash -n Tests/Support/etcd-member Docker/cluster
	bash -n .ci/run .ci/set-up .ci/test-swift
	.venv/bin/python -m compileall -q Tests/Clients
	$(swift_build) --build-tests
	.ci/test-swift --filter TidyTests

.PHONY: fix
fix: ## Format the Swift sources and wrap their comments, in place
	swift format format --in-place --recursive --parallel $(swift_sources)
	.ci/wrap-comments Sources Tests

.PHONY: bench
bench: $(if $(findstring --profile,$(BENCH_FLAGS)),set-up-profile,set-up-bench)
bench: ## Measure beside nginx, nchan and etcd on this machine, in under ten minutes
	$(swift_build) -c release --product binnacle
	$(swift_build) -c release --product binnacle-bench
	.build/release/binnacle-bench $(BENCH_FLAGS)

.PHONY: clean
clean: ## Remove what was built; ./data stays
	rm -rf .build .venv bench-results
	find Tests/Clients -name __pycache__ -prune -exec rm -rf {} +

.PHONY: build-tests
build-tests: set-up-test
	$(swift_build) --build-tests

.PHONY: set-up-build set-up-cluster set-up-test set-up-bench set-up-profile
set-up-build set-up-cluster set-up-test set-up-bench set-up-profile: set-up-%:
	@.ci/set-up $*
