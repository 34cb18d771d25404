# A local ThingsBoard: all that belongs to it is in this folder.
EXTRA_DIST += tools/sandbox/tbdiag-sandbox.1.scd tools/sandbox/coap.c tools/sandbox/no-coap.c \
	tools/sandbox/tests/sandbox-faults.py tools/sandbox/tests/sandbox-http.py tools/sandbox/tests/sandbox-mqtt.py
if ENABLE_MAN
# Made beside the others, where `tbdiag help` of a build tree looks for it.
man_MANS += man/tbdiag-sandbox.1
man/tbdiag-sandbox.1: tools/sandbox/tbdiag-sandbox.1.scd
	$(MAN_FROM_SCD)
endif
if ENABLE_SANDBOX
noinst_LTLIBRARIES += tools/libsandbox.la
tools_libsandbox_la_CPPFLAGS = $(AM_CPPFLAGS) -DSANDBOX_MODULE_DIR='"$(pkglibdir)"'
tools_libsandbox_la_CFLAGS = $(AM_CFLAGS) $(MICROHTTPD_CFLAGS) $(COAP_GNUTLS_CFLAGS)
tools_libsandbox_la_LIBADD = certs/libmint.la tools/libtools.la \
	$(GNUTLS_LIBS) $(JANSSON_LIBS) $(MICROHTTPD_LIBS) $(COAP_GNUTLS_LIBS)
tools_libsandbox_la_SOURCES = \
	tools/sandbox/broker.c tools/sandbox/broker.h \
	tools/sandbox/chains.c tools/sandbox/chains.h \
	tools/sandbox/clock.h \
	tools/sandbox/faults.c tools/sandbox/faults.h \
	tools/sandbox/gate.c tools/sandbox/gate.h \
	tools/sandbox/gson.c \
	tools/sandbox/http.c tools/sandbox/http.h \
	tools/sandbox/limits.c tools/sandbox/limits.h \
	tools/sandbox/mqtt.c tools/sandbox/mqtt.h \
	tools/sandbox/packet.c tools/sandbox/packet.h \
	tools/sandbox/player.c tools/sandbox/player.h \
	tools/sandbox/plugin-protocol.c tools/sandbox/plugin-protocol.h \
	tools/sandbox/ports.c tools/sandbox/ports.h \
	tools/sandbox/proxy.c tools/sandbox/proxy.h \
	tools/sandbox/sandbox.c tools/sandbox/sandbox.h \
	tools/sandbox/script.c tools/sandbox/script.h \
	tools/sandbox/store.c tools/sandbox/store.h \
	tools/sandbox/stream.c tools/sandbox/stream.h \
	tools/sandbox/coap.h
if ENABLE_COAP
tools_libsandbox_la_SOURCES += tools/sandbox/coap.c
else
tools_libsandbox_la_SOURCES += tools/sandbox/no-coap.c
endif

# Loaded by the broker, which brings its functions and was not built with sanitizers.
pkglib_LTLIBRARIES += lib/sandbox-mosquitto.la
lib_sandbox_mosquitto_la_SOURCES = tools/sandbox/plugin.c \
	tools/sandbox/plugin-protocol.c tools/sandbox/plugin-protocol.h
lib_sandbox_mosquitto_la_CFLAGS = $(TBD_CFLAGS)
lib_sandbox_mosquitto_la_LDFLAGS = $(MODULE_LDFLAGS)

pkglibexec_PROGRAMS += tools/tbdiag-sandbox
tools_tbdiag_sandbox_SOURCES = tools/sandbox/tbdiag-sandbox.c
tools_tbdiag_sandbox_LDADD = tools/libsandbox.la

dist_check_SCRIPTS += tools/sandbox/tests/sandbox.t tools/sandbox/tests/sandbox-faults.t \
	tools/sandbox/tests/sandbox-mqtt.t \
	tools/sandbox/tests/sandbox-http.t tools/sandbox/tests/sandbox-http-faults.t
if ENABLE_COAP
dist_check_SCRIPTS += tools/sandbox/tests/sandbox-coap.t
endif
if HAVE_CHECK
check_PROGRAMS += tools/sandbox/tests/test-sandbox
tools_sandbox_tests_test_sandbox_LDADD = tools/libsandbox.la $(UNIT_LIBS)
tools_sandbox_tests_test_sandbox_SOURCES = tools/sandbox/tests/chains.c tools/sandbox/tests/packet.c \
	tools/sandbox/tests/plugin-protocol.c \
	tools/sandbox/tests/script.c tools/sandbox/tests/store.c
endif
endif
