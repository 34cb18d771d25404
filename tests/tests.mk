# unit/: Check programs, one a room of lib/; live/: the programs from the command line; peers/: whom they meet.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
T_LOG_DRIVER = $(LOG_DRIVER)
TEST_EXTENSIONS = .t
TESTS = $(check_PROGRAMS) $(dist_check_SCRIPTS)
AM_TESTS_ENVIRONMENT = \
	CC='$(CC)'; export CC; \
	STACKS='$(built_stacks)'; export STACKS; \
	TBDIAG_MODULE_DIR='$(abs_builddir)/lib/.libs'; export TBDIAG_MODULE_DIR; \
	TBDIAG_STACK_DIR=/nonexistent; export TBDIAG_STACK_DIR; \
	abs_top_srcdir='$(abs_top_srcdir)'; export abs_top_srcdir; \
	abs_top_builddir='$(abs_top_builddir)'; export abs_top_builddir;

# ---- peers, data ----------------------------------------------------------------------------------

# A server in a thread that misbehaves as it is told, and programs around it.
noinst_LTLIBRARIES += tests/libpeer.la
tests_libpeer_la_SOURCES = tests/peers/peer.c tests/peers/peer.h
tests_libpeer_la_LIBADD = certs/libmint.la
EXTRA_PROGRAMS += tests/peers/tls-peer tests/peers/marked-peer
tests_peers_tls_peer_LDADD = tests/libpeer.la
tests_peers_marked_peer_LDADD = tests/libpeer.la
tests/live/addresses.log tests/live/tls-faults.log tests/live/transports.log: tests/peers/tls-peer
tests/live/report.log: tests/peers/marked-peer

# The system's resolver as it answers in other networks.
check_LTLIBRARIES = tests/resolver.la
tests_resolver_la_SOURCES = tests/peers/resolver.c
tests_resolver_la_LDFLAGS = -module -avoid-version -shared -rpath $(abs_builddir)

EXTRA_DIST += \
	tests/peers/aia-server.py \
	tests/peers/answer-peer.py \
	tests/peers/coap-peer.py \
	tests/peers/costly-chain.py \
	tests/peers/costly-crl.py \
	tests/peers/costly-keys.py \
	tests/peers/costly-peer.py \
	tests/peers/dtls-peer.py \
	tests/peers/fake-stack.py \
	tests/peers/hostile-device.py \
	tests/peers/http-peer.py \
	tests/peers/listeners.py \
	tests/peers/mqtt-script.py \
	tests/peers/ocsp-peer.py \
	tests/peers/proxy-peer.py \
	tests/peers/next-peer.py \
	tests/peers/repeat-peer.py \
	tests/peers/terminal.py \
	tests/peers/tls-peer.py \
	tests/peers/tls-server.py \
	tests/peers/udp-relay.py \
	tests/peers/ws-relay.py
EXTRA_DIST += $(srcdir)/tests/data/fixtures $(srcdir)/tests/data/golden $(srcdir)/tests/data/vectors \
	$(srcdir)/tests/data/decoder tests/data/published-ids.tsv tests/data/rsa-8192-key.pem

# ---- unit -----------------------------------------------------------------------------------------

# Reports, stores and servers to test with, and the main of all Check programs. Tests see what the shared
# library hides.
noinst_LTLIBRARIES += tests/libunit.la
tests_libunit_la_SOURCES = \
	tests/peers/mqtt-peer.c tests/peers/mqtt-peer.h \
	tests/unit/fault-table.c tests/unit/fault-table.h \
	tests/unit/healthy-report.c tests/unit/healthy-report.h tests/unit/sample-set.c
UNIT_LIBS = tests/libunit.la tests/libpeer.la certs/libmint.la tools/libdecoder.la tools/libtools.la \
	lib/libtbdi.la \
	$(CHECK_LIBS) $(GNUTLS_LIBS) $(JANSSON_LIBS)
LDADD = $(UNIT_LIBS)

if HAVE_CHECK
tests_libunit_la_SOURCES += \
	tests/unit/check-main.c tests/unit/check-main.h \
	tests/unit/net-fixture.c tests/unit/net-fixture.h \
	tests/unit/tls-fixture.c tests/unit/tls-fixture.h \
	tests/unit/trust-fixture.c tests/unit/trust-fixture.h
check_PROGRAMS += tests/unit/test-base tests/unit/test-certs tests/unit/test-device tests/unit/test-modules \
	tests/unit/test-net tests/unit/test-report tests/unit/test-rules tests/unit/test-set \
	tests/unit/test-tools tests/unit/test-verify tests/unit/test-x509
tests_unit_test_base_SOURCES = tests/unit/base/arena.c tests/unit/base/devices.c tests/unit/base/mask.c \
	tests/unit/base/protocol.c tests/unit/base/rfc3339.c
tests_unit_test_certs_SOURCES = tests/unit/certs/mint.c
tests_unit_test_device_SOURCES = tests/unit/device/link.c tests/unit/device/token.c
tests_unit_test_modules_SOURCES =
tests_unit_test_net_SOURCES = tests/unit/net/datagram.c tests/unit/net/many-probes.c tests/unit/net/mqtt-observer.c \
	tests/unit/net/probe.c tests/unit/net/second-connection.c tests/unit/net/target.c \
	tests/unit/net/websocket.c
tests_unit_test_report_SOURCES = tests/unit/report/environment.c tests/unit/report/flow.c \
	tests/unit/report/json-read.c tests/unit/report/json-write.c tests/unit/report/redact.c \
	tests/unit/report/schema.c tests/unit/report/text.c tests/unit/report/words.c
EXTRA_tests_unit_test_report_DEPENDENCIES = tests/live/report-sample
tests_unit_test_rules_SOURCES = tests/unit/rules/judge.c tests/unit/rules/rules.c
tests_unit_test_set_SOURCES = tests/unit/set/set.c
tests_unit_test_tools_SOURCES = tests/unit/tools/decoder.c tests/unit/tools/options.c
tests_unit_test_verify_SOURCES = tests/unit/verify/memory.c tests/unit/verify/profile.c tests/unit/verify/trust.c tests/unit/verify/verify.c
tests_unit_test_x509_SOURCES = tests/unit/x509/cert.c tests/unit/x509/crl.c tests/unit/x509/dn.c \
	tests/unit/x509/hostname.c tests/unit/x509/pem.c
if ENABLE_FETCH
tests_unit_test_modules_SOURCES += tests/unit/modules/fetch-http.c
endif
if ENABLE_MQTT
tests_unit_test_base_SOURCES += tests/unit/base/module.c
tests_unit_test_device_SOURCES += tests/unit/device/hostile-mqtt.c tests/unit/device/mqtt.c \
	tests/unit/device/mqtt-tls.c tests/unit/device/token-proof.c
tests_unit_test_net_SOURCES += tests/unit/net/hostile-tls.c
endif
if ENABLE_HTTP
tests_unit_test_device_SOURCES += tests/unit/device/http-proof.c
tests_unit_test_modules_SOURCES += tests/unit/modules/transport-http.c
endif
else
# Most of the tests would be left out.
check-local:
	@echo 'make check needs Check (package check): install it and run configure again' >&2
	@exit 1
endif

# Through libtool, or valgrind would look at the wrapper scripts.
EXTRA_PROGRAMS += tests/unit/leaks
tests_unit_leaks_LDADD =
VALGRIND_RUN = $(LIBTOOL) --mode=execute valgrind --quiet --leak-check=full \
	--errors-for-leak-kinds=definite,indirect --error-exitcode=99
check-valgrind: $(check_PROGRAMS) tests/unit/leaks
	if $(VALGRIND_RUN) tests/unit/leaks 2>/dev/null; then echo 'valgrind misses a leak' >&2; exit 1; fi
	CK_FORK=no CK_TIMEOUT_MULTIPLIER=20 $(MAKE) $(AM_MAKEFLAGS) check-TESTS \
		TESTS='$(check_PROGRAMS)' LOG_COMPILER='$(VALGRIND_RUN)'
.PHONY: check-valgrind

# ---- live -----------------------------------------------------------------------------------------

dist_check_SCRIPTS += \
	tests/live/advice.t \
	tests/live/bounds.t \
	tests/live/chain-file.t \
	tests/live/clients.t \
	tests/live/completion.t \
	tests/live/conformance.t \
	tests/live/coverage.t \
	tests/live/crl.t \
	tests/live/decoder.t \
	tests/live/default-certificates.t \
	tests/live/devices.t \
	tests/live/dtls-hostile.t \
	tests/live/example.t \
	tests/live/explain.t \
	tests/live/exports.t \
	tests/live/fix-commands.t \
	tests/live/floors.t \
	tests/live/foreign-options.t \
	tests/live/fuzz-hello.t \
	tests/live/fuzz-report.t \
	tests/live/fuzz.t \
	tests/live/healthy.t \
	tests/live/ids.t \
	tests/live/inspection.t \
	tests/live/listen.t \
	tests/live/input.t \
	tests/live/lint.t \
	tests/live/long-chains.t \
	tests/live/net.t \
	tests/live/options.t \
	tests/live/output.t \
	tests/live/schema.t \
	tests/live/second-handshake.t \
	tests/live/shared-trust.t \
	tests/live/stack-helpers.t \
	tests/live/strict.t \
	tests/live/tables.t \
	tests/live/tls-faults.t \
	tests/live/token.t
if ENABLE_HTTP
dist_check_SCRIPTS += \
	tests/live/http-hostile.t \
	tests/live/web-servers.t
endif
if ENABLE_MQTT
dist_check_SCRIPTS += \
	tests/live/credentials.t \
	tests/live/general-broker.t \
	tests/live/mqtt-endings.t \
	tests/live/mqtt-refusals.t
if ENABLE_HTTP
dist_check_SCRIPTS += \
	tests/live/repeat.t
if ENABLE_COAP
dist_check_SCRIPTS += tests/live/server-states.t
endif
endif
endif
if ENABLE_STACKS
dist_check_SCRIPTS += tests/live/stacks.t
endif
if ENABLE_SANDBOX
dist_check_SCRIPTS += \
	tests/live/addresses.t \
	tests/live/chains-live.t \
	tests/live/paho-example.t \
	tests/live/store-format.t \
	tests/live/trust-files.t \
	tests/live/verify-live.t
if ENABLE_COAP
dist_check_SCRIPTS += \
	tests/live/coap-hostile.t \
	tests/live/coap-live.t \
	tests/live/dtls.t
endif
if ENABLE_FETCH
dist_check_SCRIPTS += \
	tests/live/fetch-missing.t
endif
if ENABLE_HTTP
dist_check_SCRIPTS += \
	tests/live/http-live.t
if ENABLE_COAP
dist_check_SCRIPTS += tests/live/trust-command.t
endif
endif
if ENABLE_MQTT
dist_check_SCRIPTS += \
	tests/live/roundtrip-live.t \
	tests/live/screen.t \
	tests/live/vectors.t \
	tests/live/websockets.t
if ENABLE_FETCH
dist_check_SCRIPTS += \
	tests/live/ocsp.t
endif
if ENABLE_HTTP
dist_check_SCRIPTS += \
	tests/live/faults.t \
	tests/live/report.t
if ENABLE_COAP
dist_check_SCRIPTS += \
	tests/live/proxy-live.t \
	tests/live/transports.t \
	tests/live/visibility.t
endif
endif
endif
endif
EXTRA_DIST += \
	tests/live/completion.py \
	tests/live/explain.py \
	tests/live/paho-example.py \
	tests/live/sandbox.sh \
	tests/live/schema.py \
	tests/live/shared-trust.c \
	tests/live/tap.sh \
	tests/live/trust-bearssl.c \
	tests/live/trust-mbedtls.c \
	tests/live/vectors.py

# Reports for the test of the schema.
EXTRA_PROGRAMS += tests/live/report-sample
tests/live/ids.log tests/live/schema.log tests/live/report.log: tests/live/report-sample

# The example of libtbdiag(3), as a user would compile it.
tests/live/example.c: man/libtbdiag.3.scd
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(AWK) '/^```/ { code = !code; next } code { gsub(/\\\\/, "\\"); print }' \
		$(srcdir)/man/libtbdiag.3.scd >$@
CLEANFILES += tests/live/example.c
EXTRA_PROGRAMS += tests/live/example
nodist_tests_live_example_SOURCES = tests/live/example.c
tests_live_example_CFLAGS = $(AM_CFLAGS) -std=c99
tests_live_example_LDADD = lib/libtbdiag.la
tests/live/example.log: tests/live/example

# Path validation over a corpus in the format of x509-limbo: make check-conformance LIMBO=FILE
# [PROFILE=device|rfc5280|webpki]. The counts are the result: that cases failed is no failure of make.
EXTRA_PROGRAMS += tests/live/conformance
check-conformance: tests/live/conformance
	@case '$(LIMBO)' in \
	'') echo 'usage: make check-conformance LIMBO=FILE' >&2; exit 3;; \
	*.xz) xz -dc '$(LIMBO)' | tests/live/conformance $(PROFILE:%=--profile %) /dev/stdin;; \
	*) tests/live/conformance $(PROFILE:%=--profile %) '$(LIMBO)';; \
	esac || test $$? -eq 1
.PHONY: check-conformance
tests/live/conformance.log: tests/live/conformance

# ---- fuzz: the corpora are replayed without a fuzzer ----------------------------------------------

# To fuzz, configure --enable-fuzzing CC=clang in a build directory of its own, then: make fuzz [FUZZ_SECONDS=600]
FUZZ_SECONDS = 60
EXTRA_PROGRAMS += tests/fuzz/replay-decoder tests/fuzz/replay-explore tests/fuzz/replay-hello \
	tests/fuzz/replay-pkcs tests/fuzz/replay-report tests/fuzz/replay-store
tests_fuzz_replay_decoder_SOURCES = tests/fuzz/replay.c tests/fuzz/decoder.c
tests_fuzz_replay_explore_SOURCES = tests/fuzz/replay.c tests/fuzz/explore.c
tests_fuzz_replay_hello_SOURCES = tests/fuzz/replay.c tests/fuzz/hello.c
tests_fuzz_replay_hello_LDADD = tools/liblisten.la $(UNIT_LIBS)
tests_fuzz_replay_pkcs_SOURCES = tests/fuzz/replay.c tests/fuzz/pkcs.c
tests_fuzz_replay_report_SOURCES = tests/fuzz/replay.c tests/fuzz/report.c
tests_fuzz_replay_store_SOURCES = tests/fuzz/replay.c tests/fuzz/store.c
EXTRA_DIST += $(srcdir)/tests/fuzz/corpus-decoder $(srcdir)/tests/fuzz/corpus-explore \
	$(srcdir)/tests/fuzz/corpus-hello $(srcdir)/tests/fuzz/corpus-pkcs \
	$(srcdir)/tests/fuzz/corpus-report $(srcdir)/tests/fuzz/corpus-store
tests/live/fuzz.log: tests/fuzz/replay-decoder tests/fuzz/replay-explore tests/fuzz/replay-pkcs tests/fuzz/replay-store
tests/live/fuzz-hello.log: tests/fuzz/replay-hello
tests/live/fuzz-report.log: tests/fuzz/replay-report
if FUZZING
EXTRA_PROGRAMS += tests/fuzz/fuzz-decoder tests/fuzz/fuzz-explore tests/fuzz/fuzz-hello \
	tests/fuzz/fuzz-pkcs tests/fuzz/fuzz-report tests/fuzz/fuzz-store
tests_fuzz_fuzz_decoder_SOURCES = tests/fuzz/decoder.c
tests_fuzz_fuzz_decoder_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_explore_SOURCES = tests/fuzz/explore.c
tests_fuzz_fuzz_explore_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_hello_SOURCES = tests/fuzz/hello.c
tests_fuzz_fuzz_hello_LDADD = tools/liblisten.la $(UNIT_LIBS)
tests_fuzz_fuzz_hello_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_pkcs_SOURCES = tests/fuzz/pkcs.c
tests_fuzz_fuzz_pkcs_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_store_SOURCES = tests/fuzz/store.c
tests_fuzz_fuzz_store_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_report_SOURCES = tests/fuzz/report.c
tests_fuzz_fuzz_report_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZ_RUN = $(LIBTOOL) --mode=execute tests/fuzz/$@ -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 \
	-rss_limit_mb=1024 fuzz-corpus/$@ $(srcdir)/tests/fuzz/$(@:fuzz-%=corpus-%)
fuzz-decoder: tests/fuzz/fuzz-decoder
	$(MKDIR_P) fuzz-corpus/$@ && $(FUZZ_RUN) -max_len=20000 -timeout=10
fuzz-explore: tests/fuzz/fuzz-explore
	$(MKDIR_P) fuzz-corpus/$@ && $(FUZZ_RUN) -max_len=84 -timeout=10
fuzz-hello: tests/fuzz/fuzz-hello
	$(MKDIR_P) fuzz-corpus/$@ && $(FUZZ_RUN) -max_len=20000 -timeout=10
fuzz-report: tests/fuzz/fuzz-report
	$(MKDIR_P) fuzz-corpus/$@ && $(FUZZ_RUN) -max_len=40000 -timeout=20
fuzz-pkcs: tests/fuzz/fuzz-pkcs
	$(MKDIR_P) fuzz-corpus/$@ && $(FUZZ_RUN) -max_len=4000 -timeout=10
fuzz-store: tests/fuzz/fuzz-store
	$(MKDIR_P) fuzz-corpus/$@ && $(FUZZ_RUN) -max_len=4000 -timeout=10
fuzz: fuzz-decoder fuzz-explore fuzz-hello fuzz-pkcs fuzz-report fuzz-store
endif
.PHONY: fuzz fuzz-decoder fuzz-explore fuzz-hello fuzz-pkcs fuzz-report fuzz-store

# ---- bench: make bench ----------------------------------------------------------------------------

benches = tests/bench/startup tests/bench/lint tests/bench/deadlines
bench_tools = tests/bench/bare-client tests/bench/mint-family tests/bench/mint-faults tests/bench/pool \
	tests/bench/side-by-side
EXTRA_PROGRAMS += $(bench_tools)
tests_bench_bare_client_LDADD = $(GNUTLS_LIBS)
if ENABLE_MQTT
bench_tools += tests/bench/bare-roundtrip
tests_bench_bare_roundtrip_LDADD = $(MOSQUITTO_LIBS)
if ENABLE_SANDBOX
benches += tests/bench/roundtrip tests/bench/explain
endif
endif
EXTRA_DIST += tests/bench/common.sh tests/bench/deadlines tests/bench/lint tests/bench/startup tests/bench/roundtrip tests/bench/explain

bench-tools: all $(bench_tools)
bench: bench-tools
	set -e; for bench in $(benches); do $(srcdir)/$$bench $(builddir); done
	tests/bench/pool
.PHONY: bench bench-tools
