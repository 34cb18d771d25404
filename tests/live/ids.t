#!/bin/sh
# SPDX-License-Identifier: MIT
#
# ids.t - an id that was published stays what it is: scripts wait for it. tests/data/published-ids.tsv has them all.
# `tests/live/ids.t --add` adds those that are new.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

published=$abs_top_srcdir/tests/data/published-ids.tsv
"$abs_top_builddir/tests/live/report-sample" --ids >ids || exit 99
awk -F '\t' 'FILENAME == ARGV[1] { known[$1]; next } !($1 in known)' "$published" ids >new
[ "${1-}" != --add ] || cat new >>"$published"

while read -r id severity stage; do
  check "$id is $severity, of $stage" grep -qxF "$id	$severity	$stage" ids
done <"$published"
cut -f1 ids | sort >are
cut -f1 "$published" | sort >were
diff are were >"$out" 2>"$err"
check 'each id is published once' out_empty
done_testing
