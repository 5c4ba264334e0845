# The commands of this project. `make` alone lists them.
#
# Each target first installs what it needs and the machine lacks (.ci/setup.sh), so that a fresh
# clone needs nothing but Swift, make and a shell.

SETUP   := ./.ci/setup.sh
PYTHON  := .venv/bin/python
SWIFT    = $(shell git ls-files --cached --others --exclude-standard --deduplicate '*.swift')
RELEASE := .build/release/event-gateway
DEBUG   := $(CURDIR)/.build/debug/event-gateway
PYTEST  := EVENT_GATEWAY_BIN=$(DEBUG) $(PYTHON) -m pytest Tests/EndToEnd

# Options for a single run: make serve ARGS='--listen 0.0.0.0:7070', make test/e2e ARGS='-k retries'.
ARGS ?=

# Two builds in one folder would wait for each other's lock.
.NOTPARALLEL:
.DEFAULT_GOAL := help

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9\/]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install what is missing: C libraries, protoc, Python clients for the tests
	@$(SETUP) build demo proto tests
	@echo "setup: everything is there"

.PHONY: build
build: ## Build the gateway in release mode: .build/release/event-gateway
	@$(SETUP) build
	swift build --configuration release --product event-gateway

.PHONY: demo
demo: build ## See it work: define, subscribe, trigger, watch, restart
	@$(SETUP) demo
	@EVENT_GATEWAY_BIN=$(CURDIR)/$(RELEASE) Examples/demo.sh

.PHONY: serve
serve: build ## Run a gateway on 127.0.0.1:7070 with its data in ./data (ARGS=...)
	$(RELEASE) serve --data data --allow-process Examples/functions $(ARGS)

.PHONY: test
test: test/unit test/binary ## All tests: unit, interop, attacks, clients, end to end, crash
	$(PYTHON) -m pytest Tests/Interop
	EVENT_GATEWAY_BIN=$(DEBUG) $(PYTHON) -m pytest Tests/Attacks
	@$(SETUP) clients
	EVENT_GATEWAY_BIN=$(DEBUG) $(PYTHON) -m pytest Tests/Clients
	$(PYTEST) $(ARGS)

.PHONY: test/unit
test/unit: ## The Swift tests
	@$(SETUP) build
	swift test --disable-xctest

.PHONY: test/e2e
test/e2e: test/binary ## Python clients against the real program (ARGS='-k NAME')
	$(PYTEST) --ignore Tests/EndToEnd/test_crash.py $(ARGS)

.PHONY: test/clients
test/clients: test/binary ## Generated clients and workers in other languages (ARGS='-k java')
	@$(SETUP) clients
	EVENT_GATEWAY_BIN=$(DEBUG) $(PYTHON) -m pytest Tests/Clients -v $(ARGS)

.PHONY: test/clients/swift
test/clients/swift: test/binary ## The one on grpc-swift-2, whose first build takes minutes
	@$(SETUP) clients
	CLIENTS=swift EVENT_GATEWAY_BIN=$(DEBUG) $(PYTHON) -m pytest Tests/Clients/test_clients.py -v

.PHONY: test/crash
test/crash: test/binary ## 20 rounds of load and kill -9 (CRASH_SEED=n repeats a run, CRASH_ROUNDS=n)
	$(PYTEST)/test_checker.py Tests/EndToEnd/test_crash.py -s $(ARGS)

.PHONY: crash
crash: ## The same at length: 200 rounds
	CRASH_ROUNDS=$${CRASH_ROUNDS:-200} $(MAKE) test/crash

.PHONY: test/binary
test/binary:
	@$(SETUP) build tests
	swift build --product event-gateway
	swift build --product interop
	swift build --product library-worker
	swift build --product word-count-worker

.PHONY: test/asan
test/asan: ## The Swift tests under the address sanitizer
	@$(SETUP) build
	SMALL_STACK_KIB=2048 ASAN_OPTIONS=detect_leaks=0 swift test --disable-xctest --sanitize address \
	  --scratch-path .build-asan

.PHONY: test/tsan
test/tsan: ## The Swift tests under the thread sanitizer
	@$(SETUP) build
	SMALL_STACK_KIB=2048 TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/tsan.suppressions \
	  swift test --disable-xctest --sanitize thread --scratch-path .build-tsan

.PHONY: fuzz
fuzz: ## Every fuzz test for FUZZ_SECONDS, 60 unless given; FUZZ_SEED=n repeats a run
	@$(SETUP) build
	FUZZ_SECONDS=$${FUZZ_SECONDS:-60} swift test --disable-xctest --no-parallel --filter Fuzz

.PHONY: interop
interop: test/binary ## gRPC's interoperability cases against grpcio, both ways, without and with TLS
	$(PYTHON) -m pytest Tests/Interop -v $(ARGS)

.PHONY: interop/swift
interop/swift: test/binary ## The same with grpc-swift-2's client too, whose first build takes minutes
	@$(SETUP) proto
	Tests/Interop/grpc-swift-calls/build.sh
	GRPC_SWIFT_CALLS=Tests/Interop/grpc-swift-calls/.build/debug/grpc-swift-calls \
	  $(PYTHON) -m pytest Tests/Interop -v $(ARGS)

.PHONY: attack
attack: test/binary ## Every attack against the real program: outcome, memory, another client's wait
	EVENT_GATEWAY_BIN=$(DEBUG) $(PYTHON) -m pytest Tests/Attacks -s $(ARGS)

.PHONY: conformance
conformance: ## The official suites of JSON Schema and CloudEvents SQL, a count for each file
	@$(SETUP) build
	swift build --product conformance
	.build/debug/conformance

.PHONY: bench
bench: bench/store bench/transport bench/schemas bench/matching ## Measure all of it in release mode

.PHONY: bench/store
bench/store: ## The store alone
	@$(SETUP) bench
	swift build --configuration release --product store-benchmark
	.build/release/store-benchmark

.PHONY: bench/transport
bench/transport: ## The transport beside grpc-go, grpc C++, grpc-swift-2 and nghttpd (ARGS='--rounds 3')
	@$(SETUP) bench transport
	swift build --configuration release --product echo-server
	Benchmarks/transport/build.sh
	python3 Benchmarks/transport/bench.py $(ARGS)

.PHONY: bench/trip
bench/trip: ## The whole durable trip beside brokers and databases, if ../shared/peers is there
	@$(SETUP) build trip
	swift build --configuration release --product event-gateway
	Benchmarks/trip/build.sh
	python3 Benchmarks/trip/bench.py $(ARGS)

.PHONY: bench/workers
bench/workers: ## What a trip costs beside 1 to 10,000 workers that wait, and what each holds
	@$(SETUP) build trip
	swift build --configuration release --product event-gateway
	Benchmarks/trip/build.sh
	python3 Benchmarks/trip/bench.py --idle 1,100,1000,10000 $(ARGS)

.PHONY: bench/fairness
bench/fairness: ## What an organization feels of another that floods (ARGS='1 100000': rounds, triggers)
	@$(SETUP) build
	swift build --configuration release --product event-gateway
	swift build --configuration release --product fairness-benchmark
	.build/release/fairness-benchmark .build/release/event-gateway $(ARGS)

.PHONY: bench/instructions
bench/instructions: ## Instructions of a unary call, held to Benchmarks/instructions.txt by 5 %
	@$(SETUP) bench instructions
	swift build --configuration release --product echo-server
	Benchmarks/instructions.sh $(ARGS)

.PHONY: bench/schemas
bench/schemas: ## Parsing and checking payloads, beside jsonschema-rs
	@$(SETUP) build peers
	swift build --configuration release --product schema-benchmark
	Benchmarks/schemas.sh

.PHONY: bench/matching
bench/matching: ## One trigger against 10, 1,000 and 100,000 subscriptions
	@$(SETUP) build
	swift build --configuration release --product matching-benchmark
	.build/release/matching-benchmark

.PHONY: proto
proto: ## Generate Sources/CEventProtos from proto/
	@$(SETUP) proto
	proto/generate.sh
	Tests/Interop/generate.sh

.PHONY: verify
verify: ## Prove that the generated code is current and that protoc and buf take proto/ as it is
	@$(SETUP) proto tests
	@.ci/verify.sh

.PHONY: format
format: ## Format the Swift code in place
	@$(SETUP) swift
	@swift format format --in-place --parallel $(SWIFT)

.PHONY: lint
lint: ## Check the formatting and the project's own rules
	@$(SETUP) swift
	@swift format lint --strict --parallel $(SWIFT)
	@.ci/lint.sh

.PHONY: clean
clean: ## Remove what the targets made; ./data stays
	rm -rf .build .build-asan .build-tsan .venv
