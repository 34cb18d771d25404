#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tls-faults.t - each finding of the stage tls over a live peer: text, JSON and exit status.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

# has_finding SEVERITY ID

# start KIND: $target; ca.pem, device.pem and device.key are in the working directory.
start() {
  peer_start "$abs_top_builddir/tests/peers/tls-peer" "$1"
  target=localhost:$port
}

# said KIND STATUS SEVERITY ID [OPTION]...: what verify says of this peer.
said() {
  kind=$1 expected=$2 severity=$3 id=$4
  shift 4
  start "$kind"
  run "$tbdiag" verify -4 --ca-file ca.pem "$@" "$target"
  check "$kind: exit status" status_is "$expected"
  check "$kind: $id" has_finding "$severity" "$id"
  check "$kind: stderr is empty" err_empty
  cp "$out" text
  run "$tbdiag" verify -4 --format json --ca-file ca.pem "$@" "$target"
  check "$kind, JSON: exit status" status_is "$expected"
  check "$kind, JSON: fits the schema" out_fits_schema
  check "$kind, JSON: $id" out_has "\"id\": \"$id\""
  peer_stop
  run "$tbdiag" explain "$id"
  check "explain $id" status_is 0
}

said alert-80 2 critical tls.alert
check 'an alert is named' grep -q 'alert 80 (internal_error)' text
said alert-40 2 critical tls.cipher
said alert-112 2 critical tls.sni-rejected
check 'the refused server name is shown' grep -q 'refuses the server name localhost' text

# ---- versions and names ---------------------------------------------------------------------------

said tls-1.2 2 critical tls.version --tls-version 1.3
check 'the version that it speaks' grep -q 'other_versions  *TLS1.2' text
said tls-1.1 2 critical tls.version
check 'a version of the past' grep -q 'other_versions  *TLS1.1' text
said no-suite 2 critical tls.cipher
check 'it refuses the other versions, too' grep -q 'other_versions' text
said by-name 1 warning tls.sni-needed --without-sni
said by-name 0 ok ca.ok
start good
run "$tbdiag" verify -4 --ca-file ca.pem --without-sni "$target"
check 'the same certificate without a name' status_is 0
run "$tbdiag" verify -4 --ca-file ca.pem --without-sni --sni none "$target"
check 'no name was sent at all' out_has 'nothing to compare, no server name was sent'
peer_stop

# ---- certificates that are none -------------------------------------------------------------------

said no-certificate 2 critical chain.empty
check 'no certificate: nothing else is blamed' test "$(grep -c '^critical  ' text)" = 1
said no-der 2 critical chain.not-parsable
check 'no certificate in DER: nothing else is blamed' test "$(grep -c '^critical  ' text)" = 1
check 'no certificate in DER: what follows' grep -q '^ *therefore critical  ca.unknown  ' text

# With this key GnuTLS would compute for a quarter of a minute, and see no deadline.
for arguments in 'chain' "roundtrip --insecure --ca-file ca.pem --token-file $tap_dir/token"; do
  peer_start python costly-peer.py 65536
  (umask 077 && echo abcdefghijklmnopqrst >token)
  # shellcheck disable=SC2086 # words
  run_measured "$tbdiag" $arguments --timeout 2 "127.0.0.1:$port"
  command=${arguments%% *}
  check "a costly key, $command: exit status" status_is 2
  check "a costly key, $command: chain.not-parsable" has_finding critical chain.not-parsable
  tr -s ' \n' ' ' <"$out" >text
  check "a costly key, $command: why" grep -q 'its key is so large that nobody can check a signature with it' text
  check "a costly key, $command: nothing else is blamed" test "$(grep -c '^critical  ' "$out")" = 1
  check "a costly key, $command: in time ($took ms)" test "$took" -lt 5000
  peer_stop
done

# ---- records cut short ----------------------------------------------------------------------------

said black-hole 2 critical tls.timeout --timeout 0.4
check 'how much came' grep -q 'record  *1100 of 3000 bytes' text
check 'how to see whether large packets pass' grep -q 'ping -c 3 -M do -s 1472 127.0.0.1' text
said cut-short 2 critical tls.closed
check 'cut short: by what' grep -q 'closed  *by a reset (RST)' text
check 'cut short: how much came' grep -q 'record  *1100 of 3000 bytes' text

# ---- a certificate message of 16 MB ---------------------------------------------------------------

said huge 2 critical tls.other-protocol --tls-version 1.2
if sanitized; then
  skip 'huge: memory' 'the sanitizers take more'
else
  start huge
  run_measured "$tbdiag" chain -4 --tls-version 1.2 "$target"
  check "huge: memory ($peak KiB)" test "$peak" -lt $((20 * 1024))
  peer_stop
fi

# ---- the key log ----------------------------------------------------------------------------------

hex32='[0-9a-f]{64}'
# only_lines LABEL...: the file has lines of these labels, and no others.
only_lines() {
  labels=$(printf '|%s' "$@")
  ! grep -vqxE "(${labels#|}) $hex32 $hex32($hex32|[0-9a-f]{32})?" keys || return 1
  for label; do grep -q "^$label " keys || return 1; done
}
start good
run "$tbdiag" verify -4 --ca-file ca.pem --keylog keys --tls-version 1.3 "$target"
check 'keylog: exit status' status_is 0
check 'keylog: for its owner alone' test "$(stat -c %a keys)" = 600
check 'keylog, TLS 1.3: lines and labels' only_lines CLIENT_HANDSHAKE_TRAFFIC_SECRET \
  SERVER_HANDSHAKE_TRAFFIC_SECRET CLIENT_TRAFFIC_SECRET_0 SERVER_TRAFFIC_SECRET_0 EXPORTER_SECRET
count=$(wc -l <keys)
run "$tbdiag" verify -4 --ca-file ca.pem --keylog keys --tls-version 1.2 "$target"
check 'keylog: appended' test "$(wc -l <keys)" -gt "$count"
tail -n +$((count + 1)) keys >new && mv new keys
check 'keylog, TLS 1.2: lines and labels' only_lines CLIENT_RANDOM
rm keys
run "$tbdiag" chain -4 "$target"
check_not 'no keylog unless it is asked for' test -e keys
run env SSLKEYLOGFILE=keys "$tbdiag" verify -4 --ca-file ca.pem "$target"
check_not 'no keylog because of the environment' test -e keys
install -m 644 /dev/null keys
run "$tbdiag" verify -4 --ca-file ca.pem --keylog keys "$target"
check 'keylog: not into a file that others can read' status_is 3
check 'keylog: nor is anything written there' test ! -s keys
check 'keylog: it is said what to do' err_has 'chmod 600'
rm keys
run "$tbdiag" verify -4 --ca-file ca.pem --keylog /dev/full "$target"
check 'keylog, disk full: exit status' status_is 3
check 'keylog, disk full: said' err_has 'No space left on device'
peer_stop
for command in chain verify 'roundtrip --token A1b2C3d4E5f6G7h8I9j0'; do
  # shellcheck disable=SC2086
  run "$tbdiag" $command --keylog no/such/directory/keys localhost:1
  check "$command, keylog: a usage error" status_is 3
  check "$command, keylog: nothing was dialled" out_empty
  check "$command, keylog: it is explained" err_has 'no/such/directory/keys: No such file or directory'
done

# ---- client certificates --------------------------------------------------------------------------

own='--cert device.pem --key device.key'
said cert-wanted 0 info tls.client-cert-wanted
said cert-required 2 critical tls.client-cert-required
check 'after the handshake of TLS 1.3' grep -q 'alert 116 (certificate_required)' text
said cert-required-1.2 2 critical tls.client-cert-required
# shellcheck disable=SC2086
said cert-required 0 ok ca.ok $own
# shellcheck disable=SC2086
said cert-rejected 2 critical tls.client-cert-rejected $own
check 'the rejected certificate is named' grep -q 'rejects the client certificate in device.pem' text

# unusable WHAT TEXT OPTION...
unusable() {
  what=$1 text=$2
  shift 2
  run "$tbdiag" verify "$@" localhost:1
  check "$what: exit status" status_is 3
  check "$what: stdout is empty" out_empty
  check "$what: stderr explains" err_has "$text"
}

cat device.pem device.key >both.pem
run "$tbdiag" verify --cert both.pem localhost:1
check 'the key in the file of the certificate' status_is 2
unusable 'no certificate there' 'no certificate in PEM' --cert device.key
unusable 'no key there' 'no private key in PEM (one of another file is named by --key)' --cert device.pem
unusable 'no such file' 'No such file' --cert none.pem
unusable 'a key alone' 'without a certificate' --key device.key
unusable 'another key' 'does not belong' --cert ca.pem --key device.key

done_testing
