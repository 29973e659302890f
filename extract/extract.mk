# cdg-extract: the program that reads document formats, apart from the library
# because of the libraries it needs, their licences, and what a hostile file may do.

EXTRACT_PACKAGES := libxml-2.0 poppler-glib libarchive gmime-3.0 libseccomp libbrotlidec
EXTRACT_SRC := $(sort $(wildcard extract/reader/*.c))
EXTRACT_OBJ := $(EXTRACT_SRC:%.c=$(OBJ)/%.o)
EXTRACT_LIB := $(OBJ)/libcdg-extract.a
EXTRACT_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(EXTRACT_PACKAGES) 2>/dev/null)
EXTRACT_LIBS = $(shell $(PKG_CONFIG) --libs $(EXTRACT_PACKAGES) 2>/dev/null)

$(EXTRACT_OBJ): PKG_CFLAGS += $(EXTRACT_CFLAGS)

# All but main, for the tests too.
$(EXTRACT_LIB): $(filter-out %/main.o,$(EXTRACT_OBJ)) $(OBJ)/.extract-members
	$(say) "  AR      $@"
	@rm -f $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

$(OBJ)/.extract-members: FORCE
	@mkdir -p $(@D)
	@echo '$(EXTRACT_OBJ)' | cmp -s - $@ || echo '$(EXTRACT_OBJ)' >$@

$(BUILD)/cdg-extract: $(OBJ)/extract/reader/main.o $(EXTRACT_LIB) $(INTERNAL)
	$(say) "  LD      $@"
	$(Q)$(CC) $< $(EXTRACT_LIB) $(INTERNAL) $(ALL_LDFLAGS) $(EXTRACT_LIBS) $(LIBS) -o $@

# tests/extract/t_*.c: unit tests of what only cdg-extract has
EXTRACT_UNIT_SRC := $(sort $(wildcard tests/extract/t_*.c))
EXTRACT_UNIT := $(EXTRACT_UNIT_SRC:tests/extract/%.c=$(BUILD)/tests/%)
$(EXTRACT_UNIT): $(BUILD)/tests/%: $(OBJ)/tests/extract/%.o $(EXTRACT_LIB) $(TEST_COMMON_OBJ) $(INTERNAL)
	@mkdir -p $(@D)
	$(say) "  LD      $@"
	$(Q)$(CC) $< $(EXTRACT_LIB) $(TEST_COMMON_OBJ) $(INTERNAL) $(ALL_LDFLAGS) -lcmocka $(EXTRACT_LIBS) $(LIBS) -o $@
$(BUILD)/tests/t_client: | $(BUILD)/tests/extract/hostile

# tests/extract/*.c that are no unit tests: programs for the scripts there
EXTRACT_TOOL_SRC := $(filter-out $(EXTRACT_UNIT_SRC),$(sort $(wildcard tests/extract/*.c)))
EXTRACT_TOOLS := $(EXTRACT_TOOL_SRC:tests/%.c=$(BUILD)/tests/%)
$(EXTRACT_TOOLS): $(BUILD)/tests/%: $(OBJ)/tests/%.o $(EXTRACT_LIB) $(INTERNAL)
	@mkdir -p $(@D)
	$(say) "  LD      $@"
	$(Q)$(CC) $< $(EXTRACT_LIB) $(INTERNAL) $(ALL_LDFLAGS) $(EXTRACT_LIBS) $(LIBS) -o $@
$(EXTRACT_UNIT_SRC:%.c=$(OBJ)/%.o): PKG_CFLAGS += $(EXTRACT_CFLAGS)

# fuzzers of readers
EXTRACT_FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(shell grep -l '"tests/fuzz/reader.h"' $(FUZZ_SRC) /dev/null))
$(EXTRACT_FUZZ): $(EXTRACT_LIB)
$(EXTRACT_FUZZ): FUZZ_WITH = $(EXTRACT_LIB)
$(EXTRACT_FUZZ): FUZZ_LIBS = $(EXTRACT_LIBS)
