# Pages from scdoc, with the parts that several of them share.
man_sources = \
	man/tbdiag.1.scd \
	man/tbdiag-chain.1.scd \
	man/tbdiag-explain.1.scd \
	man/tbdiag-lint.1.scd \
	man/tbdiag-listen.1.scd \
	man/tbdiag-report.1.scd \
	man/tbdiag-roundtrip.1.scd \
	man/tbdiag-trust.1.scd \
	man/tbdiag-verify.1.scd \
	man/tbdiag-version.1.scd \
	man/libtbdiag.3.scd
man_parts = man/addresses.scdi man/connection.scdi man/general.scdi man/output-file.scdi man/output.scdi man/transports.scdi \
	man/roundtrip.scdi man/stacks.scdi man/status.scdi man/token.scdi man/trust.scdi man/wait.scdi
EXTRA_DIST += man/include.awk $(man_parts) $(man_sources)

if ENABLE_MAN
man_MANS += $(man_sources:.scd=)
CLEANFILES += $(man_MANS)
$(man_MANS): man/include.awk $(man_parts)
MAN_FROM_SCD = $(AM_V_GEN)$(MKDIR_P) $(@D) && $(AWK) -f $(srcdir)/man/include.awk $< >$@.tmp && \
	$(SCDOC) <$@.tmp >$@ && rm $@.tmp
SUFFIXES = .scd
.scd:
	$(MAN_FROM_SCD)
.DELETE_ON_ERROR:
endif
