# The TLS stacks that devices run, one helper program each, and the server without a key that shows them a chain.
EXTRA_DIST += tools/stacks/tests/stacks.py
noinst_LTLIBRARIES += tools/libreplay.la
tools_libreplay_la_SOURCES = \
	tools/stacks/base64.c tools/stacks/base64.h \
	tools/stacks/cursor.h \
	tools/stacks/hello.c tools/stacks/hello.h \
	tools/stacks/replay.c tools/stacks/replay.h
if ENABLE_STACKS
noinst_LTLIBRARIES += tools/libstack.la
tools_libstack_la_SOURCES = \
	tools/stacks/clock.c tools/stacks/clock.h \
	tools/stacks/peer.c tools/stacks/peer.h \
	tools/stacks/proof.h \
	tools/stacks/stack.c tools/stacks/stack.h
tools_libstack_la_LIBADD = tools/libreplay.la $(JANSSON_LIBS)
built_stacks = gnutls

pkglibexec_PROGRAMS += tools/stacks/stack-gnutls
tools_stacks_stack_gnutls_SOURCES = tools/stacks/stack-gnutls.c
tools_stacks_stack_gnutls_LDADD = tools/libstack.la $(GNUTLS_LIBS)

# Helpers that have to notice that their clock cannot be set.
deaf_stacks = tools/stacks/tests/deaf-gnutls
EXTRA_PROGRAMS += tools/stacks/tests/deaf-gnutls
tools_stacks_tests_deaf_gnutls_SOURCES = tools/stacks/stack-gnutls.c tools/stacks/tests/deaf-clock.c
tools_stacks_tests_deaf_gnutls_LDADD = $(tools_stacks_stack_gnutls_LDADD)

if HAVE_OPENSSL
built_stacks += openssl
pkglibexec_PROGRAMS += tools/stacks/stack-openssl
tools_stacks_stack_openssl_SOURCES = tools/stacks/stack-openssl.c
tools_stacks_stack_openssl_LDADD = tools/libstack.la $(OPENSSL_LIBS)
endif

if HAVE_MBEDTLS
built_stacks += mbedtls
pkglibexec_PROGRAMS += tools/stacks/stack-mbedtls
tools_stacks_stack_mbedtls_SOURCES = tools/stacks/stack-mbedtls.c
tools_stacks_stack_mbedtls_LDADD = tools/libstack.la $(MBEDTLS_LIBS)
deaf_stacks += tools/stacks/tests/deaf-mbedtls
EXTRA_PROGRAMS += tools/stacks/tests/deaf-mbedtls
tools_stacks_tests_deaf_mbedtls_SOURCES = tools/stacks/stack-mbedtls.c tools/stacks/tests/deaf-clock.c
tools_stacks_tests_deaf_mbedtls_LDADD = $(tools_stacks_stack_mbedtls_LDADD)
endif

if HAVE_WOLFSSL
built_stacks += wolfssl
pkglibexec_PROGRAMS += tools/stacks/stack-wolfssl
tools_stacks_stack_wolfssl_SOURCES = tools/stacks/stack-wolfssl.c
tools_stacks_stack_wolfssl_LDADD = tools/libstack.la $(WOLFSSL_LIBS)
endif

if HAVE_BEARSSL
built_stacks += bearssl
pkglibexec_PROGRAMS += tools/stacks/stack-bearssl
tools_stacks_stack_bearssl_SOURCES = tools/stacks/stack-bearssl.c \
	tools/stacks/bearssl-trust.c tools/stacks/bearssl-trust.h
tools_stacks_stack_bearssl_LDADD = tools/libstack.la $(BEARSSL_LIBS)
endif

dist_check_SCRIPTS += tools/stacks/tests/stacks.t
tools/stacks/tests/stacks.log: $(deaf_stacks)
if HAVE_CHECK
check_PROGRAMS += tools/stacks/tests/test-stacks
tools_stacks_tests_test_stacks_SOURCES = tools/stacks/tests/cases.c \
	tools/stacks/tests/cases.h tools/stacks/tests/fidelity.c tools/stacks/tests/replay.c
tools_stacks_tests_test_stacks_LDADD = tools/libreplay.la $(UNIT_LIBS)
endif
endif
