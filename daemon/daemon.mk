# cdgsearchd: the search daemon, apart from the library because of libmicrohttpd.

DAEMON_PACKAGES := libmicrohttpd
DAEMON_SRC := $(sort $(wildcard daemon/*.c))
DAEMON_OBJ := $(DAEMON_SRC:%.c=$(OBJ)/%.o)
DAEMON_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(DAEMON_PACKAGES) 2>/dev/null)
DAEMON_LIBS = $(shell $(PKG_CONFIG) --libs $(DAEMON_PACKAGES) 2>/dev/null)

$(DAEMON_OBJ): PKG_CFLAGS += $(DAEMON_CFLAGS)

# asset.c takes them in as they are.
$(OBJ)/daemon/asset.o: $(wildcard daemon/assets/*)

# All but main, for the tests too.
DAEMON_LIB := $(OBJ)/libcdg-daemon.a
$(DAEMON_LIB): $(filter-out %/cdgsearchd.o,$(DAEMON_OBJ)) $(OBJ)/.daemon-members
	$(say) "  AR      $@"
	@rm -f $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

$(OBJ)/.daemon-members: FORCE
	@mkdir -p $(@D)
	@echo '$(DAEMON_OBJ)' | cmp -s - $@ || echo '$(DAEMON_OBJ)' >$@

$(BUILD)/cdgsearchd: $(OBJ)/daemon/cdgsearchd.o $(DAEMON_LIB) $(INTERNAL)
	$(say) "  LD      $@"
	$(Q)$(CC) $< $(DAEMON_LIB) $(INTERNAL) $(ALL_LDFLAGS) $(DAEMON_LIBS) $(LIBS) -o $@

# fuzzers of the daemon
DAEMON_FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(shell grep -l '"tests/daemon/call.h"' $(FUZZ_SRC) /dev/null))
$(DAEMON_FUZZ): $(DAEMON_LIB)
$(DAEMON_FUZZ): FUZZ_WITH = $(DAEMON_LIB)
$(DAEMON_FUZZ): FUZZ_LIBS = $(DAEMON_LIBS)

# the assembler reads it
$(OBJ)/daemon/describe.o: daemon/openapi.json

# tests/daemon/t_*.c: unit tests of the daemon
DAEMON_UNIT_SRC := $(sort $(wildcard tests/daemon/t_*.c))
DAEMON_UNIT := $(DAEMON_UNIT_SRC:tests/daemon/%.c=$(BUILD)/tests/%)
$(DAEMON_UNIT): $(BUILD)/tests/%: $(OBJ)/tests/daemon/%.o $(DAEMON_LIB) $(TEST_COMMON_OBJ) $(INTERNAL)
	@mkdir -p $(@D)
	$(say) "  LD      $@"
	$(Q)$(CC) $< $(DAEMON_LIB) $(TEST_COMMON_OBJ) $(INTERNAL) $(ALL_LDFLAGS) -lcmocka $(DAEMON_LIBS) $(LIBS) -o $@
$(DAEMON_UNIT_SRC:%.c=$(OBJ)/%.o): PKG_CFLAGS += $(DAEMON_CFLAGS)
