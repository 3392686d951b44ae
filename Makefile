# etalon - one Makefile, objects in build/.  Targets: all demo check check-matrix check-threads check-long bench install clean
#
#   make SAN=address,undefined check    everything under sanitizers, in build/san
#   make CC=clang-14                    another compiler, in build/clang-14

VERSION  := 0.1
PREFIX   ?= /usr/local
DESTDIR  ?=
SAN      ?=
CC       := $(if $(filter default,$(origin CC)),gcc,$(CC))
PYTHON   := /usr/bin/python3

comma    := ,
B        := build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))$(if $(filter-out gcc,$(CC)),/$(notdir $(CC)))

WARN     := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wwrite-strings -Wformat=2 -Wvla -Wundef -Werror
OPT      ?= -O2 -g
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
CFLAGS   ?=
# make V=1 shows whole command lines.
Q        := $(if $(V),,@)
say       = $(if $(V),,@printf '  %-5s %s\n' $1 $2)
# Only asked for when something is compiled: make clean and make demo start on a bare machine.
pkg       = $(shell pkg-config $1 $2)
DEPS     := yaml-0.1 jansson libcrypto libzmq libserialport libmodbus libsystemd
CPPFLAGS += -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -iquote lib -iquote lib/archive -iquote lib/uncertainty -iquote lib/dcc -iquote drivers -iquote daemon -iquote tools
ALL_C     = -std=gnu11 $(WARN) $(OPT) $(SANFLAGS) -ffp-contract=off -pthread $(EARLY) -include lib/banned.h $(CPPFLAGS) $(CFLAGS)

LIB_SRC  := $(wildcard lib/*.c)
ARC_SRC  := $(wildcard lib/archive/*.c)
UNC_SRC  := $(wildcard lib/uncertainty/*.c)
DCC_SRC  := $(wildcard lib/dcc/*.c)
DRV_SRC  := $(wildcard drivers/*.c)
DMN_SRC  := $(wildcard daemon/*.c)
CLI_SRC  := $(wildcard tools/etalon/*.c)
REC_SRC  := $(wildcard tools/record/*.c)
ASK_SRC  := tools/client.c
SIM_SRC  := $(wildcard tools/sim/*.c)
BENCH_SRC:= $(wildcard tests/bench/bench_*.c)
BENCH_AID:= $(filter-out $(BENCH_SRC),$(wildcard tests/bench/*.c))
UNIT_SRC := $(wildcard tests/unit/test_*.c tests/link/test_*.c)
AID_SRC  := $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c tests/link/*.c))
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
obj       = $(patsubst %.c,$(B)/%.o,$1)
prog      = $(patsubst %.c,$(B)/%,$1)

PROGRAMS := $(if $(DMN_SRC),$(B)/etalond) $(if $(CLI_SRC),$(B)/etalon) \
            $(if $(REC_SRC),$(B)/etalon-record) $(if $(SIM_SRC),$(B)/etalon-sim)
UNIT     := $(patsubst %.c,$(B)/%,$(UNIT_SRC))
SYSTEM   := $(patsubst %.c,$(B)/%,$(wildcard tests/system/*.c))
MAN      := $(patsubst docs/man/%.scd,$(B)/man/%,$(wildcard docs/man/*.scd))

all: $(PROGRAMS) man

HDF_L     = $(call pkg,--libs,hdf5-serial zlib)
GSL_L     = $(call pkg,--libs,gsl)
XML_L     = $(call pkg,--libs,libxml-2.0)
LIBS      = $(call pkg,--libs,$(DEPS)) -ludunits2 -lm

# A struct of hdf5.h has a member ctime, so it comes before that name is banned.
TAMPER := $(B)/tests/unit/tamper.o $(B)/tests/unit/follow.o
$(B)/lib/archive/%.o $(TAMPER): EARLY = $(call pkg,--cflags,hdf5-serial) -include hdf5.h
$(B)/daemon/ledger.o $(B)/tools/etalon/validate_record.o: CPPFLAGS += -DBUILD='"$(shell git describe --always --dirty 2>/dev/null || echo release)"'
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_C) -MMD -MP -c -o $@ $<

$(B)/libetalon.a: $(call obj,$(LIB_SRC))
$(B)/libarchive.a: $(call obj,$(ARC_SRC))
$(B)/libuncertainty.a: $(call obj,$(UNC_SRC))
$(B)/libdcc.a: $(call obj,$(DCC_SRC))
$(B)/lib/dcc/%.o: CPPFLAGS += $(call pkg,--cflags,libxml-2.0)
$(B)/libdrivers.a: $(call obj,$(DRV_SRC))
$(B)/lib%.a:
	@mkdir -p $(@D); rm -f $@
	$(call say,AR,$@)
	$(Q)ar rcs $@ $^

# Of libuncertainty the daemon takes what checks a model; nothing that needs GSL (tests/system/test_uncertainty.py looks).
$(B)/etalond: $(call obj,$(DMN_SRC)) $(B)/libdrivers.a $(B)/libuncertainty.a $(B)/libetalon.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_C) -o $@ $^ $(LIBS)
$(B)/etalon: $(call obj,$(CLI_SRC) $(ASK_SRC)) $(B)/libdrivers.a $(B)/libarchive.a $(B)/libdcc.a $(B)/libuncertainty.a $(B)/libetalon.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_C) -o $@ $^ $(LIBS) $(HDF_L) $(GSL_L) $(XML_L) -ledit
$(B)/etalon-record: $(call obj,$(REC_SRC) $(ASK_SRC)) $(B)/libarchive.a $(B)/libetalon.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_C) -o $@ $^ $(LIBS) $(HDF_L)
$(B)/etalon-sim: $(call obj,$(SIM_SRC) $(ASK_SRC)) $(B)/libdrivers.a $(B)/libetalon.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_C) -o $@ $^ $(LIBS)

# A unit test is one file; helpers of the tests are the other files of its folder.
$(B)/tests/%: $(B)/tests/%.o $(call obj,$(AID_SRC)) $(B)/libdrivers.a $(B)/libarchive.a $(B)/libdcc.a $(B)/libuncertainty.a $(B)/libetalon.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_C) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) $(HDF_L) $(GSL_L) $(XML_L) -lcmocka -lutil
# A benchmark may also hold the daemon's own modules, all but its main.  (Named one by one: of two
# patterns make takes the one whose prerequisites happen to exist already.)
$(call prog,$(BENCH_SRC)): $(B)/tests/bench/bench_%: $(B)/tests/bench/bench_%.o $(call obj,$(BENCH_AID) $(filter-out daemon/main.c,$(DMN_SRC))) $(B)/libdrivers.a $(B)/libarchive.a $(B)/libdcc.a $(B)/libuncertainty.a $(B)/libetalon.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_C) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) $(HDF_L) $(GSL_L) $(XML_L) -lutil
$(B)/tests/bench/bench_journal: LIBS += -lsqlite3
.PRECIOUS: $(B)/%.o

# Preload shims that let tests reach code the machine would hide (see the head of each).
$(B)/tests/shim/%.so: tests/shim/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -Wall -Wextra -Werror -D_GNU_SOURCE -O2 -fPIC -shared -o $@ $< -ldl
SHIMS := $(patsubst %.c,$(B)/%.so,$(wildcard tests/shim/*.c))

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ---- tests ------------------------------------------------------------------------------
# Fuzz targets: the corpus runs in `make check` through run_corpus.c; `make fuzz-link` goes on from
# there with libFuzzer (clang) for FUZZ_SECONDS.
FUZZ     := $(patsubst tests/fuzz/fuzz_%.c,$(B)/tests/fuzz/fuzz_%,$(FUZZ_SRC))
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/run_corpus.o $(B)/libdrivers.a $(B)/libarchive.a $(B)/libdcc.a $(B)/libuncertainty.a $(B)/libetalon.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_C) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) $(HDF_L) $(GSL_L) $(XML_L)
FUZZ_SECONDS ?= 60
fuzz-%:
	$(MAKE) CC=clang SAN=fuzzer-no-link,address,undefined $(addprefix build/san-fuzzer-no-link-address-undefined/clang/,libdrivers.a libarchive.a libdcc.a libuncertainty.a libetalon.a) \
		build/san-fuzzer-no-link-address-undefined/clang/tests/fuzz/fuzz_$*.o
	cd build/san-fuzzer-no-link-address-undefined/clang && clang -fsanitize=fuzzer,address,undefined -o fuzz_$* \
		tests/fuzz/fuzz_$*.o libdrivers.a libarchive.a libdcc.a libuncertainty.a libetalon.a $(LIBS) $(HDF_L) $(GSL_L) $(XML_L)
	mkdir -p build/corpus/$*
	build/san-fuzzer-no-link-address-undefined/clang/fuzz_$* -max_total_time=$(FUZZ_SECONDS) build/corpus/$* tests/fuzz/corpus/$*

unit: $(UNIT) $(FUZZ) $(SHIMS)
	@tests/unit.sh $(B) $(UNIT)
	@for f in $(patsubst $(B)/tests/fuzz/fuzz_%,%,$(FUZZ)); do \
		$(B)/tests/fuzz/fuzz_$$f tests/fuzz/corpus/$$f || exit 1; done

# Most of them wait most of the time: four at once, file by file; tests/system.sh says what is tried again.
AT_ONCE  ?= -n 4 --dist loadfile
system: all $(SHIMS) $(SYSTEM)
	@tests/system.sh $(PYTHON) $(abspath $(B)) $(AT_ONCE) $(PYTEST_ARGS) tests/system tests/crash

check:
	@tools/need.sh check
	@$(MAKE) --no-print-directory all
	@tests/storeys.py
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory system

# Whole runs under ThreadSanitizer, with aborts, faults, kills, full disks and several benches at once.  libzmq
# is not built for it: what its own threads do is not looked at, and daemon/post.c says in what order
# a message puts ours.
THREADS  := run overflow faults sources manual waits
check-threads:
	@$(MAKE) --no-print-directory SAN=thread all
	TSAN_OPTIONS=suppressions=$(CURDIR)/tests/libzmq.tsan ETALON_HANG=180 ETALON_BUILD=build/san-thread \
		$(PYTHON) -m pytest -q -p no:cacheprovider $(PYTEST_ARGS) $(THREADS:%=tests/system/test_%.py) tests/crash

# Every fault a hundred times on every way: 110 benches, of which 50 took 14 minutes on two cores that had other work
# beside them.  They wait most of the time: many at once.
check-matrix: all $(SHIMS)
	ETALON_REPEATS=100 ETALON_HANG=180 ETALON_BUILD=$(B) $(PYTHON) -m pytest -q -p no:cacheprovider -n 14 \
		--dist load -m matrix $(PYTEST_ARGS) tests/system

# What takes longer than a cup of tea: the other compiler, all torn images, all kills, full fault matrix, threads.
check-long:
	@tools/need.sh check
	@$(MAKE) --no-print-directory CC=clang all unit
	@ETALON_LONG=1 $(MAKE) --no-print-directory unit system
	@$(MAKE) --no-print-directory check-matrix
	@$(MAKE) --no-print-directory check-threads

# Ratios beside a yardstick in the same run, one table; not part of any check.
#   make bench BENCH="link ingest"      only these programs
#   make bench ROWS="recorded_64 pty"   only rows in whose names one of these words stands
BENCH    ?= $(patsubst tests/bench/bench_%.c,%,$(BENCH_SRC))
BENCHES  := $(patsubst %,$(B)/tests/bench/bench_%,$(BENCH))
bench: all $(BENCHES)
	@tools/need.sh bench
	@ROWS="$(ROWS)" tests/bench/run.sh $(B) $(BENCHES)

demo:
	@tools/need.sh build
	@echo "Building ..."
	@$(MAKE) --no-print-directory -s all
	@tools/demo.sh $(B)

# ---- manual pages, installation ------------------------------------------------------------
MAN      := $(patsubst docs/man/%.scd,$(B)/man/%,$(wildcard docs/man/*.scd))
man: $(MAN)
$(B)/man/%: docs/man/%.scd
	@mkdir -p $(@D)
	$(call say,MAN,$@)
	$(Q)scdoc < $< > $@

# The keys of model files come from the tables that read them.
$(B)/man/etalon-model.5: docs/man/etalon-model.5.scd $(B)/etalon
	@mkdir -p $(@D)
	$(call say,MAN,$@)
	$(Q)$(B)/etalon model keys --scdoc > $@.keys
	$(Q)sed -e '/^@KEYS@$$/{r $@.keys' -e 'd}' $< | scdoc > $@

# So do the functions of measurement models.
$(B)/man/etalon-functions.7: docs/man/etalon-functions.7.scd $(B)/etalon
	@mkdir -p $(@D)
	$(call say,MAN,$@)
	$(Q)$(B)/etalon functions --scdoc > $@.functions
	$(Q)sed -e '/^@FUNCTIONS@$$/{r $@.functions' -e 'd}' $< | scdoc > $@

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/etalon \
		$(DESTDIR)$(PREFIX)/share/doc/etalon
	install -m 755 $(B)/etalon $(B)/etalon-record $(B)/etalon-sim $(B)/etalond $(DESTDIR)$(PREFIX)/bin
	cp -r config/. $(DESTDIR)$(PREFIX)/share/etalon
	install -m 644 README.md NEWS docs/*.md $(DESTDIR)$(PREFIX)/share/doc/etalon
	for m in $(MAN); do install -D -m 644 $$m $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m##*/}; done

clean:
	rm -rf build

.PHONY: all unit system clean man demo check check-matrix check-threads check-long bench install
