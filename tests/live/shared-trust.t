#!/bin/sh
# SPDX-License-Identifier: MIT
#
# shared-trust.t - a trust store to which nothing is added may be shared between threads: ThreadSanitizer watches all of
# the library while eight of them judge by one.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
cc=${CC:-cc}

echo 'int main(void) { return 0; }' >probe.c
# shellcheck disable=SC2086 # CC may have words
if ! $cc -fsanitize=thread probe.c -o probe 2>/dev/null || ! ./probe; then
  echo '1..0 # SKIP the compiler has no ThreadSanitizer that runs here'
  exit 0
fi

# What the build knows of the library.
cat >print.mk <<'END'
include Makefile
print:
	@echo $(filter %.c,$(lib_libtbdi_la_SOURCES) $(lib_libtext_la_SOURCES))
	@echo $(GNUTLS_CFLAGS) $(JANSSON_CFLAGS)
	@echo $(GNUTLS_LIBS) $(JANSSON_LIBS) $(LIBS) -ldl -lpthread
END
MAKEFLAGS='' make -s --no-print-directory -C "$abs_top_builddir" -f "$tap_dir/print.mk" print >known 2>"$err" || fail 'the build tells its sources'
cflags="-std=gnu11 -w -O1 -fsanitize=thread -I$abs_top_builddir -I$abs_top_builddir/lib -I$abs_top_srcdir -I$abs_top_srcdir/lib"
cflags="$cflags -DHAVE_CONFIG_H -DTBDI_MODULE_DIR=\"/\" -DTBDI_HELPER_DIR=\"/\" $(sed -n 2p known)"
for source in $(sed -n 1p known); do
  echo "$source"
done >sources
# shellcheck disable=SC2016 # for the shell inside
CC=$cc FLAGS=$cflags TOP=$abs_top_srcdir xargs -P 2 -n 1 sh -c \
  'object=$(echo "$1" | tr / _).o; $CC $FLAGS -c "$TOP/$1" -o "$object"' sh <sources >"$out" 2>"$err"
status=$?
check 'the library is built for ThreadSanitizer' status_is 0
# shellcheck disable=SC2046,SC2086
run $cc $cflags "$abs_top_srcdir/tests/live/shared-trust.c" ./*.c.o $(sed -n 3p known) -o shared-trust
check 'and a program with it' status_is 0
cp "$abs_top_srcdir"/tests/data/fixtures/*.pem .
run env TSAN_OPTIONS=halt_on_error=1 ./shared-trust
check 'threads that share a trust store: exit status' status_is 0
check 'threads that share a trust store: all are right' out_line done
check_not 'threads that share a trust store: no race' err_has 'data race'

done_testing
