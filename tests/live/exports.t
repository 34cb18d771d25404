#!/bin/sh
# SPDX-License-Identifier: MIT
#
# exports.t - the public header, the version script and the library name the same functions, and the header
# stands on its own.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

header=$abs_top_srcdir/lib/tbdiag.h
: "${CC:=cc}" "${CXX:=g++}"

# Without comments and the system's headers; what is left and is called like a function is one.
sed '/^#include/d' "$header" | $CC -E -P -x c - | grep -v '^typedef' |
  grep -oE 'tbd_[a-z0-9_]+ *\(' | tr -d ' (' | sort >declared
sed -n 's/^[[:space:]]*\(tbd_[a-z0-9_]*\);$/\1/p' "$abs_top_srcdir/lib/libtbdiag.map" | sort >listed
# A version is an absolute symbol of its own; a name carries its version.
nm -D --defined-only "$abs_top_builddir/lib/.libs/libtbdiag.so" |
  awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >exported

# same_names WHAT FILE FILE
same_names() {
  diff -u "$2" "$3" >"$out" 2>"$err"
  check "$1" out_empty
}
check 'the header declares functions' test "$(wc -l <declared)" -gt 20
same_names 'the version script lists what the header declares' declared listed
same_names 'the library exports what the header declares' declared exported

# Included twice, with every initialiser.
{
  echo '#include <tbdiag.h>'
  echo '#include <tbdiag.h>'
  sed -n 's/^#define TBD_\([A-Z_]*\)_OPTIONS_INIT .*/\1/p' "$header" | while read -r name; do
    lower=$(echo "$name" | tr '[:upper:]' '[:lower:]')
    echo "struct tbd_${lower}_options ${lower} = TBD_${name}_OPTIONS_INIT;"
  done
} >use.c
check 'there are initialisers' grep -q '^struct tbd_fetch_options' use.c

# compiles WHAT COMPILER OPTION...: without a warning.
compiles() {
  what=$1
  shift
  run "$@" -Wall -Wextra -pedantic-errors -Werror -fsyntax-only -I"$abs_top_srcdir/lib" use.c
  check "$what" status_is 0
}
# shellcheck disable=SC2086
compiles 'the header is C99' $CC -std=c99
if command -v "${CXX%% *}" >/dev/null; then
  # shellcheck disable=SC2086
  compiles 'the header is C++' $CXX -std=c++11 -x c++
else
  skip 'the header is C++' "$CXX is missing"
fi

done_testing
