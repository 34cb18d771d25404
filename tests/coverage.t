#!/bin/sh
# SPDX-License-Identifier: MIT
#
# coverage.t - each finding has a test of the command line that waits for it.
. "${abs_top_srcdir:-$(dirname "$0")/..}/tests/tap.sh"

run "$tbdiag" explain --list
check 'the findings are listed' status_is 0
ids=$(sed -n 's/^ *\([a-z]*\.[a-z0-9-]*\) .*/\1/p' "$out")
for id in $ids; do
  check "$id" grep -qw -e "$id" "$abs_top_srcdir"/tests/*.t "$abs_top_srcdir"/tests/vectors/*
done
check 'there are many' test "$(echo "$ids" | wc -l)" -gt 80
done_testing
