#!/bin/sh
# SPDX-License-Identifier: MIT
#
# fuzz.t - what the fuzz targets found worth keeping still passes.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

exec "$abs_top_builddir/tests/fuzz/replay-explore" "$abs_top_srcdir"/tests/fuzz/corpus-explore/*
