# The library, a block a floor: a folder includes only folders above it here (tests/live/floors.t).
include_HEADERS = lib/tbdiag.h
pkgconfig_DATA = lib/libtbdiag.pc
EXTRA_DIST += lib/libtbdiag.map

# All of the library's objects, so that tests reach what the shared library hides.
noinst_LTLIBRARIES += lib/libtbdi.la
lib_libtbdi_la_CPPFLAGS = $(AM_CPPFLAGS) -DTBDI_MODULE_DIR='"$(pkglibdir)"' \
	-DTBDI_HELPER_DIR='"$(pkglibexecdir)"'
lib_libtbdi_la_LIBADD = $(GNUTLS_LIBS) $(JANSSON_LIBS)
lib_libtbdi_la_SOURCES = \
	lib/base/arena.c lib/base/arena.h \
	lib/base/banned.h \
	lib/base/common.h \
	lib/base/devices.c lib/base/devices.h \
	lib/base/error.c \
	lib/base/fetcher.h \
	lib/base/file.c lib/base/file.h \
	lib/base/helper.c lib/base/helper.h \
	lib/base/mask.c \
	lib/base/mask-runs.c \
	lib/base/module.c lib/base/module.h \
	lib/base/percent.c \
	lib/base/protocol.c lib/base/protocol.h \
	lib/base/rfc3339.c lib/base/rfc3339.h \
	lib/base/secret.c lib/base/secret.h \
	lib/base/thread.c lib/base/thread.h \
	lib/base/transport.h
lib_libtbdi_la_SOURCES += \
	lib/x509/cert.c lib/x509/cert.h \
	lib/x509/constraints.c \
	lib/x509/crl.c lib/x509/crl.h \
	lib/x509/der.c lib/x509/der.h \
	lib/x509/dn.c \
	lib/x509/emit.c \
	lib/x509/hostname.c \
	lib/x509/ocsp.c \
	lib/x509/pem.c lib/x509/pem.h \
	lib/x509/pem-defect.c \
	lib/x509/pkcs.c lib/x509/pkcs.h \
	lib/x509/tbs.c
lib_libtbdi_la_SOURCES += \
	lib/report/environment.c \
	lib/report/flow.c lib/report/flow.h \
	lib/report/json-read.c \
	lib/report/json-write.c \
	lib/report/known-words.c \
	lib/report/limits.c \
	lib/report/limits.h \
	lib/report/outcome.c \
	lib/report/redact.c \
	lib/report/report.c lib/report/report.h \
	lib/report/schema.c lib/report/schema.h lib/report/schema-rows.h \
	lib/report/set.c lib/report/set.h \
	lib/report/text.c \
	lib/report/text-chain.c \
	lib/report/text-exchange.c \
	lib/report/text-finding.c \
	lib/report/text-lint.c \
	lib/report/text-run.c \
	lib/report/text-set.c \
	lib/report/text-stacks.c \
	lib/report/text-trust.c \
	lib/report/verdict.c lib/report/verdict.h \
	lib/report/view.c lib/report/view.h \
	lib/report/words.c
lib_libtbdi_la_SOURCES += \
	lib/verify/ask-ocsp.c \
	lib/verify/chain.c lib/verify/chain.h \
	lib/verify/peer-cert.c \
	lib/verify/clients.c \
	lib/verify/explore.c lib/verify/explore.h \
	lib/verify/fixed-chain.c \
	lib/verify/lint.c lib/verify/lint.h \
	lib/verify/lint-key.c \
	lib/verify/loads.c lib/verify/loads.h \
	lib/verify/nearest.c \
	lib/verify/needed-ca.c \
	lib/verify/path.c lib/verify/path.h \
	lib/verify/policies.c \
	lib/verify/profile.c \
	lib/verify/prove-ca.c \
	lib/verify/revocation.c lib/verify/revocation.h \
	lib/verify/stacks.c lib/verify/stacks.h \
	lib/verify/trust.c lib/verify/trust.h \
	lib/verify/trust-read.c lib/verify/trust-read.h \
	lib/verify/trust-view.c \
	lib/verify/verify.c
lib_libtbdi_la_SOURCES += \
	lib/net/alpn.c lib/net/certificate-message.c \
	lib/net/coap-ping.c \
	lib/net/connect.c lib/net/connect.h \
	lib/net/identity.c \
	lib/net/keylog.c \
	lib/net/look-round.c \
	lib/net/mqtt-observer.c lib/net/mqtt-observer.h \
	lib/net/probe.c lib/net/probe.h \
	lib/net/probe-machine.h \
	lib/net/probe-options.c \
	lib/net/probe-run.c \
	lib/net/proxy.c \
	lib/net/proxy-header.c \
	lib/net/resolve.c \
	lib/net/second-connection.c \
	lib/net/socket.c lib/net/socket.h \
	lib/net/stream.c lib/net/stream.h \
	lib/net/target.c \
	lib/net/tls.c lib/net/tls.h \
	lib/net/tls-callbacks.c \
	lib/net/tls-end.c \
	lib/net/tls-session.h \
	lib/net/tls-stream.c \
	lib/net/websocket.c lib/net/websocket.h
lib_libtbdi_la_SOURCES += \
	lib/device/exchange.c lib/device/exchange.h \
	lib/device/explain-refusal.c \
	lib/device/link.c lib/device/link.h \
	lib/device/mqtt.c \
	lib/device/mqtt-session.c lib/device/mqtt-session.h \
	lib/device/payload.c lib/device/payload.h \
	lib/device/requests.c \
	lib/device/served-file.c \
	lib/device/token.c lib/device/token.h \
	lib/device/upgrade.c lib/device/upgrade.h
lib_libtbdi_la_SOURCES += \
	lib/set/all-transports.c \
	lib/set/dial.c lib/set/dial.h \
	lib/set/difference.c
lib_libtbdi_la_SOURCES += \
	lib/rules/anchor.c \
	lib/rules/ca.c \
	lib/rules/catalogue.c lib/rules/catalogue.h \
	lib/rules/chain.c \
	lib/rules/clients.c \
	lib/rules/coap.c \
	lib/rules/dns-tcp.c \
	lib/rules/dtls.c \
	lib/rules/evidence.c \
	lib/rules/finding.c \
	lib/rules/handshake.c \
	lib/rules/http.c \
	lib/rules/judge.c \
	lib/rules/lint.c \
	lib/rules/known-hosts.c \
	lib/rules/mqtt.c \
	lib/rules/name.c \
	lib/rules/policy.c \
	lib/rules/profile.c \
	lib/rules/proxy.c \
	lib/rules/reissue.c \
	lib/rules/revoked.c lib/rules/second-handshake.c \
	lib/rules/server.c \
	lib/rules/sets.c \
	lib/rules/stack.c \
	lib/rules/store.c \
	lib/rules/time.c \
	lib/rules/tls.c \
	lib/rules/token.c \
	lib/rules/trust-file.c \
	lib/rules/trust.c lib/rules/trust.h \
	lib/rules/web-page.c \
	lib/rules/websocket.c

lib_LTLIBRARIES = lib/libtbdiag.la
lib_libtbdiag_la_SOURCES =
lib_libtbdiag_la_LIBADD = lib/libtbdi.la
lib_libtbdiag_la_LDFLAGS = $(TBD_LDFLAGS) -version-info 0:0:0 \
	-Wl,--version-script=$(srcdir)/lib/libtbdiag.map
lib_libtbdiag_la_DEPENDENCIES = lib/libtbdi.la lib/libtbdiag.map

# The words that the library can say: all others are taken out of a redacted report, but for those that a program
# hands in (tools/tools.mk). Made of the script and the sources that the rule depends on.
WRITE_KNOWN_WORDS = $(AM_V_GEN)$(MKDIR_P) $(@D) && \
	{ echo 'static const char own_words[] =' && $(AWK) -f $^ | LC_ALL=C sort -u && echo ';'; } >$@.tmp && \
	mv $@.tmp $@
EXTRA_DIST += lib/report/known-words.awk
BUILT_SOURCES = lib/report/known-words.inc
CLEANFILES += lib/report/known-words.inc
# Where it is not `make` or `make check` that builds; after that, the compiler tells who needs it.
$(lib_libtbdi_la_OBJECTS): | lib/report/known-words.inc
lib/report/known-words.inc: lib/report/known-words.awk $(lib_libtbdi_la_SOURCES) \
		lib/modules/transport-coap.c lib/modules/transport-http.c lib/modules/transport-mqtt.c
	$(WRITE_KNOWN_WORDS)

# What other libraries bring is loaded when it is first needed.
MODULE_LDFLAGS = $(TBD_LDFLAGS) -module -avoid-version -shared
if ENABLE_MQTT
pkglib_LTLIBRARIES += lib/transport-mqtt.la
lib_transport_mqtt_la_SOURCES = lib/modules/transport-mqtt.c lib/base/error.c
lib_transport_mqtt_la_LIBADD = $(MOSQUITTO_LIBS)
lib_transport_mqtt_la_LDFLAGS = $(MODULE_LDFLAGS)
endif
if ENABLE_HTTP
pkglib_LTLIBRARIES += lib/transport-http.la
lib_transport_http_la_SOURCES = lib/modules/transport-http.c lib/base/error.c lib/base/percent.c
lib_transport_http_la_LIBADD = $(CURL_LIBS)
lib_transport_http_la_LDFLAGS = $(MODULE_LDFLAGS)
endif
if ENABLE_COAP
pkglib_LTLIBRARIES += lib/transport-coap.la
lib_transport_coap_la_SOURCES = lib/modules/transport-coap.c lib/base/error.c
lib_transport_coap_la_CFLAGS = $(AM_CFLAGS) $(COAP_CFLAGS)
lib_transport_coap_la_LIBADD = $(COAP_LIBS)
lib_transport_coap_la_LDFLAGS = $(MODULE_LDFLAGS)
endif
if ENABLE_FETCH
pkglib_LTLIBRARIES += lib/fetch-http.la
lib_fetch_http_la_SOURCES = lib/modules/fetch-http.c lib/base/error.c
lib_fetch_http_la_LIBADD = $(CURL_LIBS)
lib_fetch_http_la_LDFLAGS = $(MODULE_LDFLAGS)
endif

# Nobody needs libtool's archives of modules. Without these libtool does not find what it shall remove.
install-exec-hook:
	for file in $(pkglib_LTLIBRARIES); do rm -f "$(DESTDIR)$(pkglibdir)/$${file##*/}"; done
uninstall-hook:
	for file in $(pkglib_LTLIBRARIES); do \
		file=$${file##*/}; rm -f "$(DESTDIR)$(pkglibdir)/$${file%.la}.so"; \
	done
