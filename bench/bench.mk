# bench.mk - included by the Makefile before the rule for `programs`: how cdgbench
# is built, installed and run.
#
# cdgbench is a program like the others (`make`, `make install`); latency, fts5
# and xapian are linked by rules of their own, not into it.  Its scripts
# (BENCH_SCRIPTS) go to $(LIBEXECDIR).

LIBEXECDIR ?= $(PREFIX)/libexec/cdgsearch
BENCH_SRC := $(filter-out bench/fts5.c bench/latency.c bench/xapian.c,$(sort $(wildcard bench/*.c)))
BENCH_OBJ := $(BENCH_SRC:%.c=$(OBJ)/%.o)
PROGRAMS += $(BUILD)/cdgbench
BENCH_SCRIPTS := $(addprefix bench/,compare.py compare_report.py compare_stream.py agree.py game_engine.py scale_peers.py eval.py trec.py)

$(OBJ)/bench/cdgbench.o: private CPPFLAGS += -DCDG_LIBEXECDIR='"$(LIBEXECDIR)"'

$(BUILD)/cdgbench: $(BENCH_OBJ) $(INTERNAL)
	$(say) "  LD      $@"
	$(Q)$(CC) $(BENCH_OBJ) $(INTERNAL) $(ALL_LDFLAGS) $(LIBS) -o $@

## bench-smoke: under a minute: do all executors give the known results? instructions by class
.PHONY: bench-smoke bench-smoke-write
bench-smoke: $(BUILD)/cdgbench
	@CDG_BUILD=$(BUILD) bench/smoke.sh

# After results were changed on purpose.
bench-smoke-write: $(BUILD)/cdgbench
	@CDG_BUILD=$(BUILD) bench/smoke.sh --write

## peers: install and build the engines cdgbench compares with (apt, cargo, Maven, pip); nothing else needs them
.PHONY: peers
PEERS ?= tantivy lucene lucene-bp xapian fts5 pisa
peers: $(BUILD)/cdgbench
	@status=0; for p in $(PEERS); do \
		if CDG_BUILD=$(BUILD) bench/peers/$$p/build; then echo "ok    $$p"; else echo "FAIL  $$p"; status=1; fi; \
	done; exit $$status
