# SPDX-License-Identifier: GPL-2.0-or-later
# The only Makefile; every artefact goes to build/. Targets: all, man, completions, static, install,
# uninstall, dist, check-unit, check-*, bench, clean. Left out by WITH_TUI=0, WITH_DWARF=0, WITH_HTTP=0 (doc/install.md).

VERSION   := 0.1.0
DATE      := 2026-11-22
B         := build
ARCH      := $(shell uname -m | sed 's/x86_64/x86/;s/aarch64/arm64/')
ifeq ($(origin CC),default)
CC        := gcc
endif
CFLAGS    ?= -O2 -g
# the distribution's own; a test that installs another one beside it changes nothing of what is built
BPF_CLANG ?= $(shell for c in clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14; do command -v $$c && break; done)
# Ubuntu's command of that name, up to 24.04, is a script that looks for one made for the running kernel; any will do here
BPFTOOL   ?= $(shell for b in bpftool /usr/sbin/bpftool $$(ls -1 /usr/lib/linux-tools/*/bpftool /usr/lib/linux-tools-*/bpftool 2>/dev/null | sort -Vr); do \
	"$$b" version 2>/dev/null | grep -q 'bpftool v[0-9]' && { command -v "$$b"; break; }; done)
FUZZ_CC   ?= clang
PREFIX    ?= /usr/local
DESTDIR   ?=
bindir    ?= $(PREFIX)/bin
datadir   ?= $(PREFIX)/share
mandir    ?= $(datadir)/man
docdir    ?= $(datadir)/doc/drvmem
# where systemd, udev's initramfs and shells look, also for what is below /usr/local
libdir_   := $(if $(filter /usr,$(PREFIX)),/usr/lib,$(PREFIX)/lib)
unitdir   ?= $(libdir_)/systemd/system
dracutdir ?= $(libdir_)/dracut/modules.d
initramfstoolsdir ?= $(datadir)/initramfs-tools
bashcompdir ?= $(datadir)/bash-completion/completions
zshcompdir  ?= $(datadir)/zsh/$(if $(and $(filter /usr,$(PREFIX)),$(wildcard /etc/debian_version)),vendor-completions,site-functions)
fishcompdir ?= $(datadir)/fish/vendor_completions.d

# "make WERROR=" where a newer compiler warns of something that those tried did not
WERROR    ?= -Werror
WARN      := -Wall -Wextra -Wformat=2 -Wshadow -Wmissing-prototypes -Wvla $(WERROR)
CPPFLAGS_ := -D_GNU_SOURCE -DDRVMEM_VERSION='"$(VERSION)"' -DDRVMEM_DATE='"$(DATE)"' -Iinclude -Iuser -I$(B)
# where it was built is nobody's business: two directories make the same bytes
NO_PATHS  := -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(B)/=build/
CSTD      := -std=gnu11
# 1 or 0; WITH_HTTP and WITH_DWARF say by default what is there
has_header = $(shell echo '\#include <$(1)>' | $(CC) $(CPPFLAGS) -E -xc - >/dev/null 2>&1 && echo 1 || echo 0)
WITH_TUI  ?= 1
WITH_HTTP ?= $(if $(filter 111,$(call has_header,microhttpd.h)$(call has_header,yaml.h)$(call has_header,seccomp.h)),1,0)
WITH_HTTP := $(WITH_HTTP)
# file and line of leaks --lines
WITH_DWARF ?= $(call has_header,elfutils/libdwfl.h)
LIBDW     ?= $(filter 1,$(WITH_DWARF))
LIBDW     := $(LIBDW)
DW_CFLAGS := $(if $(LIBDW),-DDRVMEM_LIBDW)
DW_LIBS   := $(if $(LIBDW),-ldw -lelf)
# what the parts without libbpf need
PURE_LIBS := -lsqlite3 -lzstd -lz -lm $(DW_LIBS)
TUI_LIBS  := $(if $(filter 1,$(WITH_TUI)),-lncursesw -ltinfo)
# of serve/: HTTP and TLS, YAML, bcrypt, what the processes give up; without HTTP the parts that need none of its libraries are still tested
WEB_PURE_LIBS := -lgnutls -lyaml -lcrypt
HTTP_LIBS := $(if $(filter 1,$(WITH_HTTP)),-lmicrohttpd -lseccomp -lcap $(WEB_PURE_LIBS))
LIBS      := -lbpf -lelf $(TUI_LIBS) $(HTTP_LIBS) -lpthread $(PURE_LIBS)

# these are parts of hooks.bpf.c
BPF_PART  := $(addprefix bpf/,slab.bpf.c page.bpf.c percpu.bpf.c vmalloc.bpf.c dma.bpf.c mapping.bpf.c unseen.bpf.c iova.bpf.c pagebulk.bpf.c)
# an object of its own, with a skeleton of its own
BPF_ALONE := bpf/devres.bpf.c bpf/scan.bpf.c
BPF_SRC   := $(sort $(filter-out $(BPF_PART) $(BPF_ALONE),$(wildcard bpf/*.bpf.c)))
BPF_HDR   := $(wildcard bpf/*.bpf.h) vmlinux/vmlinux.h $(wildcard include/drvmem/*.h)
# bulk.bpf.c comes before slab510, which includes it; maps first: it defines what the others name
BPF_OBJ   := $(patsubst bpf/%.bpf.c,$(B)/bpf/%.bpf.o,bpf/maps.bpf.c $(filter-out bpf/maps.bpf.c,$(BPF_SRC)))
BPF_FLAGS := -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) -Wall -Wextra $(WERROR) \
	-Wno-unused-function -Wno-missing-declarations -Wno-unused-parameter -Wno-sign-compare \
	-Iinclude -Ivmlinux -Ibpf $(NO_PATHS)

# libbpf is visible to these only (architecture.md, layer rule 2)
LIBBPF_SRC := $(wildcard user/probe/*.c user/session/*.c)
PURE_SRC  := $(wildcard user/base/*.c user/symbol/*.c user/source/*.c user/model/*.c \
	user/store/*.c user/analysis/*.c user/view/*.c user/render/*.c)
# these read through BPF programs
LIVE_SRC  := $(addprefix user/source/,live.c usage.c kmem.c kmem_open.c kpages_read.c kslab.c ksheaf.c ktasks.c targets.c hits.c scan.c)
PURE_SRC  := $(filter-out $(LIVE_SRC),$(PURE_SRC))
# the parts of session/, probe/ and of the commands without libbpf are unit-tested too
# of the web process, what needs no HTTP library
WEB_PURE  := $(addprefix user/serve/,address.c auth.c doc.c negotiate.c webconfig.c weblog.c webmetrics.c)
PURE_LOW  := user/session/asked.c user/session/faults.c user/session/guard.c user/session/settings.c user/probe/checkers.c user/session/homes.c user/session/memlock.c user/session/only.c user/session/orc.c user/session/plan.c user/session/sampling.c user/session/size.c user/session/use.c user/session/window.c user/probe/features.c user/slubrules.c user/out.c user/diffing.c $(WEB_PURE)
CMD_SRC   := $(wildcard user/*.c user/tui/*.c user/serve/*.c) $(LIVE_SRC)
# what is not built: the terminal or HTTP, or what stands in their place
ABSENT    := user/tui/$(if $(filter 1,$(WITH_TUI)),none,tui).c
WEB_SRC   := $(wildcard user/serve/*.c) $(addprefix user/,serving.c expose.c webproc.c lowrights.c cmd_serve.c)
ABSENT    += $(if $(filter 1,$(WITH_HTTP)),user/cmd_serve_none.c,$(WEB_SRC))
CMD_SRC   := $(filter-out $(ABSENT),$(CMD_SRC))
USER_SRC  := $(LIBBPF_SRC) $(PURE_SRC) $(CMD_SRC)
USER_OBJ  := $(patsubst user/%.c,$(B)/user/%.o,$(USER_SRC))
PURE_LOW  += user/linelook.c	# diffing.c looks lines up
PURE_OBJ  := $(patsubst user/%.c,$(B)/unit/user/%.o,$(PURE_SRC) $(PURE_LOW))
UNIT_SRC  := $(wildcard tests/unit/test_*.c)
UNIT_BIN  := $(patsubst tests/unit/%.c,$(B)/unit/%,$(UNIT_SRC))
FUZZ_SRC  := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_REPLAY := $(patsubst tests/fuzz/%.c,$(B)/fuzz/replay_%,$(FUZZ_SRC))
# gcc warns falsely of uninitialised values in instrumented code
SAN       := -fsanitize=address,undefined -fno-omit-frame-pointer -Wno-maybe-uninitialized

all: $(B)/drvmem

$(B)/drvmem: $(USER_OBJ)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(USER_OBJ) $(LIBS)

$(B)/user/session/session.o: $(B)/drvmem.skel.h

# linked again when a part came or went
CONF_STAMP := $(B)/with-tui$(WITH_TUI)-http$(WITH_HTTP)-dwarf$(if $(LIBDW),1,0)
$(shell test -e $(CONF_STAMP) || { mkdir -p $(B) && rm -f $(B)/with-* && touch $(CONF_STAMP); } 2>/dev/null)
$(B)/drvmem: $(wildcard $(CONF_STAMP))

# built again when libdw came or went: the stamp changes as this file is read, for a rule would make
# every run of make -q find something to do
DW_STAMP  := $(B)/libdw-$(if $(LIBDW),yes,no)
$(shell test -e $(DW_STAMP) || { mkdir -p $(B) && rm -f $(B)/libdw-* && touch $(DW_STAMP); } 2>/dev/null)
$(B)/user/symbol/debugfile.o $(B)/unit/user/symbol/debugfile.o: $(wildcard $(DW_STAMP))
$(B)/user/symbol/debugfile.o $(B)/unit/user/symbol/debugfile.o: CPPFLAGS_ += $(DW_CFLAGS)

$(B)/user/%.o: user/%.c
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(CPPFLAGS_) $(CPPFLAGS) $(CFLAGS) $(NO_PATHS) -MMD -MP -c -o $@ $<

# the HTML report's style and script, as bytes of a C array
HTML_INC  := $(B)/render/report_css.inc $(B)/render/report_js.inc
$(B)/render/report_%.inc: user/render/report.%
	@mkdir -p $(@D)
	od -An -v -tu1 $< | sed 's/[0-9][0-9]*/&,/g' >$@.tmp
	mv $@.tmp $@
$(B)/user/render/html_assets.o $(B)/unit/user/render/html_assets.o: $(HTML_INC)

$(B)/user/session/devres.o: $(B)/devres.skel.h
$(B)/user/session/kread.o: $(B)/scan.skel.h

# ---- BPF: one linked object, one skeleton; what runs before a session has its own
$(B)/bpf/%.bpf.o: bpf/%.bpf.c $(BPF_HDR) $(BPF_PART) bpf/bulk.bpf.c bpf/mempool.bpf.c
	@mkdir -p $(@D)
	@test -n "$(BPF_CLANG)" || { echo "drvmem: clang is missing (apt-get install clang)" >&2; exit 1; }
	$(BPF_CLANG) $(BPF_FLAGS) -c -o $@ $<

need_bpftool = @test -n "$(BPFTOOL)" || { echo "drvmem: no bpftool that works was found. Install it (Debian, Ubuntu from 25.04: bpftool;" \
	"Ubuntu 24.04: linux-tools-generic, of any kernel's version), or name one: make BPFTOOL=/path/to/bpftool" >&2; exit 1; }

$(B)/drvmem.bpf.o: $(BPF_OBJ)
	$(need_bpftool)
	$(BPFTOOL) gen object $@ $^
	$(BPF_CLANG) --version | sed -n 's/.*clang version \([0-9]*\).*/clang \1/p' >$(B)/bpf-compiler

$(B)/drvmem.skel.h: $(B)/drvmem.bpf.o
	$(need_bpftool)
	$(BPFTOOL) gen skeleton $< name drvmem_bpf > $@.tmp
	mv $@.tmp $@

$(B)/%.skel.h: $(B)/bpf/%.bpf.o
	$(need_bpftool)
	$(BPFTOOL) gen skeleton $< name $*_bpf > $@.tmp
	mv $@.tmp $@

# ---- tests
$(B)/unit/user/%.o: user/%.c
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(CPPFLAGS_) -O1 -g $(SAN) -MMD -MP -c -o $@ $<

$(B)/unit/test_%: tests/unit/test_%.c $(PURE_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(CPPFLAGS_) -Itests/unit -O1 -g $(SAN) -MMD -MP -o $@ $< $(PURE_OBJ) -lcmocka $(WEB_PURE_LIBS) $(PURE_LIBS)

$(B)/fuzz/replay_fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(PURE_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) -Wno-missing-prototypes $(CPPFLAGS_) -O1 -g $(SAN) -o $@ $< tests/fuzz/replay.c $(PURE_OBJ) $(WEB_PURE_LIBS) $(PURE_LIBS)

$(B)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(PURE_SRC) $(PURE_LOW) $(HTML_INC)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CSTD) $(CPPFLAGS_) -O1 -g -fsanitize=fuzzer,address,undefined -o $@ $< $(PURE_SRC) $(PURE_LOW) -lsqlite3 -lzstd -lz -lm $(WEB_PURE_LIBS)

# the whole of it with sanitizers, in build/asan: tests/deep/serve-sanitized.sh
asan:
	$(MAKE) B=$(B)/asan CFLAGS="-O1 -g $(SAN)" $(B)/asan/drvmem

# ---- live tests: everything but main()
BPF_TEST_SRC := $(wildcard tests/bpf/test_*.c)
BPF_TEST_BIN := $(patsubst tests/bpf/%.c,$(B)/tests/bpf/%,$(BPF_TEST_SRC))
BPF_TEST_LIB := $(filter-out tests/bpf/test_%.c,$(wildcard tests/bpf/*.c))
NOMAIN_OBJ   := $(filter-out $(B)/user/main.o,$(USER_OBJ))

$(B)/tests/bpf/%: tests/bpf/%.c $(BPF_TEST_LIB) $(wildcard tests/bpf/*.h) $(NOMAIN_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(CPPFLAGS_) -Itests/bpf $(CFLAGS) -o $@ $< $(BPF_TEST_LIB) $(NOMAIN_OBJ) $(LIBS)

# the benches with them, so that they always build
bpf-tests: $(BPF_TEST_BIN) $(addprefix $(B)/bench/,bench scrape session-size)

BENCH_SRC := $(wildcard tests/bench/*.c) tests/bpf/harness.c
$(B)/bench/bench: $(BENCH_SRC) $(wildcard tests/bench/*.h tests/bpf/*.h)
$(B)/bench/scrape: BENCH_SRC := tests/bench/scrape/scrape.c
$(B)/bench/scrape: tests/bench/scrape/scrape.c
$(B)/bench/session-size: BENCH_SRC := tests/bench/session/size.c
$(B)/bench/session-size: tests/bench/session/size.c
$(B)/bench/%: $(NOMAIN_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(CPPFLAGS_) -Itests/bpf -Itests/bench $(CFLAGS) -o $@ $(BENCH_SRC) $(NOMAIN_OBJ) $(LIBS)

# Both compilers see the contract: the static asserts of include/drvmem.
check-abi:
	@mkdir -p $(B)
	for h in abi devres scan; do \
		$(CC) $(CSTD) $(WARN) -Iinclude -fsyntax-only -x c include/drvmem/$$h.h && \
		$(BPF_CLANG) $(BPF_FLAGS) -fsyntax-only -x c include/drvmem/$$h.h || exit 1; \
	done

unit-bins: $(UNIT_BIN)
fuzz-bins: $(FUZZ_REPLAY)

check-unit: all unit-bins fuzz-bins check-abi
	./check --unit

# Tables of what tracing costs here; options: BENCH='--quick --rounds 15'
bench: all
	tests/bench/run $(BENCH)

clean:
	rm -rf $(B)

include dist/install.mk

# libFuzzer on one parser: make build/fuzz/fuzz_kallsyms && build/fuzz/fuzz_kallsyms tests/fuzz/corpus/kallsyms
.PHONY: all asan bench clean bpf-tests check-unit check-abi unit-bins fuzz-bins
.SECONDARY:
-include $(USER_OBJ:.o=.d) $(PURE_OBJ:.o=.d) $(addsuffix .d,$(UNIT_BIN))
