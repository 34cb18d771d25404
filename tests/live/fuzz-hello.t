#!/bin/sh
# SPDX-License-Identifier: MIT
#
# fuzz-hello.t - what fuzzing the reader of what devices send found worth keeping still passes.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

exec "$abs_top_builddir/tests/fuzz/replay-hello" "$abs_top_srcdir"/tests/fuzz/corpus-hello/*
