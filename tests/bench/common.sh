# SPDX-License-Identifier: MIT
#
# Sourced by the benchmarks: the programs of the build tree, a place for files, a way out.
# shellcheck shell=sh

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-.}" && pwd) || exit 3
[ -e "$build/config.status" ] || {
  echo "usage: $0 BUILD-DIRECTORY" >&2
  exit 3
}
make -s -C "$build" bench-tools >/dev/null || exit 3

# The programs themselves, not libtool's wrapper scripts.
LD_LIBRARY_PATH=$build/lib/.libs
TBDIAG_MODULE_DIR=$build/lib/.libs
export LD_LIBRARY_PATH TBDIAG_MODULE_DIR
tool=$build/tools/.libs
bench=$build/tests/bench
work=$(mktemp -d)
children=
trap 'kill $children 2>/dev/null; wait; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
