# Minting certificates, for the sandbox and the tests.
noinst_LTLIBRARIES += certs/libmint.la
certs_libmint_la_SOURCES = certs/mint.c certs/mint.h
certs_libmint_la_LIBADD = $(GNUTLS_LIBS)

# The fixtures are kept: what the tests expect names their keys and fingerprints.
EXTRA_PROGRAMS += certs/make-fixtures
certs_make_fixtures_LDADD = certs/libmint.la $(GNUTLS_LIBS)
fixtures: certs/make-fixtures
	certs/make-fixtures $(srcdir)/tests/data/fixtures
.PHONY: fixtures
