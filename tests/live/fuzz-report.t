#!/bin/sh
# SPDX-License-Identifier: MIT
#
# fuzz-report.t - what fuzzing the reader of reports, and redaction, found worth keeping still passes.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

exec "$abs_top_builddir/tests/fuzz/replay-report" "$abs_top_srcdir"/tests/fuzz/corpus-report/*
