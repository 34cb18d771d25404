#!/bin/sh
# SPDX-License-Identifier: MIT
#
# floors.t - the house: a folder of lib/ includes only folders above it in the floor plan, which is the order of
# lib/lib.mk; names tell one file from another.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

cd "$abs_top_srcdir" || exit 99
plan=$(grep -o 'lib/[a-z0-9]*/' lib/lib.mk | awk -F/ '!seen[$2]++ { print $2 }')
there=$(for folder in lib/*/; do basename "$folder"; done)
check 'the plan has every folder' test "$(echo "$plan" | sort)" = "$(echo "$there" | sort)"
check 'HACKING.md shows it' test "$(sed -n 's,^| `lib/\([a-z0-9]*\)/`.*,\1,p' HACKING.md)" = "$plan"

# includes FILE...: "who what", a line each: what it includes as it stands there.
includes() { awk -F'"' '/^#include "/ { sub(/^lib\//, "", $2); print FILENAME, $2 }' "$@"; }
# up: who includes a folder that is none of the plan, or stands below its own. Modules know the ground floor only.
up() {
  includes lib/*/*.[ch] | awk -v plan="$(echo $plan)" '
    BEGIN { for (n = split(plan, folders, " "); n > 0; n--) floor[folders[n]] = n }
    $2 == "tbdiag.h" || $2 == "config.h" { next }
    {
      split($1, who, "/")
      split($2, what, "/")
      at = floor[what[1]]
      if (at == 0 || at > floor[who[2]] || (who[2] == "modules" && at > 1))
        print
    }'
}
run up
check 'no folder includes one below it' out_empty
headers() { includes lib/*/*.h | sed 's,^lib/,,' | tsort; }
run headers
check 'no header includes itself by another' status_is 0

# The sandbox is a house of its own.
run sh -c "grep -n '^#include \"' tools/sandbox/*.[ch] | grep -E '\"($(echo $plan | tr ' ' '|'))/'"
check 'the sandbox includes nothing of the library but its contract' out_empty

# Backtraces, profiles and tags tell functions apart by their names.
statics() {
  find lib tools certs tests -name '*.[ch]' -exec grep -HoE '^static [a-zA-Z0-9_ *]*[ *][a-z0-9_]+\(' {} + |
    sed 's/^\([^:]*\):.*[ *]\([a-z0-9_]*\)($/\2 \1/' | sort -u
}
check 'there are statics' test "$(statics | wc -l)" -gt 1000
statics | cut -d' ' -f1 | uniq -c | awk '$1 > 2' >"$out"
check 'no static name stands in more than two files' out_empty
done_testing
