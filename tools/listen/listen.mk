# The port for a device on the bench.
noinst_LTLIBRARIES += tools/liblisten.la
tools_liblisten_la_LIBADD = tools/libreplay.la
tools_liblisten_la_SOURCES = \
	tools/listen/listen.h \
	tools/listen/names.c tools/listen/names.h \
	tools/listen/next.c tools/listen/next.h \
	tools/listen/offers.c tools/listen/offers.h \
	tools/listen/plain.c tools/listen/plain.h \
	tools/listen/schema.c \
	tools/listen/server.c tools/listen/server.h \
	tools/listen/show.c \
	tools/listen/suites.c \
	tools/listen/verdict.c \
	tools/listen/visitor.c tools/listen/visitor.h

pkglibexec_PROGRAMS += tools/tbdiag-listen
tools_tbdiag_listen_LDADD = tools/liblisten.la $(TOOL_LIBS) $(JANSSON_LIBS)
