# cdgsearch: builds the programs and the library, runs the tests, installs.
#
# `make help` lists the targets.  What may be set on the command line:
#   CC=clang       the compiler              OPT="-O0"   optimisation
#   WERROR=1       warnings are errors       SAN=...     -fsanitize= flags
#   BUILD=DIR      where everything goes     V=1         show the commands
#
# How the library is kept clean: all objects of the rooms below go into
# libcdg-internal.a, which programs and tests are linked with; the two that are
# installed export cdg_* alone, the .so by tools/cdgsearch.map, the .a by being
# one relocatable object whose other symbols were made local.

VERSION := $(shell sed -n 's/^.define CDG_VERSION "\(.*\)"/\1/p' include/cdgsearch.h)
SOVERSION := 0

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
LIBDIR ?= $(PREFIX)/lib
ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
OBJCOPY ?= objcopy
OPT ?= -O2
SAN ?=
WERROR ?= 0
FUZZ_SECONDS ?= 60
FUZZ_ONLY ?=
PYTHON ?= python3

PACKAGES := icu-uc icu-i18n libzstd liblz4 libxxhash zlib liblzma libxml-2.0
# its header alone: the library is opened when a server is searched (backend/http/fetch.c)
HEADER_PACKAGES := libcurl
PKG_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS = $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null)

OPENMP := $(shell echo 'int main(void){return 0;}' | \
	$(CC) -fopenmp -x c - -o /dev/null 2>/dev/null && echo -fopenmp)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes
ifeq ($(WERROR),1)
WARN += -Werror
endif
CFLAGS ?=
ALL_CFLAGS = -std=gnu17 $(OPT) -g $(WARN) -ffp-contract=off -fno-math-errno -fPIC \
	-I. -Iinclude $(OPENMP) $(SAN) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(OPENMP) $(SAN) $(LDFLAGS)
LIBS = $(PKG_LIBS) -lstemmer -lm -lpthread

ROOMS := base text engine extract indexer query backend
LIB_SRC := $(sort $(wildcard $(ROOMS:%=%/*.c) backend/xapian/*.c backend/http/*.c))
CLI_MAIN := cli/cdgindex.c cli/cdgsearch.c
CLI_SRC := $(filter-out $(CLI_MAIN),$(sort $(wildcard cli/*.c)))
UNIT_SRC := $(sort $(wildcard tests/unit/t_*.c))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fz_*.c))

OBJ := $(BUILD)/obj
LIB_OBJ := $(LIB_SRC:%.c=$(OBJ)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(OBJ)/%.o)
MAIN_OBJ := $(CLI_MAIN:%.c=$(OBJ)/%.o)
PROGRAMS := $(CLI_MAIN:cli/%.c=$(BUILD)/%)
UNIT := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/%)
FUZZERS := $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/fuzz/%)
INTERNAL := $(OBJ)/libcdg-internal.a
SO := $(BUILD)/lib/libcdgsearch.so
SO_FULL := $(SO).$(VERSION)
AR_LIB := $(BUILD)/lib/libcdgsearch.a
TEST_COMMON := $(sort $(wildcard tests/common/*.c))
TEST_COMMON_OBJ := $(TEST_COMMON:%.c=$(OBJ)/%.o)

.DEFAULT_GOAL := all
include bench/bench.mk
include backend/xapian/xapian.mk
include extract/extract.mk
include daemon/daemon.mk

ifeq ($(V),1)
Q :=
say := @:
else
Q := @
say := @echo
ifneq ($(findstring s,$(filter-out -%,$(firstword $(MAKEFLAGS)))),)
say := @:
endif
endif

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: all programs library tests help deps check check-run unit sanitize tsan fuzz fuzzers \
	browser oracle cluster fault fault-run crash corrupt corrupt-run stress slow bench-tools bench-fts5 bench-xapian layers symbols demo install uninstall clean

## all: the programs in build/, the library in build/lib/ (the default)
all: programs library

programs: $(PROGRAMS) $(BUILD)/cdg-extract $(BUILD)/cdgsearchd
library: $(SO) $(AR_LIB) $(BUILD)/lib/cdgsearch.pc $(XAPIAN_BUILT)

# ---- is everything there? ----------------------------------------------

$(OBJ)/.deps:
	@mkdir -p $(@D)
	@lack=; \
	command -v $(PKG_CONFIG) >/dev/null || { echo "make: pkg-config is missing: run tools/install-deps.sh" >&2; exit 1; }; \
	for p in $(PACKAGES) $(HEADER_PACKAGES) $(EXTRACT_PACKAGES) $(DAEMON_PACKAGES); do $(PKG_CONFIG) --exists $$p || lack="$$lack $$p"; done; \
	echo '#include <libstemmer.h>' | $(CC) -E -x c - >/dev/null 2>&1 || lack="$$lack libstemmer"; \
	[ -n "$(OPENMP)$(filter command,$(origin OPENMP))" ] || lack="$$lack openmp-for-$(CC)"; \
	if [ -n "$$lack" ]; then \
		echo "make: missing libraries:$$lack" >&2; \
		echo "make: tools/install-deps.sh installs the Debian packages that have them" >&2; \
		exit 1; \
	fi
	@touch $@

# Objects are made again when the flags change.
FLAGS_NOW = $(CC) $(ALL_CFLAGS) $(CXX) $(CXXFLAGS)
$(OBJ)/.flags: FORCE | $(OBJ)/.deps
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' >$@
.PHONY: FORCE
FORCE:

# ---- objects and libraries ---------------------------------------------

$(OBJ)/%.o: %.c $(OBJ)/.flags | $(OBJ)/.deps
	@mkdir -p $(@D)
	$(say) "  CC      $<"
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(OBJ)/backend/http/fetch.o: PKG_CFLAGS += $(shell $(PKG_CONFIG) --cflags $(HEADER_PACKAGES) 2>/dev/null)
$(OBJ)/extract/spawn.o: PKG_CFLAGS += -DCDG_BINDIR='"$(PREFIX)/bin"'

# The list of objects, so that a deleted source leaves the archive.
$(OBJ)/.members: FORCE
	@mkdir -p $(@D)
	@echo '$(LIB_OBJ)' | cmp -s - $@ || echo '$(LIB_OBJ)' >$@

$(INTERNAL): $(LIB_OBJ) $(OBJ)/.members
	$(say) "  AR      $@"
	@rm -f $@
	$(Q)$(AR) rcs $@ $(LIB_OBJ)

# -d: locks of OpenMP are common symbols, which only become local once defined.
$(AR_LIB): $(LIB_OBJ) $(OBJ)/.members
	@mkdir -p $(@D)
	$(say) "  AR      $@"
	@rm -f $@
	$(Q)$(LD) -r -d $(LIB_OBJ) -o $(OBJ)/cdgsearch-all.o
	$(Q)$(OBJCOPY) --wildcard --keep-global-symbol='cdg_*' $(OBJ)/cdgsearch-all.o
	$(Q)$(AR) rcs $@ $(OBJ)/cdgsearch-all.o

$(SO): $(LIB_OBJ) $(OBJ)/.members tools/cdgsearch.map
	@mkdir -p $(@D)
	$(say) "  LD      $@"
	$(Q)$(CC) -shared -Wl,-soname,libcdgsearch.so.$(SOVERSION) \
		-Wl,--version-script=tools/cdgsearch.map $(LIB_OBJ) $(ALL_LDFLAGS) $(LIBS) -o $(SO_FULL)
	@ln -sf $(notdir $(SO_FULL)) $(BUILD)/lib/libcdgsearch.so.$(SOVERSION)
	@ln -sf $(notdir $(SO_FULL)) $@

$(BUILD)/lib/cdgsearch.pc: cdgsearch.pc.in include/cdgsearch.h Makefile FORCE
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
		-e 's|@OPENMP@|$(OPENMP)|' -e 's|@PACKAGES@|$(PACKAGES)|' $< >$@

$(BUILD)/%: $(OBJ)/cli/%.o $(CLI_OBJ) $(INTERNAL)
	$(say) "  LD      $@"
	$(Q)$(CC) $< $(CLI_OBJ) $(INTERNAL) $(ALL_LDFLAGS) $(LIBS) -o $@

# ---- tests --------------------------------------------------------------

$(BUILD)/tests/t_%: $(OBJ)/tests/unit/t_%.o $(TEST_COMMON_OBJ) $(INTERNAL)
	@mkdir -p $(@D)
	$(say) "  LD      $@"
	$(Q)$(CC) $< $(TEST_COMMON_OBJ) $(INTERNAL) $(ALL_LDFLAGS) -lcmocka $(LIBS) -o $@

# Tiers: tests/TIER/*.sh are the tests.  Of tests/TIER/*.c those with a main
# become build/tests/TIER/NAME for the scripts, linked with the others.
TIERS := query cli format fault corrupt stress crash oracle cluster slow
tier_c = $(sort $(wildcard tests/$(1)/*.c))
tier_main = $(if $(call tier_c,$(1)),$(shell grep -l '^main' $(call tier_c,$(1))))
tier_rest = $(filter-out $(call tier_main,$(1)),$(call tier_c,$(1)))
tier_tools = $(patsubst tests/%.c,$(BUILD)/tests/%,$(call tier_main,$(1)))
tier_tests = $(sort $(wildcard tests/$(1)/[a-z]*.sh))

define TIER_RULE
$(call tier_tools,$(1)): $(BUILD)/tests/$(1)/%: $(OBJ)/tests/$(1)/%.o \
		$(patsubst %.c,$(OBJ)/%.o,$(call tier_rest,$(1))) $(TEST_COMMON_OBJ) $(INTERNAL)
	@mkdir -p $$(@D)
	$(say) "  LD      $$@"
	$(Q)$(CC) $$^ $$(ALL_LDFLAGS) -lcmocka $$(LIBS) -o $$@
endef
$(foreach t,$(TIERS),$(if $(call tier_tools,$(t)),$(eval $(call TIER_RULE,$(t)))))

tests: $(UNIT) $(EXTRACT_UNIT) $(DAEMON_UNIT) $(EXTRACT_TOOLS) xapian-tests $(foreach t,$(filter-out slow,$(TIERS)),$(call tier_tools,$(t)))

# tests run at once: as many as there are processors, or JOBS=N
RUN_TESTS = CDG_BUILD=$(BUILD) CC='$(CC)' tools/run-tests.sh

## check: install what the tests need, build, and run the short tier
check:
	@tools/install-deps.sh
	@$(MAKE) --no-print-directory all tests
	@$(MAKE) --no-print-directory check-run

SHORT := query cli format extract
DAEMON_CHECK := $(sort $(wildcard tests/daemon/[a-z]*.py))
CHECK = $(UNIT) $(EXTRACT_UNIT) $(DAEMON_UNIT) $(foreach t,$(SHORT),$(call tier_tests,$(t))) $(DAEMON_CHECK) $(XAPIAN_CHECK) tools/check-layers.sh tools/check-symbols.sh
check-run:
	@$(RUN_TESTS) -t 300 $(CHECK)

## unit: only the unit tests; ONLY=t_name for one of them
unit: $(UNIT)
	@$(RUN_TESTS) -t 300 $(if $(ONLY),$(BUILD)/tests/$(ONLY),$(UNIT))

## sanitize: the same tests as check, under ASan and UBSan, in build/asan
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
sanitize:
	@$(MAKE) --no-print-directory BUILD=build/asan OPT=-O1 SAN="$(SANITIZE)" all tests
	@ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1 \
	$(MAKE) --no-print-directory BUILD=build/asan OPT=-O1 SAN="$(SANITIZE)" check-san-run

.PHONY: check-san-run tsan-run
check-san-run:
	@$(RUN_TESTS) -t 600 $(UNIT) $(EXTRACT_UNIT) $(DAEMON_UNIT) $(foreach t,$(SHORT),$(call tier_tests,$(t))) $(DAEMON_CHECK) $(XAPIAN_CHECK)

## tsan: the tests that start threads, under ThreadSanitizer, in build/tsan
# gcc's OpenMP runtime is unknown to ThreadSanitizer, which would report every
# barrier; clang's tells it what orders what through libarcher, which it loads
# by itself.  Without libarcher nothing can be tested, which is a failure.
# A server that gives up what hangs ends with threads that nobody waits for.
TSAN_SRC := $(sort $(shell grep -l pthread_create $(UNIT_SRC) /dev/null 2>/dev/null) \
	tests/unit/t_bisect.c tests/unit/t_merge.c)
ARCHER = $(firstword $(wildcard $(dir $(realpath $(shell clang -print-file-name=libomp.so)))libarcher.so \
	/usr/lib/llvm-*/lib/libarcher.so))
tsan:
	@[ -n "$(TSAN_SRC)" ] || { echo "tsan: no test starts threads: nothing would be tested" >&2; exit 1; }
	@if [ -z "$(ARCHER)" ]; then \
		echo "tsan: nothing was tested: clang's OpenMP runtime with libarcher.so is missing (Debian: libomp-dev)" >&2; \
		exit 1; \
	else \
		$(MAKE) --no-print-directory CC=clang BUILD=build/tsan OPT=-O1 SAN="-fsanitize=thread" tsan-run; \
	fi

# and indexing, and the daemon, answering, being told to end, and changing its index
TSAN_DAEMON = $(addprefix tests/daemon/,serve.py drain.py changes.py protocol.py)
tsan-run: $(TSAN_SRC:tests/unit/%.c=$(BUILD)/tests/%) $(BUILD)/tests/t_rate $(BUILD)/tests/t_queue programs
	@echo "SKIP: tsan leaves out what starts no threads: $(filter-out $(TSAN_SRC:tests/unit/%.c=%),$(UNIT_SRC:tests/unit/%.c=%))"
	@OMP_TOOL_LIBRARIES=$(ARCHER) TSAN_OPTIONS="ignore_noninstrumented_modules=1 halt_on_error=1 report_thread_leaks=0" \
	$(RUN_TESTS) -t 600 $(filter $(BUILD)/tests/%,$^) tests/tsan/index.sh $(TSAN_DAEMON)

## fuzz: each fuzzer of tests/fuzz for FUZZ_SECONDS (60); FUZZ_ONLY=fz_name for one
FUZZ_SAN = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
fuzz:
	@$(MAKE) --no-print-directory CC=clang BUILD=build/fuzzing OPT=-O1 SAN="$(FUZZ_SAN)" fuzzers
	@tools/run-fuzz.sh $(FUZZ_SECONDS) $(if $(FUZZ_ONLY),build/fuzzing/fuzz/$(FUZZ_ONLY),$(FUZZ_SRC:tests/fuzz/%.c=build/fuzzing/fuzz/%))

fuzzers: $(FUZZERS)
$(BUILD)/fuzz/%: $(OBJ)/tests/fuzz/%.o $(INTERNAL)
	@mkdir -p $(@D)
	$(say) "  LD      $@"
	$(Q)$(CC) $< $(FUZZ_WITH) $(INTERNAL) $(ALL_LDFLAGS) -fsanitize=fuzzer $(FUZZ_LIBS) $(LIBS) -o $@

## oracle: compare with the reference backend on slices of real corpora
oracle: all $(call tier_tools,oracle)
	@$(RUN_TESTS) -t 1200 $(call tier_tests,oracle)

## cluster: shards on hosts in network namespaces, which die, hang and come back
cluster: all
	@$(RUN_TESTS) -t 600 $(call tier_tests,cluster)

## fault: make each request for memory fail, one after the other, under ASan
fault:
	@$(MAKE) --no-print-directory BUILD=build/asan OPT=-O1 SAN="$(SANITIZE)" fault-run
fault-run: $(call tier_tools,fault)
	@$(RUN_TESTS) -t 900 $(call tier_tests,fault)

## crash: kill -9 at random moments, then check what is left
crash: all $(call tier_tools,crash)
	@$(RUN_TESTS) -t 900 $(call tier_tests,crash)

## corrupt: flip and cut the bytes of an index everywhere, under ASan and UBSan
corrupt:
	@$(MAKE) --no-print-directory BUILD=build/asan OPT=-O1 SAN="$(SANITIZE)" corrupt-run
corrupt-run: programs $(call tier_tools,corrupt)
	@ASAN_OPTIONS=abort_on_error=1 $(RUN_TESTS) -t 900 $(call tier_tests,corrupt)

## stress: many readers and a writer, for minutes
stress: all $(call tier_tools,stress)
	@$(RUN_TESTS) -t 900 $(call tier_tests,stress)

## slow: the tests that take minutes and gigabytes (10 million distinct terms, ...)
slow: all $(call tier_tools,slow)
	@$(RUN_TESTS) -t 3600 $(call tier_tests,slow); status=$$?; \
	for t in $(call tier_tests,slow); do \
		echo "figures of $$t:"; grep '^ ' $(BUILD)/tests/log/$$(echo $$t | tr / _).log; \
	done; exit $$status

## bench-tools: what bench/run.sh measures with, in build/bench; SQLite and Xapian as peers
# A peer whose library is missing is left out, which is said, and ends the target
# with an error once the others are there; BENCH_PEERS= asks for none.
BENCH_PEERS ?= fts5 xapian
bench-tools: $(BUILD)/bench/latency $(BENCH_PEERS:%=bench-%)

$(BUILD)/bench/latency: $(OBJ)/bench/latency.o $(INTERNAL)
	@mkdir -p $(@D)
	$(say) "  LD      $@"
	$(Q)$(CC) $< $(INTERNAL) $(ALL_LDFLAGS) $(LIBS) -o $@

# $(1) package of pkg-config, $(2) program, $(3) Debian package
bench_needs = @$(PKG_CONFIG) --exists $(1) || { rm -f $(BUILD)/bench/$(2); \
	echo "make: $(2) is left out: $(1) is missing (Debian: $(3); tools/install-deps.sh --dev)" >&2; exit 1; }

bench-fts5:
	$(call bench_needs,sqlite3,fts5,libsqlite3-dev)
	@$(MAKE) --no-print-directory $(BUILD)/bench/fts5
bench-xapian:
	$(call bench_needs,xapian-core,xapian,libxapian-dev)
	@$(MAKE) --no-print-directory $(BUILD)/bench/xapian

$(BUILD)/bench/fts5: $(OBJ)/bench/fts5.o
	@mkdir -p $(@D)
	$(say) "  LD      $@"
	$(Q)$(CC) $< $(ALL_LDFLAGS) $$($(PKG_CONFIG) --libs sqlite3) -o $@

$(BUILD)/bench/xapian: $(OBJ)/bench/xapian.o $(XAPIAN_SO)
	@mkdir -p $(@D)
	$(say) "  LD      $@"
	$(Q)$(CC) $< $(ALL_LDFLAGS) $(XAPIAN_USE) -lm -o $@

## browser: the page of cdgsearchd in Chromium; pictures in build/browser
browser: all
	@tests/browser/setup.sh $(BUILD)
	@$(RUN_TESTS) -t 400 $(sort $(wildcard tests/browser/[a-z]*.py))

## layers: check who includes whom
layers:
	@tools/check-layers.sh

## symbols: check that the libraries export cdg_* and nothing else
symbols: library
	@CDG_BUILD=$(BUILD) tools/check-symbols.sh

# ---- people -------------------------------------------------------------

## demo: index examples/demo and answer a few queries
demo:
	@tools/install-deps.sh
	@$(MAKE) --no-print-directory all
	@CDG_BUILD=$(BUILD) tools/demo.sh

## install: programs, library, header, manual pages, completion (PREFIX, DESTDIR)
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include \
		$(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -m 755 $(PROGRAMS) $(BUILD)/cdg-extract $(BUILD)/cdgsearchd $(DESTDIR)$(PREFIX)/bin
	install -d $(DESTDIR)$(LIBEXECDIR)/plots
	install -m 644 $(BENCH_SCRIPTS) $(DESTDIR)$(LIBEXECDIR)
	install -m 644 bench/plots/*.gp $(DESTDIR)$(LIBEXECDIR)/plots
	install -m 755 $(SO_FULL) $(DESTDIR)$(LIBDIR)
	ln -sf $(notdir $(SO_FULL)) $(DESTDIR)$(LIBDIR)/libcdgsearch.so.$(SOVERSION)
	ln -sf $(notdir $(SO_FULL)) $(DESTDIR)$(LIBDIR)/libcdgsearch.so
	install -m 644 $(AR_LIB) $(DESTDIR)$(LIBDIR)
	install -m 644 $(BUILD)/lib/cdgsearch.pc $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 644 include/cdgsearch.h $(DESTDIR)$(PREFIX)/include
	@$(MAKE) --no-print-directory install-xapian
	install -m 644 $(wildcard docs/man/*.1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(wildcard completion/bash/*) $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 644 $(wildcard completion/zsh/_*) $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	install -m 644 $(wildcard completion/fish/*.fish) $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	@# programs linked with the .so find it only once the loader's cache knows it
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" -ne 0 ] || ldconfig 2>/dev/null || true

## uninstall: remove what install put there (same PREFIX, DESTDIR)
uninstall: uninstall-xapian
	rm -f $(PROGRAMS:$(BUILD)/%=$(DESTDIR)$(PREFIX)/bin/%) $(DESTDIR)$(PREFIX)/bin/cdg-extract $(DESTDIR)$(PREFIX)/bin/cdgsearchd
	rm -rf $(DESTDIR)$(LIBEXECDIR)
	rm -f $(DESTDIR)$(LIBDIR)/libcdgsearch.so* $(DESTDIR)$(LIBDIR)/libcdgsearch.a \
		$(DESTDIR)$(LIBDIR)/pkgconfig/cdgsearch.pc $(DESTDIR)$(PREFIX)/include/cdgsearch.h
	rm -f $(patsubst docs/man/%,$(DESTDIR)$(PREFIX)/share/man/man1/%,$(wildcard docs/man/*.1))
	rm -f $(patsubst completion/bash/%,$(DESTDIR)$(PREFIX)/share/bash-completion/completions/%,$(wildcard completion/bash/*))
	rm -f $(patsubst completion/zsh/%,$(DESTDIR)$(PREFIX)/share/zsh/site-functions/%,$(wildcard completion/zsh/_*))
	rm -f $(patsubst completion/fish/%,$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/%,$(wildcard completion/fish/*.fish))

## clean: remove build/
clean:
	rm -rf $(BUILD)

## help: this list
help:
	@echo "Targets (set PREFIX, DESTDIR, CC, OPT, WERROR=1, V=1 as needed):"
	@sed -n 's/^## \([a-z-]*\): \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-11s %s\n", $$1, $$2 }'

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(MAIN_OBJ:.o=.d) $(EXTRACT_OBJ:.o=.d) $(DAEMON_OBJ:.o=.d) \
	$(wildcard $(OBJ)/tests/*/*.d $(OBJ)/bench/*.d)
