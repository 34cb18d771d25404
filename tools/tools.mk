# The programs. A subcommand is a small one of its own.
noinst_LTLIBRARIES += tools/libtools.la
tools_libtools_la_CPPFLAGS = $(AM_CPPFLAGS) -DTOOL_PKGLIBEXECDIR='"$(pkglibexecdir)"'
# Of the library's inside what help, complaints and options need is built in.
tools_libtools_la_SOURCES = \
	lib/base/rfc3339.c lib/report/flow.c \
	tools/cli/foreign.c tools/cli/foreign.h \
	tools/cli/nearest.c tools/cli/nearest.h \
	tools/cli/options.c tools/cli/options.h \
	tools/cli/output.c tools/cli/output-check.c tools/cli/output.h \
	tools/cli/process.c tools/cli/process.h \
	tools/cli/progress.c tools/cli/progress.h \
	tools/cli/prompt.c tools/cli/prompt.h \
	tools/cli/settings.c tools/cli/settings.h \
	tools/cli/subcommands.c tools/cli/subcommands.h \
	tools/cli/token.c tools/cli/token.h \
	tools/cli/tool.h \
	tools/render/render.c tools/render/render.h \
	tools/render/terminal.c tools/render/terminal.h \
	tools/needed-ca.c tools/needed-ca.h \
	tools/recipe.c tools/recipe.h
# What others print.
noinst_LTLIBRARIES += tools/libdecoder.la
tools_libdecoder_la_SOURCES = \
	tools/decoder/answer.c tools/decoder/causes.c tools/decoder/decoder.h \
	tools/decoder/match.c tools/decoder/show.c tools/decoder/words.c tools/decoder/volumes.c \
	tools/decoder/volume-bearssl.c tools/decoder/volume-cases.c tools/decoder/volume-coap.c \
	tools/decoder/volume-curl.c tools/decoder/volume-dotnet.c tools/decoder/volume-esp.c \
	tools/decoder/volume-gnutls.c tools/decoder/volume-go.c tools/decoder/volume-java.c \
	tools/decoder/volume-mbedtls.c tools/decoder/volume-modems.c tools/decoder/volume-mosquitto.c \
	tools/decoder/volume-mqtt.c tools/decoder/volume-node.c tools/decoder/volume-openssl.c \
	tools/decoder/volume-paho.c tools/decoder/volume-python.c tools/decoder/volume-rustls.c \
	tools/decoder/volume-system.c tools/decoder/volume-tasmota.c tools/decoder/volume-thingsboard.c \
	tools/decoder/volume-tls.c tools/decoder/volume-wolfssl.c
TOOL_LIBS = tools/libtools.la lib/libtbdiag.la

bin_PROGRAMS = tools/tbdiag
tools_tbdiag_LDADD = tools/libtools.la

pkglibexec_PROGRAMS += tools/tbdiag-chain tools/tbdiag-explain tools/tbdiag-lint tools/tbdiag-report \
	tools/tbdiag-roundtrip tools/tbdiag-trust tools/tbdiag-verify tools/tbdiag-version
tools_tbdiag_chain_LDADD = $(TOOL_LIBS)
tools_tbdiag_explain_LDADD = tools/libdecoder.la $(TOOL_LIBS) $(JANSSON_LIBS)
tools_tbdiag_lint_LDADD = $(TOOL_LIBS)
tools_tbdiag_report_LDADD = $(TOOL_LIBS)
tools_tbdiag_roundtrip_LDADD = $(TOOL_LIBS)
tools_tbdiag_trust_LDADD = $(TOOL_LIBS)
tools_tbdiag_verify_LDADD = $(TOOL_LIBS)
tools_tbdiag_version_LDADD = $(TOOL_LIBS)

# The words that programs can say, besides those of the library.
BUILT_SOURCES += tools/known-words.inc
CLEANFILES += tools/known-words.inc
tools/tbdiag-report.$(OBJEXT): | tools/known-words.inc
tools/known-words.inc: lib/report/known-words.awk $(tools_libtools_la_SOURCES) \
		tools/tbdiag-chain.c tools/tbdiag-lint.c tools/tbdiag-report.c tools/tbdiag-roundtrip.c tools/tbdiag-trust.c \
		tools/tbdiag-verify.c
	$(WRITE_KNOWN_WORDS)

# The JSON Schemas say what the tables of a report say. Who writes them runs where tbdiag is built.
pkgdata_DATA = tools/schema/tbdiag-listen.schema.json tools/schema/tbdiag-report.schema.json \
	tools/schema/tbdiag-set.schema.json
generate_sources = $(srcdir)/tools/schema/generate.c $(srcdir)/lib/base/protocol.c \
	$(srcdir)/lib/report/schema.c $(srcdir)/lib/report/words.c $(srcdir)/tools/listen/schema.c
EXTRA_DIST += tools/schema/generate.c
CLEANFILES += $(pkgdata_DATA) tools/schema/generate
tools/schema/generate: $(generate_sources) lib/report/schema.h lib/report/schema-rows.h lib/tbdiag.h \
		tools/listen/listen.h config.h
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(CC_FOR_BUILD) $(CFLAGS_FOR_BUILD) -I. -I$(srcdir) -I$(srcdir)/lib -o $@ $(generate_sources)
$(pkgdata_DATA): tools/schema/generate
	$(AM_V_GEN)tools/schema/generate $(@F) >$@.tmp && mv $@.tmp $@

# Completion: scripts that ask the program, so that nothing is made from it when it is built.
EXTRA_DIST += tools/completion/bash/tbdiag tools/completion/zsh/_tbdiag tools/completion/fish/tbdiag.fish
if ENABLE_BASH_COMPLETION
bashcompletion_DATA = tools/completion/bash/tbdiag
endif
if ENABLE_ZSH_COMPLETION
zshcompletion_DATA = tools/completion/zsh/_tbdiag
endif
if ENABLE_FISH_COMPLETION
fishcompletion_DATA = tools/completion/fish/tbdiag.fish
endif
