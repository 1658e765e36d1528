# Biobank. Every target makes the virtual environment it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
KILLS ?= 200
ROUNDS ?= 50
SEEDS ?= 20
MONEY_STEPS ?= 2000
THREADS ?= 8
FILES ?= 1000
READINGS ?= 100000
BYTES ?= 10000000
CODES ?= 1000
SCANS ?= 100000
WALK ?= 10000000
STEPS ?= 1000000
LOGGED ?= 50000
CASES ?= 100
DATABASE ?= embedded
# Thousands of test databases are made and dropped: in memory where the machine has such a place.
FAST_DISK := $(shell test -w /dev/shm && echo /dev/shm || echo /tmp)
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help run walk test coverage sure format lint types imports bench chaos station-chaos devices-fuzz labels-chaos labels-decode labels-preview screens docs catalogue migration clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /|/' | awk -F'|' '{printf "  make %-13s %s\n", $$1, $$2}'

$(STAMP): setup.cfg constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[develop,postgresql]'
	@touch $@

run: $(STAMP) ## the whole programme, from a fresh clone to sign-ins; Ctrl-C ends it
	$(BIN)/biobank demo

walk: $(STAMP) ## perform one whole visit by itself, on the embedded database and on PostgreSQL
	$(BIN)/biobank demo --walk
	$(BIN)/biobank demo --walk --postgresql

station-chaos: $(STAMP) ## kill a station KILLS times, then cut its network for READINGS readings; nothing lost or doubled
	BIOBANK_TEST_STATION_KILLS=$(KILLS) BIOBANK_TEST_READINGS=$(READINGS) $(BIN)/python -m pytest tests/devices/test_station_killed.py --capture=no

test: $(STAMP) browser ## every test, on both databases
	TMPDIR=$(FAST_DISK) $(BIN)/python -m pytest --numprocesses 3 --dist loadfile

coverage: $(STAMP) browser ## the same tests with branch coverage
	TMPDIR=$(FAST_DISK) $(BIN)/python -m pytest --numprocesses 3 --dist loadfile --cov --cov-report=term:skip-covered --cov-report=xml:var/coverage.xml

.PHONY: browser
browser: # the browser tests need Chromium; install Debian's where this account may
	@sh tests/browser/install.sh

sure: $(STAMP) format lint types imports test ## format, lint, types, import contracts, tests

format: $(STAMP) ## put the code into the house's shape
	$(BIN)/ruff format biobank labels tests bench
	$(BIN)/ruff check --fix --exit-zero --quiet biobank labels tests bench

lint: $(STAMP) ## what the linter says
	$(BIN)/ruff format --check --quiet biobank labels tests bench
	$(BIN)/ruff check --quiet biobank labels tests bench

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

imports: $(STAMP) ## who may import whom
	$(BIN)/lint-imports

bench: $(STAMP) ## measure against limits, in turn; writes bench/results.json
	$(BIN)/python -m bench

chaos: $(STAMP) ## kill workers, web and provider KILLS times on DATABASE (embedded or postgresql); races, years from a seed, any acts in any order
	BIOBANK_TEST_KILLS=$(KILLS) BIOBANK_TEST_ROUNDS=$(ROUNDS) BIOBANK_TEST_SEEDS=$(SEEDS) \
	  BIOBANK_TEST_MONEY_STEPS=$(MONEY_STEPS) BIOBANK_TEST_THREADS=$(THREADS) $(BIN)/python -m pytest \
	  tests/payments/test_worker_killed.py tests/payments/test_crash_points.py tests/payments/test_races.py \
	  tests/payments/test_simulation.py tests/payments/test_money_machine.py -k "$(DATABASE)" --verbose
	BIOBANK_TEST_FILES=$(FILES) $(BIN)/python -m pytest tests/payments/test_bank_files.py -k "read_back"

.PHONY: mutants
mutants: $(STAMP) ## put one seeded bug after another into a copy: a test must notice each
	$(BIN)/python -m tests.payments.mutants

devices-fuzz: $(STAMP) ## BYTES random and damaged bytes for every protocol; no crash, no hang, no wrong reading
	$(BIN)/python -m bench.devices --fuzz --size $(BYTES)

labels-chaos: $(STAMP) ## kill a station KILLS times at each step of printing a label
	BIOBANK_TEST_PRINT_KILLS=$(KILLS) $(BIN)/python -m pytest tests/stations/test_print_killed.py -k embedded --verbose

labels-decode: $(STAMP) ## read CODES labels of every template and resolution back, in up to two decoders
	$(BIN)/python -m bench.labels_decode --codes $(CODES)

ZEBRASH := var/zebrash
labels-preview: $(STAMP) ## previews beside what two independent ZPL renderers print, dot for dot (needs Node and npm)
	npm install --silent --no-fund --no-audit --prefix $(ZEBRASH) zpl-renderer-js@3.4.0
	$(BIN)/python -m bench.labels_preview --zebrash $(ZEBRASH)

canaries: $(STAMP) ## plant 10,000 names, use the programme, search everything for them
	BIOBANK_TEST_CANARIES=10000 $(BIN)/python -m pytest tests/participants/test_canaries.py --verbose

fuzz: $(STAMP) ## CASES schemathesis cases to every operation on DATABASE, then 200 hostile requests to each on both
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[fuzz]'
	$(BIN)/python -m tests.fuzz --database $(DATABASE) --examples $(CASES)
	BIOBANK_TEST_FUZZ=200 $(BIN)/python -m pytest tests/participants/test_promises.py --verbose

.PHONY: codes
codes: $(STAMP) ## draw a million codes and search them for anything that is not chance
	BIOBANK_TEST_CODES=1000000 $(BIN)/python -m pytest tests/participants/test_code_statistics.py --verbose

TRIES ?= 2000
.PHONY: names
names: $(STAMP) ## sign in TRIES times with a real name and with none: does the time of the refusal tell one from the other?
	BIOBANK_BENCH_TRIES=$(TRIES) $(BIN)/python -m bench.access names

.PHONY: payloads
payloads: $(STAMP) ## all 220 hostile words through every operation and form, on both databases
	BIOBANK_TEST_PAYLOADS=220 $(BIN)/python -m pytest tests/fuzz/sweep.py --verbose

.PHONY: door
door: $(STAMP) browser ## passkey, app, lock, unlock, own data and access report in a real browser on both databases; pictures in var/door
	for database in embedded postgresql; do mkdir -p var/door/$$database; BIOBANK_TEST_BROWSER=$$database \
	  BIOBANK_TEST_PICTURES=var/door/$$database $(BIN)/python -m pytest tests/browser/test_door.py --verbose || exit 1; done

.PHONY: bench-large
bench-large: $(STAMP) ## the pages of the bench, the store and a site among a million events and among ten, on DATABASE
	$(BIN)/python -m bench.large $(DATABASE)

.PHONY: bench-chaos
bench-chaos: $(STAMP) ## SCANS interleaved scans of two benches, KILLS of a server during a scan, WALK and STEPS steps of the law of custody, LOGGED of them on each database
	TMPDIR=$(FAST_DISK) BIOBANK_TEST_INTERLEAVINGS=$(SCANS) BIOBANK_TEST_SCAN_KILLS=$(KILLS) BIOBANK_TEST_WALK=$(WALK) BIOBANK_TEST_STEPS=$(STEPS) BIOBANK_TEST_LOGGED_STEPS=$(LOGGED) $(BIN)/python -m pytest tests/specimens/test_interleavings.py tests/specimens/test_server_killed.py tests/specimens/test_custody_machine.py --verbose --capture=no

# Tools that only these targets need, apart from the service's own environment.
TOOLS := var/tools
RELEASE := var/release
.PHONY: locked sbom advisories
locked: ## requirements.txt anew: what the service runs on, each part with the SHA-256 of its files
	$(PYTHON) -m venv $(TOOLS) && $(TOOLS)/bin/pip install --quiet pip-tools==7.6.2
	CUSTOM_COMPILE_COMMAND="make locked" $(TOOLS)/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-annotate --constraint constraints.txt \
	  --extra postgresql --extra oidc --output-file requirements.txt setup.cfg

sbom: ## install from requirements.txt by hash alone, and list the parts with their licences in dist/biobank.cdx.json (CycloneDX)
	$(PYTHON) -m venv --clear $(RELEASE) && $(RELEASE)/bin/pip install --quiet --require-hashes --requirement requirements.txt
	$(RELEASE)/bin/pip install --quiet --no-deps . && rm -rf build && $(RELEASE)/bin/biobank --help > /dev/null
	$(PYTHON) -m venv $(TOOLS) && $(TOOLS)/bin/pip install --quiet cyclonedx-bom==7.5.0
	mkdir -p dist && $(TOOLS)/bin/cyclonedx-py environment --output-reproducible --mc-type application --gather-license-texts \
	  --output-file dist/biobank.cdx.json $(RELEASE)/bin/python

advisories: ## ask whether a known weakness concerns one of the parts; says NOT RUN where nobody could be asked
	$(PYTHON) -m venv $(TOOLS) && $(TOOLS)/bin/pip install --quiet pip-audit==2.10.1
	@$(TOOLS)/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.txt; \
	  case $$? in 0) ;; *) echo "Weaknesses stand above; if an error stands there instead, the check was NOT RUN."; exit 1;; esac

screens: $(STAMP) browser ## a picture of every main page: the README's into docs/screens/, the others into var/screens/
	$(BIN)/python -m tests.browser.screens

docs: $(STAMP) ## generate settings, routes, entity diagram and OpenAPI document into docs/
	$(BIN)/python -m biobank.documents docs

catalogue: $(STAMP) ## read the words from pages and code, and compile the Spanish catalogue
	$(BIN)/python -m biobank.catalogue

migration: $(STAMP) ## NAME="what changes": write the next numbered migration
	$(BIN)/python -m biobank.migrations.author "$(NAME)"
	$(BIN)/ruff check --fix --quiet biobank/migrations
	$(BIN)/ruff format --quiet biobank/migrations

clean: ## remove what was made here
	rm -rf $(VENV) var build dist *.egg-info
