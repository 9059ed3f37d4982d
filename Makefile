# Everything a developer types; `make` alone lists it. CI calls the same targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY = $(VENV)/ready-$(VERSION)
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
RELEASE := .release-venv

# Debian packages that the tests need beside Python, make and the lock file: the shells whose
# completions are tried, mandoc, which checks the man pages, systemd, which checks the units in
# man/examples, unzip, which opens what `subject export` writes, strace, which lets single calls to
# the system fail, GStreamer's RTSP server with its H.264 encoder, the camera on the network that is
# matched, Xvfb, where the preview's window is shown, Go with its signed notes and trees, which
# check the log's files, Prometheus, whose promtool checks the metrics and alert rules, and Chromium
# with a Chinese font, which opens the letters.
TEST_PACKAGES := fish man-db mandoc strace systemd unzip xvfb zsh \
	gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-bad gstreamer1.0-plugins-good python3-gi \
	golang-go golang-golang-x-mod-dev prometheus \
	chromium chromium-driver fonts-dejavu-core fonts-noto-cjk libfribidi0

# pip takes what the lock file names, checks every hash and resolves nothing.
LOCKED := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
	--no-deps --require-hashes

.DEFAULT_GOAL := help
.PHONY: help .venv lint test coverage rules test-faults test-io-faults test-mutations test-log-mutations fuzz test-images test-witness test-deps bench bench-scale demo docs lock package clean
.DELETE_ON_ERROR:

help: ## list the targets
	@awk -F ':.*## ' '/^[.a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv: $(READY) ## build it from requirements.lock

# setuptools goes first, out of the same lock: face_recognition_models is a source distribution
# (nothing but files to copy), built without isolation by the setuptools that is there.
$(READY): requirements.lock setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'facecli needs Python 3.11 or newer: make PYTHON=python3.11 ...' >&2; exit 1; }
	@echo '.venv 1/4: creating the environment (some 5 seconds)'
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@echo '.venv 2/4: installing setuptools (some 5 seconds)'
	@awk '/^[^ #]/ { on = /^setuptools==/ } on' requirements.lock > $(VENV)/setuptools.lock
	@$(LOCKED) --only-binary :all: -r $(VENV)/setuptools.lock
	@echo ".venv 3/4: installing $$(grep -c '^[a-z].*==' requirements.lock) locked packages," \
		'every hash checked (1 to 3 minutes)'
	@$(LOCKED) --no-build-isolation --only-binary :all: \
		--no-binary face-recognition-models -r requirements.lock
	@echo '.venv 4/4: installing facecli itself (some 5 seconds)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
		--no-deps --no-build-isolation --editable .
	@touch $@

lint: $(READY) ## ruff, mypy --strict, and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# One process a core: most tests wait for processes of their own or for the disk.
PYTEST := -m pytest -q -n $$(nproc) --dist worksteal
# In memory, where there is room and programs may run: on a disk each commit waits five times.
IN_MEMORY = $$(findmnt -bno AVAIL,OPTIONS /dev/shm | awk '$$1 > 6e9 && !/noexec/ { print "TMPDIR=/dev/shm" }')
# Images of containers set it; then each of the many processes compiles what it imports.
unexport PYTHONDONTWRITEBYTECODE
test: $(READY) ## run the tests; another Python: make test PYTHON=python3.13
	env $(IN_MEMORY) $(BIN)/python $(PYTEST)

# From Python 3.12 on it costs a tenth to measure which lines run.
CORE = $$($(BIN)/python -c 'import sys; print("sysmon" if sys.version_info >= (3, 12) else "ctrace")')
coverage: $(READY) ## run the tests, and print which share of the lines each folder had run
	rm -rf .coverage
	mkdir .coverage
	env $(IN_MEMORY) COVERAGE_CORE=$(CORE) $(BIN)/python -m coverage run $(PYTEST)
	$(BIN)/python -W ignore -m coverage combine --quiet
	$(BIN)/python -m tests.coverage_table

rules: $(READY) ## list the rules that facecli keeps, and the tests that show each
	@$(BIN)/python -m tests.rules

test-faults: $(READY) ## kill commands N times at random moments; N=500 make test-faults
	FACECLI_FAULTS=$(or $(N),100) $(BIN)/python -m pytest -q tests/faults

test-io-faults: $(READY) ## let each call that writes, syncs or removes fail once (strace)
	FACECLI_IO_FAULTS=1 $(BIN)/python -m pytest -q -s tests/faults/test_io.py

# `make docs` makes tests/benchmarks/RESULTS.md from what this writes.
bench: $(READY) ## measure, minutes; with photographs, one folder a person: make bench IMAGES=DIR
	$(BIN)/python -m tests.benchmarks $(if $(IMAGES),--images $(IMAGES))

bench-scale: $(READY) ## measure 1e3 to 1e6 people: make bench-scale IMAGES=DIR [PEOPLE="1000 10000"]
	$(BIN)/python -m tests.benchmarks --only scale --images $(IMAGES) $(if $(PEOPLE),--people $(PEOPLE))

test-mutations: $(READY) ## damage N photographs and have them analysed; N=1000 make test-mutations
	FACECLI_MUTATIONS=$(or $(N),100000) $(BIN)/python -m pytest -q -s tests/mutations

test-log-mutations: $(READY) ## change exports and proofs N times, two verifiers agree; N=20000
	FACECLI_LOG_MUTATIONS=$(or $(N),20000) $(BIN)/python -m pytest -q tests/audit

fuzz: $(READY) ## damage manifests, exports, slots and other files N times; N=5000 make fuzz
	FACECLI_FUZZ=$(or $(N),1000) $(BIN)/python -m pytest -q -s tests/fuzz

test-images: $(READY) ## decode Pillow's test images (pip downloads them); compare the outcomes
	$(BIN)/python -m tests.conformance

# They state Python 3.12, and run on 3.11 too.
test-witness: $(READY) ## have a witness that others wrote cosign, refuse a replay and a fork (pip downloads it)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade \
		--ignore-requires-python --target build/witness aics-tlog==0.2.1 aics-witness==0.1.0
	PYTHONPATH=build/witness $(BIN)/python -m pytest -q tests/audit/test_stock_witness.py

test-deps: ## install the Debian packages that the tests need (as root)
ifneq ($(strip $(TEST_PACKAGES)),)
	DEBIAN_FRONTEND=noninteractive apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(TEST_PACKAGES)
else
	@echo 'the tests need no Debian packages'
endif

demo: $(READY) ## enrol and match sample_data; pictures go to demo-output/
	@PATH="$(CURDIR)/$(BIN):$$PATH" sample_data/demo.sh demo-output

docs: $(READY) ## write man/, completions/, RESULTS.md and the README's tables
	$(BIN)/python -m tools.docs.generate

# The messages of letters and reports, and what is read aloud before a camera, from the code into
# the catalogue of each language: translate what is new in facecli.po, then run this again.
CATALOGUES := facecli/papers/catalogues facecli/report/catalogues
SPOKEN := facecli/recognition/guided_capture facecli/cli/camera
.PHONY: catalogues
catalogues: $(READY) ## collect the messages of letters and reports, and compile their translations
	for folder in $(CATALOGUES); do \
		case $$folder in *papers*) spoken='$(SPOKEN)';; *) spoken=;; esac; \
		$(BIN)/pybabel -q extract -k say -k spoken --no-default-keywords --no-location \
			--sort-output --omit-header -o $$folder/facecli.pot $$(dirname $$folder) $$spoken \
			|| exit; done
	for po in $(addsuffix /*/LC_MESSAGES/facecli.po,$(CATALOGUES)); do \
		$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=100 \
			-i $${po%%/catalogues/*}/catalogues/facecli.pot -o $$po -l $$(basename $$(dirname $$(dirname $$po))) || exit; \
		$(BIN)/pybabel -q compile -i $$po -o $${po%.po}.mo || exit; done

# uv, because it writes one lock for every Python and platform (markers, all hashes of a release)
# and can leave out `dlib`, which face-recognition asks for and dlib-bin already provides.
COMPILE := .lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock'
lock: ## bring the locks in line with setup.cfg, all extras; UPGRADE=--upgrade: the newest
	rm -rf .lock-venv
	$(PYTHON) -m venv .lock-venv
	.lock-venv/bin/python -m pip install --quiet --disable-pip-version-check 'uv==0.13.9'
	$(COMPILE) $(UPGRADE) setup.cfg --all-extras --output-file requirements.lock
	$(COMPILE) setup.cfg --constraint requirements.lock --output-file locks/runtime.lock
	$(COMPILE) setup.cfg --extra plot --extra heif --extra cluster --constraint requirements.lock --output-file locks/extras.lock
	$(COMPILE) $(UPGRADE) locks/release.in --output-file locks/release.lock
	rm -rf .lock-venv facecli.egg-info

package: $(RELEASE)/ready ## build and check the wheel and the source distribution in dist/
	rm -rf dist
	$(RELEASE)/bin/check-manifest --no-build-isolation
	$(RELEASE)/bin/python -m build --no-isolation --outdir dist .
	$(RELEASE)/bin/twine check --strict dist/*

.PHONY: release
release: $(READY) ## check version, changelog, locks and documents, build, list what is left to do
	$(BIN)/python -m tools.release before
	$(MAKE) package
	$(BIN)/python -m tools.release after

$(RELEASE)/ready: locks/release.lock
	rm -rf $(RELEASE)
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
		--no-deps --require-hashes --only-binary :all: -r locks/release.lock
	@touch $@

include install.mk

clean: ## remove .venv, caches and build products
	rm -rf $(VENV) $(RELEASE) .lock-venv build dist demo-output *.egg-info
	rm -rf .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
