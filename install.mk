# What `make install` puts on a machine, and `make uninstall` takes away again.
#
# facecli goes into a Python environment of its own, PREFIX/lib/facecli, filled from a lock whose
# hashes are checked: neither the machine's own Python packages nor anybody's can break it, or be
# broken by it. PREFIX/bin/facecli starts it. With DESTDIR everything is put below that folder, for
# whoever makes a package.

PREFIX ?= /usr/local
DESTDIR ?=
EXTRAS ?=
DEPENDENCIES ?= $(if $(EXTRAS),locks/extras.lock,locks/runtime.lock)
ROOT := $(DESTDIR)$(PREFIX)
PRIVATE := $(ROOT)/lib/facecli
DOC := $(ROOT)/share/doc/facecli
COMPLETIONS := bash:bash-completion/completions/facecli zsh:zsh/site-functions/_facecli \
	fish:fish/vendor_completions.d/facecli.fish
PIP := '$(PRIVATE)/bin/python' -I -m pip install --quiet --disable-pip-version-check --no-input \
	--no-compile --no-deps --root-user-action=ignore

.PHONY: install uninstall

install: ## install below PREFIX=/usr/local (as root); EXTRAS=yes: with plot and heif
	@case '$(PREFIX)' in /*) ;; *) echo 'PREFIX=$(PREFIX) does not begin with /: give the whole path.' \
		'Nothing was installed.' >&2; exit 1 ;; esac
	@mkdir -p '$(ROOT)/bin' '$(ROOT)/lib' '$(ROOT)/share' 2>/dev/null \
		&& test -w '$(ROOT)/bin' -a -w '$(ROOT)/lib' -a -w '$(ROOT)/share' \
		|| { echo '$(ROOT) cannot be written: run make install as root, or choose another folder' \
			'with PREFIX=. Nothing was installed.' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'facecli needs Python 3.11 or newer: make install PYTHON=python3.11 ...' >&2; exit 1; }
	umask 022 && rm -rf '$(PRIVATE)' && $(PYTHON) -m venv '$(PRIVATE)'
	umask 022 && awk '/^[^ #]/ { on = /^setuptools==/ } on' locks/release.lock > '$(PRIVATE)/setuptools.lock' \
		&& $(PIP) --only-binary :all: --require-hashes -r '$(PRIVATE)/setuptools.lock'
ifneq ($(DEPENDENCIES),)
	umask 022 && $(PIP) --only-binary :all: --require-hashes -r $(DEPENDENCIES)
endif
	umask 022 && copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT \
		&& cp -R facecli completions setup.cfg pyproject.toml README.md LICENSE "$$copy" \
		&& $(PIP) --no-build-isolation "$$copy"
	'$(PRIVATE)/bin/python' -I -m pip uninstall --quiet --yes --root-user-action=ignore setuptools
	find '$(PRIVATE)/bin' -type f -delete && rm '$(PRIVATE)/setuptools.lock'
	umask 022 && '$(PRIVATE)/bin/python' -I -m compileall -q $(if $(DESTDIR),-s '$(DESTDIR)') '$(PRIVATE)/lib'
	umask 022 && printf '#!/bin/sh\nexec "%s" -I -m facecli "$$@"\n' '$(PREFIX)/lib/facecli/bin/python' > '$(ROOT)/bin/facecli'
	chmod 755 '$(ROOT)/bin/facecli'
	for page in man/*.[157]; do install -D -m 644 "$$page" "$(ROOT)/share/man/man$${page##*.}/$${page##*/}"; done
	for pair in $(COMPLETIONS); do \
		install -D -m 644 "completions/facecli.$${pair%%:*}" "$(ROOT)/share/$${pair#*:}"; done
	for file in README.md CHANGELOG.md SECURITY.md LICENSE tests/benchmarks/RESULTS.md; do \
		install -D -m 644 "$$file" "$(DOC)/$${file##*/}"; done
	umask 022 && cp -R man/examples '$(DOC)/'
	umask 022 && cp -R sample_data '$(DOC)/' && find '$(DOC)/sample_data' -name __pycache__ -exec rm -rf {} +
	chmod -R u=rwX,go=rX '$(DOC)'
	sed -i -e 's|/usr/bin/env facecli|$(PREFIX)/bin/facecli|' -e 's|^PATH=.*|PATH=$(PREFIX)/bin:/usr/bin:/bin|' \
		'$(DOC)'/examples/*.service '$(DOC)'/examples/*.cron

uninstall: ## take away what install put below PREFIX; databases, keys and units in /etc stay
	rm -rf '$(PRIVATE)' '$(DOC)'
	rm -f '$(ROOT)/bin/facecli'
	for page in man/*.[157]; do rm -f "$(ROOT)/share/man/man$${page##*.}/$${page##*/}"; done
	for pair in $(COMPLETIONS); do rm -f "$(ROOT)/share/$${pair#*:}"; done
