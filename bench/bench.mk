# bench.mk - included by the Makefile: how cdgbench is built and run.
#
# cdgbench is a program like the others (`make`, `make install`); latency, fts5
# and xapian are linked by rules of their own, not into it.

BENCH_SRC := $(filter-out bench/fts5.c bench/latency.c,$(sort $(wildcard bench/*.c)))
BENCH_OBJ := $(BENCH_SRC:%.c=$(OBJ)/%.o)
PROGRAMS += $(BUILD)/cdgbench

$(BUILD)/cdgbench: $(BENCH_OBJ) $(INTERNAL)
	$(say) "  LD      $@"
	$(Q)$(CC) $(BENCH_OBJ) $(INTERNAL) $(ALL_LDFLAGS) $(LIBS) -o $@
