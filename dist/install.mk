# SPDX-License-Identifier: GPL-2.0-or-later
# Part of Makefile: manual, completions, the static build, install, uninstall, dist. Set by who packages:
# DESTDIR PREFIX bindir datadir mandir docdir unitdir dracutdir initramfstoolsdir bashcompdir zshcompdir fishcompdir.

# ---- manual and completions, by the binary that was just built: DRVMEM_HOST is one that runs on this machine
DRVMEM_HOST ?= $(B)/drvmem
MAN_FROM  := -v date=$(DATE) -v version=$(VERSION)
METRICS   := $(wildcard dist/prometheus/metrics.tsv)

man: $(B)/man/pages
$(B)/man/pages: $(B)/drvmem doc/session-file.md dist/man/md2man.awk dist/man/metrics2man.awk $(METRICS) dist/install.mk
	@rm -rf $(B)/man && mkdir -p $(B)/man
	$(DRVMEM_HOST) completion --pages >$@.tmp
	while read -r p; do $(DRVMEM_HOST) completion --man $$p -o $(B)/man/$$p || exit 1; done <$@.tmp
	awk $(MAN_FROM) -v name=drvmem-session -v section=5 -v summary='what drvmem record writes' \
		-v see='drvmem-record (8), drvmem-report (8), sqlite3 (1)' -f dist/man/md2man.awk doc/session-file.md >$(B)/man/drvmem-session.5
	$(if $(METRICS),awk $(MAN_FROM) -f dist/man/metrics2man.awk $(METRICS) >$(B)/man/drvmem-metrics.7)
	mv $@.tmp $@

completions: $(B)/completions/drvmem.fish
$(B)/completions/drvmem.fish: $(B)/drvmem
	@mkdir -p $(B)/completions
	$(DRVMEM_HOST) completion bash -o $(B)/completions/drvmem
	$(DRVMEM_HOST) completion zsh -o $(B)/completions/_drvmem
	$(DRVMEM_HOST) completion fish -o $@

# ---- one file for a machine where nothing can be installed. No HTTP: TLS libraries are not meant to be linked so,
# and no debuginfod, which libdw loads as it runs.
STATIC_OBJ := $(filter-out $(patsubst user/%.c,$(B)/user/%.o,$(WEB_SRC)),$(USER_OBJ)) $(B)/user/cmd_serve_none.o
STATIC_LIBS := -lbpf -lelf $(TUI_LIBS) -lpthread -lsqlite3 $(if $(LIBDW),-ldw -lelf -llzma -lbz2) -lzstd -lz -lm
static: $(B)/drvmem-static
$(B)/drvmem-static: $(sort $(STATIC_OBJ))
	$(CC) $(CFLAGS) $(LDFLAGS) -static -o $@ $(sort $(STATIC_OBJ)) $(STATIC_LIBS)

# ---- install
SYSTEMD   := $(wildcard dist/systemd/*.service dist/systemd/*.socket dist/systemd/*.timer)
SHARED    := $(wildcard dist/prometheus/* dist/grafana/* dist/prometheus-examples/*)
DOCS      := README.md $(wildcard doc/*.md)
DRACUT    := $(wildcard dist/dracut/95drvmem/*)
INITRAMFS := $(patsubst dist/initramfs-tools/%,%,$(wildcard dist/initramfs-tools/hooks/* dist/initramfs-tools/scripts/*/* ))
EARLY     := $(wildcard dist/early/*)
D         := $(DESTDIR)

install: all man completions
	install -D -m 0755 $(B)/drvmem $(D)$(bindir)/drvmem
	for p in $(B)/man/*.[578]; do install -D -m 0644 $$p $(D)$(mandir)/man$${p##*.}/$${p##*/} || exit 1; done
	install -D -m 0644 $(B)/completions/drvmem $(D)$(bashcompdir)/drvmem
	install -D -m 0644 $(B)/completions/_drvmem $(D)$(zshcompdir)/_drvmem
	install -D -m 0644 $(B)/completions/drvmem.fish $(D)$(fishcompdir)/drvmem.fish
	@mkdir -p $(D)$(unitdir)
	for u in $(SYSTEMD); do sed 's|/usr/local/s*bin/drvmem|$(bindir)/drvmem|; s|^\(RequiresMountsFor=\)/usr/local|\1$(bindir)|' \
		$$u >$(D)$(unitdir)/$${u##*/} && chmod 0644 $(D)$(unitdir)/$${u##*/} || exit 1; done
	for f in $(SHARED); do install -D -m 0644 $$f $(D)$(datadir)/drvmem/$${f#dist/} || exit 1; done
	for f in $(DOCS); do install -D -m 0644 $$f $(D)$(docdir)/$${f##*/} || exit 1; done
	for f in $(EARLY); do install -D -m 0755 $$f $(D)$(datadir)/drvmem/early/$${f##*/} || exit 1; done
	for f in $(DRACUT); do install -D -m 0755 $$f $(D)$(dracutdir)/95drvmem/$${f##*/} || exit 1; done
	for f in $(INITRAMFS); do install -D -m 0755 dist/initramfs-tools/$$f $(D)$(initramfstoolsdir)/$$f || exit 1; done

# what install wrote, and the directories that are drvmem's alone; sessions and settings stay
uninstall:
	rm -f $(D)$(bindir)/drvmem $(D)$(bashcompdir)/drvmem $(D)$(zshcompdir)/_drvmem $(D)$(fishcompdir)/drvmem.fish
	rm -f $(D)$(mandir)/man8/drvmem.8 $(D)$(mandir)/man8/drvmem-*.8 $(D)$(mandir)/man7/drvmem-metrics.7 $(D)$(mandir)/man5/drvmem-session.5
	for u in $(notdir $(SYSTEMD)); do rm -f $(D)$(unitdir)/$$u; done
	for f in $(INITRAMFS); do rm -f $(D)$(initramfstoolsdir)/$$f; done
	rm -rf $(D)$(datadir)/drvmem $(D)$(docdir) $(D)$(dracutdir)/95drvmem

# ---- the source as one file, the same bytes from the same commit
dist:
	@mkdir -p $(B)
	git archive --format=tar --prefix=drvmem-$(VERSION)/ HEAD | gzip -9n >$(B)/drvmem-$(VERSION).tar.gz

.PHONY: man completions static install uninstall dist
