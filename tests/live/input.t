#!/bin/sh
# SPDX-License-Identifier: MIT
#
# input.t - what is read from standard input and pipes, what is written to standard output, and what cannot be read.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
cp "$abs_top_srcdir"/tests/data/fixtures/*.pem .
verify() { "$tbdiag" verify --at 2026-06-01 mqtt.example.com "$@"; }

# piped FILE COMMAND...: with the file's bytes in a pipe on standard input.
piped() {
  file=$1
  shift
  # shellcheck disable=SC2002 # a pipe is meant
  cat "$file" | "$@" >"$out" 2>"$err"
  status=$?
}

# ---- standard input and output ----------------------------------------------------------------------

piped root.pem verify --chain-file full.pem --ca-file -
check 'newcomer-A7 --ca-file -: exit status' status_is 0
check 'newcomer-A7 --ca-file -: read' has_finding ok ca.ok
piped full.pem verify --chain-file - --ca-file root.pem
check 'newcomer-A7 --chain-file -' has_finding ok ca.ok
piped full.pem "$tbdiag" chain --chain-file -
check 'newcomer-A7 chain --chain-file -: exit status' status_is 0
check 'newcomer-A7 chain --chain-file -: read' out_has 'CN=mqtt.example.com'
piped full.pem "$tbdiag" chain --chain-file full.pem --expect -
check 'newcomer-A7 --expect -: exit status' status_is 0
piped other-root.pem "$tbdiag" chain --chain-file full.pem --expect -
check 'newcomer-A7 --expect -: compared' out_has chain.not-renewed
piped full.pem verify --chain-file leaf-only.pem --ca-file root.pem --untrusted -
check 'newcomer-A7 --untrusted -' out_has ca.missing-intermediate
piped /dev/null verify --chain-file - --ca-file root.pem
check 'an empty pipe: not waited for' has_finding critical chain.empty
run verify --chain-file - --ca-file - -q
check 'standard input for two: exit status' status_is 3
check 'standard input for two: said' err_has 'for one option only'
printf sesame >token
piped root.pem "$tbdiag" roundtrip --token - --ca-file - 127.0.0.1:1
check 'standard input for a token and a file' err_has 'for one option only'

verify --chain-file full.pem --ca-file root.pem >plain
run verify --chain-file full.pem --ca-file root.pem -o -
check 'newcomer-A7 -o -: exit status' status_is 0
check 'newcomer-A7 -o -: the report is on standard output' cmp -s plain "$out"
check_not 'newcomer-A7 -o -: no file of that name' test -e ./-
run verify --chain-file full.pem --ca-file root.pem --output=- --format json
check 'newcomer-A7 --output=-' out_has '"schema": "tbdiag-report/1"'
run "$tbdiag" chain --chain-file full.pem --save -
check '--save -: exit status' status_is 3
check '--save -: said' err_has "name one in the place of '-'"
check_not '--save -: no file of that name' test -e ./-

# ---- pipes ------------------------------------------------------------------------------------------

# As the shells' <(...) gives it.
fd_verify() { verify --chain-file full.pem --ca-file /dev/fd/9 "$@"; }
# shellcheck disable=SC2002
cat root.pem | { fd_verify >"$out" 2>"$err" 9<&0 </dev/null; echo $? >status; }
status=$(cat status)
check 'newcomer-A7 --ca-file <(...): exit status' status_is 0
check 'newcomer-A7 --ca-file <(...): read' has_finding ok ca.ok
mkfifo fifo
cat full.pem >fifo &
run verify --chain-file fifo --ca-file root.pem
wait
check 'newcomer-A7 a FIFO: exit status' status_is 0
# Who writes comes later, and in pieces.
(
  exec >fifo
  head -c 700 full.pem
  "$tbdiag" version >/dev/null
  tail -c +701 full.pem
) &
run verify --chain-file fifo --ca-file root.pem
wait
check 'newcomer-A7 a FIFO, in pieces' has_finding ok ca.ok
# A writer that leaves without a byte: there is nothing more to come.
: >fifo &
run verify --chain-file full.pem --ca-file fifo
wait
check 'a FIFO without a byte: an empty file' has_finding critical ca.store-empty
run verify --chain-file /dev/zero --ca-file root.pem
check 'what has no end: exit status' status_is 3
check 'what has no end: said' err_has '/dev/zero: larger than 64 MiB'
run verify --chain-file full.pem --ca-file .
check 'a directory is no stream' status_is 3
sha256=$(sha256sum root.pem | cut -d' ' -f1)
piped root.pem "$tbdiag" report --format json --ca-file - 127.0.0.1:1
check 'a report has the digest of what was piped in' out_has "$sha256"

# ---- what cannot be read ----------------------------------------------------------------------------

for source in '--ca-file nope.pem' '--ca-path nope' '--untrusted nope.pem' '--crl nope.pem' '--chain-file nope.pem'; do
  # shellcheck disable=SC2086
  run verify --chain-file full.pem $source
  check "newcomer-A8 $source: exit status" status_is 3
  check "newcomer-A8 $source: said" err_has 'nope'
  check "newcomer-A8 $source: why" err_has 'No such file or directory'
  check "newcomer-A8 $source: no report" out_empty
done

# ---- what was not built -----------------------------------------------------------------------------

mkdir modules
run env TBDIAG_MODULE_DIR="$PWD/modules" "$tbdiag" version
check 'newcomer-A10 version: exit status' status_is 0
check 'newcomer-A10 version names what was not built' grep -qx 'module *mqtt not built: tbdiag was configured without it' "$out"
check_not 'newcomer-A10 version names no package that cannot help' out_has libmosquitto1
: >modules/transport-mqtt.so
run env TBDIAG_MODULE_DIR="$PWD/modules" "$tbdiag" version
check 'newcomer-A10 version names the package of a module that cannot be loaded' \
  out_has 'mqtt missing: install package libmosquitto1'

# ---- a system without certificates ------------------------------------------------------------------

# A system without a store, such as a small container: that is no slip of the pen.
if unshare -r -m sh -c 'mount -t tmpfs none /etc/ssl' 2>/dev/null && [ ! -e /etc/pki/ca-trust ]; then
  # shellcheck disable=SC2016 # for the shell inside
  run unshare -r -m sh -c 'mount -t tmpfs none /etc/ssl && "$@"' sh "$tbdiag" verify --chain-file full.pem \
    --at 2026-06-01 mqtt.example.com
  check 'a system without certificates: exit status' status_is 2
  check 'a system without certificates: said' has_finding critical ca.store-missing
else
  skip 'a system without certificates' 'a mount namespace cannot be made'
fi

done_testing
