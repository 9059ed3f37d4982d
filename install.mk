# What `make install` puts on a machine, and `make uninstall` takes away again.
#
# facecli goes into a Python environment of its own, PREFIX/lib/facecli/NUMBER, filled from a lock
# whose hashes are checked: neither the machine's own Python packages nor anybody's can break it, or
# be broken by it. PREFIX/bin/facecli starts it. A new version is built beside the old one, and the
# last step, one rename of PREFIX/bin/facecli, puts it in place: a command that runs keeps its own
# environment, and a failure leaves the old program as it was. The environment before stays for
# `make install-back`. With DESTDIR everything is put below that folder, for whoever makes a package.

PREFIX ?= /usr/local
DESTDIR ?=
ROOT := $(DESTDIR)$(PREFIX)
PRIVATE := $(ROOT)/lib/facecli
LAUNCHER := $(ROOT)/bin/facecli
# The environments, by number: the one in use, the one before it, and the next to build.
PRESENT := $(shell sed -n 's|^exec "$(PREFIX)/lib/facecli/\([0-9]*\)/bin/python".*|\1|p' '$(LAUNCHER)' 2>/dev/null)
BEFORE := $(shell cat '$(PRIVATE)/before' 2>/dev/null)
NEXT := $(shell ls '$(PRIVATE)' 2>/dev/null | grep -x '[0-9]*' | sort -n | awk 'END { print $$1 + 1 }')
NEW := $(PRIVATE)/$(NEXT)
# An upgrade keeps the extras that are installed.
EXTRAS ?= $(shell cat '$(PRIVATE)/$(PRESENT)/extras' 2>/dev/null)
DEPENDENCIES ?= $(if $(EXTRAS),locks/extras.lock,locks/runtime.lock)
DOC := $(ROOT)/share/doc/facecli
COMPLETIONS := bash:bash-completion/completions/facecli zsh:zsh/site-functions/_facecli \
	fish:fish/vendor_completions.d/facecli.fish
# The folders by which no other user reaches the Python, such as /root.
CLOSED = import os, pathlib, sys; print(*(one for one in pathlib.Path(os.path.realpath(sys.executable)).parents \
	if not one.stat().st_mode & 1))
PIP := '$(NEW)/bin/python' -I -m pip install --quiet --disable-pip-version-check --no-input \
	--no-compile --no-deps --root-user-action=ignore
# $(call launch,NUMBER): start that environment from now on, by one rename.
launch = printf '\#!/bin/sh\nexec "%s" -I -m facecli "$$@"\n' '$(PREFIX)/lib/facecli/$(1)/bin/python' \
	> '$(LAUNCHER).new' && chmod 755 '$(LAUNCHER).new' && mv -f '$(LAUNCHER).new' '$(LAUNCHER)'

.PHONY: install install-back uninstall install-environment install-documents

install: ## install below PREFIX=/usr/local (as root); EXTRAS=yes: with plot, heif and cluster
	@case '$(PREFIX)' in /*) ;; *) echo 'PREFIX=$(PREFIX) does not begin with /: give the whole path.' \
		'Nothing was installed.' >&2; exit 1 ;; esac
	@mkdir -p '$(ROOT)/bin' '$(ROOT)/lib' '$(ROOT)/share' 2>/dev/null \
		&& test -w '$(ROOT)/bin' -a -w '$(ROOT)/lib' -a -w '$(ROOT)/share' \
		|| { echo '$(ROOT) cannot be written: run make install as root, or choose another folder' \
			'with PREFIX=. Nothing was installed.' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'facecli needs Python 3.11 or newer: make install PYTHON=python3.11 ...' >&2; exit 1; }
	@closed=$$($(PYTHON) -c '$(CLOSED)') && test -z "$$closed" || echo "Other users, such as facecli, cannot" \
		"start this Python: $$closed is closed to them. Choose another with PYTHON=." >&2
	@umask 022 && mkdir -p '$(PRIVATE)' && mkdir '$(NEW)' \
		|| { echo 'Another make install is running below $(ROOT). Wait for its end.' >&2; exit 1; }
	@$(MAKE) --no-print-directory install-environment install-documents NEXT=$(NEXT) EXTRAS='$(EXTRAS)' \
		|| { rm -rf '$(NEW)'; echo 'facecli was not installed.' \
			$(if $(PRESENT),'The facecli that was there is unchanged.') >&2; exit 1; }
	umask 022 && $(if $(PRESENT),echo $(PRESENT) > '$(PRIVATE)/before',rm -f '$(PRIVATE)/before')
	umask 022 && $(call launch,$(NEXT))
	find '$(PRIVATE)' -mindepth 1 -maxdepth 1 $(foreach name,before $(PRESENT) $(NEXT),! -name $(name)) -exec rm -rf {} +

install-environment:
	umask 022 && $(PYTHON) -m venv '$(NEW)'
	umask 022 && awk '/^[^ #]/ { on = /^setuptools==/ } on' locks/release.lock > '$(NEW)/setuptools.lock' \
		&& $(PIP) --only-binary :all: --require-hashes -r '$(NEW)/setuptools.lock'
ifneq ($(DEPENDENCIES),)
	umask 022 && $(PIP) --only-binary :all: --require-hashes -r $(DEPENDENCIES)
endif
	umask 022 && copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT \
		&& cp -R facecli completions setup.cfg pyproject.toml README.md LICENSE "$$copy" \
		&& $(PIP) --no-build-isolation "$$copy"
	'$(NEW)/bin/python' -I -m pip uninstall --quiet --yes --root-user-action=ignore setuptools
	find '$(NEW)/bin' -type f -delete && rm '$(NEW)/setuptools.lock'
	umask 022 && '$(NEW)/bin/python' -I -m compileall -q $(if $(DESTDIR),-s '$(DESTDIR)') '$(NEW)/lib'
ifneq ($(DEPENDENCIES),)
	'$(NEW)/bin/python' -I -m facecli --version > '$(NEW)/version'
endif
	$(if $(EXTRAS),umask 022 && echo '$(EXTRAS)' > '$(NEW)/extras')

install-documents:
	for page in man/*.[157]; do install -D -m 644 "$$page" "$(ROOT)/share/man/man$${page##*.}/$${page##*/}" || exit; done
	for pair in $(COMPLETIONS); do \
		install -D -m 644 "completions/facecli.$${pair%%:*}" "$(ROOT)/share/$${pair#*:}" || exit; done
	for file in README.md CHANGELOG.md SECURITY.md LICENSE tests/benchmarks/RESULTS.md; do \
		install -D -m 644 "$$file" "$(DOC)/$${file##*/}" || exit; done
	umask 022 && cp -R man/examples '$(DOC)/'
	umask 022 && cp -R sample_data '$(DOC)/' && find '$(DOC)/sample_data' -name __pycache__ -exec rm -rf {} +
	chmod -R u=rwX,go=rX '$(DOC)'
	sed -i -e 's|/usr/bin/env facecli|$(PREFIX)/bin/facecli|' -e 's|^PATH=.*|PATH=$(PREFIX)/bin:/usr/bin:/bin|' \
		'$(DOC)'/examples/*.service '$(DOC)'/examples/*.cron

install-back: ## start the version before again; an upgraded database needs its backup restored
	@test -n '$(BEFORE)' -a -d '$(PRIVATE)/$(BEFORE)' \
		|| { echo 'There is no earlier facecli below $(PREFIX) to go back to: check out its version' \
			'and run make install.' >&2; exit 1; }
	umask 022 && $(call launch,$(BEFORE))
	umask 022 && echo '$(PRESENT)' > '$(PRIVATE)/before'

uninstall: ## take away what install put below PREFIX; databases, keys and units in /etc stay
	rm -rf '$(PRIVATE)' '$(DOC)'
	rm -f '$(LAUNCHER)' '$(LAUNCHER).new'
	for page in man/*.[157]; do rm -f "$(ROOT)/share/man/man$${page##*.}/$${page##*/}"; done
	for pair in $(COMPLETIONS); do rm -f "$(ROOT)/share/$${pair#*:}"; done
