#!/bin/sh
# SPDX-License-Identifier: MIT
#
# fuzz.t - what the fuzz targets found worth keeping still passes.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

# replay TARGET
replay() {
  run "$abs_top_builddir/tests/fuzz/replay-$1" "$abs_top_srcdir/tests/fuzz/corpus-$1"/*
  check "$1: its corpus" status_is 0
}
replay decoder
replay explore
replay pkcs
replay store
done_testing
