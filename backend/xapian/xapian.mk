# xapian.mk - the bindings of libxapian, the only C++ of the project.
#
# One set of objects makes two files: libxapian-c.so, a library for any C
# program, and libcdgsearch-xapian.so, the module that libcdgsearch opens when a
# Xapian database is named.  Without libxapian or a C++ compiler neither is
# built, which is said, and their tests are skipped.

ifeq ($(origin CXX),default)
CXX := $(if $(findstring clang,$(CC)),clang++,g++)
endif
XAPIAN_LACKS := $(shell $(PKG_CONFIG) --exists 'xapian-core >= 1.4.18' 2>/dev/null || echo 'libxapian-dev (1.4.18 or later)'; \
	command -v $(firstword $(CXX)) >/dev/null 2>&1 || echo "a C++ compiler ($(firstword $(CXX)))")
XAPIAN_SOVERSION := 0
XAPIAN_DIR := backend/xapian
XAPIAN_SRC := $(sort $(wildcard $(XAPIAN_DIR)/*.cc))
XAPIAN_OBJ := $(XAPIAN_SRC:%.cc=$(OBJ)/%.o)
XAPIAN_SO := $(BUILD)/lib/libxapian-c.so
XAPIAN_MODULE := $(BUILD)/lib/libcdgsearch-xapian.so
XAPIAN_TEST_SRC := $(sort $(wildcard tests/xapian/t_*.c))
XAPIAN_TEST := $(XAPIAN_TEST_SRC:tests/%.c=$(BUILD)/tests/%)
XAPIAN_CXXFLAGS = -std=c++17 $(OPT) -g -Wall -Wextra -Wshadow $(if $(filter 1,$(WERROR)),-Werror) -fPIC \
	-fvisibility=hidden -I. $(SAN) $$($(PKG_CONFIG) --cflags xapian-core) $(CPPFLAGS) $(CXXFLAGS)
XAPIAN_LINK = $(CXX) -shared -Wl,--version-script=$(XAPIAN_DIR)/xapian-c.map $(if $(SAN),,-Wl,-z,defs)

# for programs of the build folder
XAPIAN_USE = -L$(BUILD)/lib -lxapian-c -Wl,-rpath,$(abspath $(BUILD)/lib)

ifeq ($(XAPIAN_LACKS),)
XAPIAN_BUILT := $(XAPIAN_SO) $(XAPIAN_MODULE) $(BUILD)/lib/xapian-c.pc
XAPIAN_CHECK = $(XAPIAN_TEST) $(sort $(wildcard tests/xapian/[a-z]*.sh))
else
XAPIAN_BUILT := xapian-lacks
XAPIAN_CHECK := tests/xapian/header.sh
endif

.PHONY: xapian-lacks xapian-tests install-xapian uninstall-xapian
xapian-lacks:
	@echo "make: Xapian is left out, $(XAPIAN_LACKS) is missing: tools/install-deps.sh installs it" >&2
	@rm -f $(XAPIAN_SO)* $(XAPIAN_MODULE) $(BUILD)/lib/xapian-c.pc

$(OBJ)/$(XAPIAN_DIR)/%.o: $(XAPIAN_DIR)/%.cc $(OBJ)/.flags
	@mkdir -p $(@D)
	$(say) "  CXX     $<"
	$(Q)$(CXX) $(XAPIAN_CXXFLAGS) -MMD -MP -c $< -o $@

$(XAPIAN_SO): $(XAPIAN_OBJ) $(XAPIAN_DIR)/xapian-c.map
	@mkdir -p $(@D)
	$(say) "  LD      $@"
	$(Q)$(XAPIAN_LINK) -Wl,-soname,libxapian-c.so.$(XAPIAN_SOVERSION) $(XAPIAN_OBJ) $(SAN) $(LDFLAGS) \
		$$($(PKG_CONFIG) --libs xapian-core) -o $@.$(VERSION)
	@ln -sf $(notdir $@).$(VERSION) $@.$(XAPIAN_SOVERSION)
	@ln -sf $(notdir $@).$(VERSION) $@

$(XAPIAN_MODULE): $(XAPIAN_OBJ) $(XAPIAN_DIR)/xapian-c.map
	@mkdir -p $(@D)
	$(say) "  LD      $@"
	$(Q)$(XAPIAN_LINK) $(XAPIAN_OBJ) $(SAN) $(LDFLAGS) $$($(PKG_CONFIG) --libs xapian-core) -o $@

$(BUILD)/lib/xapian-c.pc: $(XAPIAN_DIR)/xapian-c.pc.in include/cdgsearch.h Makefile FORCE
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' $< >$@

# Tests see the library as any C program does.
$(BUILD)/tests/xapian/t_%: $(OBJ)/tests/xapian/t_%.o $(XAPIAN_SO)
	@mkdir -p $(@D)
	$(say) "  LD      $@"
	$(Q)$(CC) $< $(ALL_LDFLAGS) $(XAPIAN_USE) -lcmocka -lm -lpthread -o $@

xapian-tests: $(if $(XAPIAN_LACKS),,$(XAPIAN_TEST))
	@:

install-xapian: $(if $(XAPIAN_LACKS),,$(XAPIAN_BUILT))
ifeq ($(XAPIAN_LACKS),)
	install -m 755 $(XAPIAN_SO).$(VERSION) $(XAPIAN_MODULE) $(DESTDIR)$(LIBDIR)
	ln -sf libxapian-c.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libxapian-c.so.$(XAPIAN_SOVERSION)
	ln -sf libxapian-c.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libxapian-c.so
	install -m 644 $(BUILD)/lib/xapian-c.pc $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 644 $(XAPIAN_DIR)/xapian_c.h $(DESTDIR)$(PREFIX)/include
else
	@:
endif

uninstall-xapian:
	rm -f $(DESTDIR)$(LIBDIR)/libxapian-c.so* $(DESTDIR)$(LIBDIR)/libcdgsearch-xapian.so \
		$(DESTDIR)$(LIBDIR)/pkgconfig/xapian-c.pc $(DESTDIR)$(PREFIX)/include/xapian_c.h

-include $(XAPIAN_OBJ:.o=.d)
