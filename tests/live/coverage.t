#!/bin/sh
# SPDX-License-Identifier: MIT
#
# coverage.t - each finding has a test of the command line that waits for it: over a live peer, where it is of one.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

# awaited FILE...: the ids that their tests wait for, each between spaces. What stands in comments, in the name of a
# test, in what must not be there, or in `explain ID` does not count; of a vector only its verdict does.
awaited() {
  sed -E -e "s/^( *)check '[^']*'/\1check/" -e 's/^( *)check "[^"]*"/\1check/' \
    -e '/^ *(#|skip|check_not|run .* explain )/d' "$@" |
    grep -oE '[a-z]+\.[a-z0-9-]+' | sort -u | tr '\n' ' '
}
cd "$abs_top_srcdir/tests/live" || exit 99
for file in *.t; do
  case $file in
  chain-file.t | completion.t | coverage.t | options.t | output.t | schema.t | fuzz*.t) ;;
  *) live="${live-} $file" ;;
  esac
done
# shellcheck disable=SC2086
of_peers=" $(awaited $live) $(sed -n 's/^# tbdiag: \([^ ]*\).*/\1/p' ../data/vectors/*.script | tr '\n' ' ')"
of_files=" $(awaited chain-file.t)"
cd "$tap_dir" || exit 99

run "$tbdiag" explain --list
check 'the findings are listed' status_is 0
grep -oE '^[a-z]+\.[a-z0-9-]+ +(ok|info|warning|critical)' "$out" | sed 's/ .*//' >ids
awaits() { case $2 in *" $1 "*) ;; *) false ;; esac }
while read -r id; do
  case $id in
  # What a certificate or a trust file says, it says from a file as well.
  chain.* | ca.* | name.* | time.* | policy.*) check "$id" awaits "$id" "$of_peers$of_files" ;;
  *) check "$id, live" awaits "$id" "$of_peers" ;;
  esac
done <ids
check 'there are many' test "$(wc -l <ids)" -gt 100
done_testing
