#!/bin/sh
# SPDX-License-Identifier: MIT
#
# verify-live.t - chain and verify against a real broker, with each fault that the sandbox can serve.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# has_finding SEVERITY ID

# served KIND STATUS SEVERITY ID: what verify says of this chain, in text and JSON.
served() {
  kind=$1 expected=$2
  sandbox_start --chain "$kind" || fail "$kind: the sandbox starts"
  target=localhost:$sandbox_tls_port
  run "$tbdiag" verify --ca-file "$sandbox_ca" "$target"
  check "$kind: exit status" status_is "$expected"
  check "$kind: $4" has_finding "$3" "$4"
  check "$kind: stderr is empty" err_empty
  run "$tbdiag" verify --format json --ca-file "$sandbox_ca" "$target"
  check "$kind, JSON: exit status" status_is "$expected"
  check "$kind, JSON: fits the schema" out_fits_schema
  check "$kind, JSON: $4" out_has "\"id\": \"$4\""
  run "$tbdiag" chain "$target"
  check "$kind: chain shows what was sent" out_has 'Chain as sent'
}

served complete 0 ok ca.ok
check_not 'complete: chain has no findings to act on' test "$status" -ne 0
run "$tbdiag" chain --save saved.pem localhost:"$sandbox_tls_port"
grep -v '^#' saved.pem >sent
grep -v '^#' "$(ready chain_file)" >served
check 'complete: something was served' test -s served
check 'complete: chain --save keeps it' cmp -s served sent

# ---- HTTPS ----------------------------------------------------------------------------------------

run "$tbdiag" verify --ca-file "$sandbox_ca" "https://localhost:$(ready https)"
check 'https: exit status' status_is 0
check 'https: what is judged' out_has "https://localhost:$(ready https)"
check 'https: HTTP/1.1 was offered and agreed on' grep -q '^  ALPN  *http/1.1$' "$out"
run "$tbdiag" chain --format json "https://localhost:$(ready https)"
check 'https, JSON: fits the schema' out_fits_schema
check 'https, JSON: ALPN' out_has '"alpn": "http/1.1"'
run "$tbdiag" chain --format json "localhost:$sandbox_tls_port"
check 'mqtts: no ALPN' out_has '"alpn": null'
run "$tbdiag" verify "http://localhost:$(ready http)"
check 'http: nothing to judge' status_is 3
check 'http: what speaks TLS' err_has 'use mqtts://, wss://, https:// or coaps://'

# ---- ways to connect ------------------------------------------------------------------------------

target=localhost:$sandbox_tls_port
verify() { "$tbdiag" verify --ca-file "$sandbox_ca" "$@"; }
run verify -v -4 "$target"
check '-4: exit status' status_is 0
check '-4: IPv4' out_has '127.0.0.1:'
run verify --timeout 7.5 --tls-version 1.2 "$target"
check '--tls-version 1.2' grep -q '^  TLS  *TLS1.2 ' "$out"
run verify --sni none "$target"
check '--sni none' out_has '(none sent)'
run verify --sni other.example.com "$target"
check '--sni NAME' grep -q '^  server name  *other.example.com' "$out"
run verify --connect-to "127.0.0.1:$sandbox_tls_port" localhost
check '--connect-to HOST:PORT: exit status' status_is 0
check '--connect-to HOST:PORT: the target is what is judged' out_has 'mqtts://localhost:8883'
run verify --connect-to 127.0.0.1 "$target"
check '--connect-to HOST: the port of the target' status_is 0
run verify --connect-to "127.0.0.1:$sandbox_tls_port" wrong.example.com
check '--connect-to: name of the target' has_finding critical name.mismatch
run verify --verify-name localhost --connect-to "127.0.0.1:$sandbox_tls_port" wrong.example.com
check '--verify-name: exit status' status_is 0
run verify -v --verify-name localhost --resolve 127.0.0.1 "no-such-host.example:$sandbox_tls_port"
check '--resolve: exit status' status_is 0
check '--resolve: the name is still the target' out_has "mqtts://no-such-host.example:$sandbox_tls_port"
check '--resolve: and the server name' grep -q '^  server name  *no-such-host.example' "$out"
run verify --resolve 127.0.0.2,127.0.0.1 "localhost:$sandbox_tls_port" -v
check '--resolve, the first refuses: exit status' status_is 0
check '--resolve, the first refuses: both were tried' grep -q 'attempt  *127.0.0.2.*refused' "$out"
TBDIAG_TARGET=$target
export TBDIAG_TARGET
run verify
check 'TBDIAG_TARGET: exit status' status_is 0
check 'TBDIAG_TARGET: said' out_has 'note: the target comes from TBDIAG_TARGET'
unset TBDIAG_TARGET
# Where mqtt.thingsboard.cloud leads does not matter here, only that it is taken.
run verify --connect-to "127.0.0.1:$sandbox_tls_port"
check 'no target: said' out_has 'note: no TARGET was given: mqtt.thingsboard.cloud is taken'
run verify "localhost:$sandbox_port"
check 'TLS to a port that speaks MQTT in clear: exit status' status_is 2
# A broker may reset the connection, or close it, or answer.
check 'TLS to a port that speaks MQTT in clear: said' grep -qE '^critical  (tcp\.reset|tls\.)' "$out"
run verify 127.0.0.1:1
check 'nobody listens: exit status' status_is 2
check 'nobody listens: tcp.refused' has_finding critical tcp.refused
run verify does-not-exist.invalid
check 'no such name: exit status' status_is 2
check 'no such name: a dns finding' grep -q '^critical  dns\.' "$out"

# ---- each bad chain -------------------------------------------------------------------------------

served leaf-only 2 critical ca.missing-intermediate
served self-signed 2 critical ca.self-signed
# works FILE: with this CA file, clients that are not ours connect.
works() {
  run openssl s_client -connect "localhost:$sandbox_tls_port" -CAfile "$1" -verify_return_error \
    -verify_hostname localhost
  check "$1: openssl s_client" out_has 'Verify return code: 0 (ok)'
  run /usr/bin/python3 "$abs_top_srcdir/tests/live/paho-example.py" localhost "$sandbox_tls_port" "$1" \
    "$(cat "$sandbox_token_file")"
  check "$1: a device of paho" status_is 0
  command -v mosquitto_pub >/dev/null || return 0
  run mosquitto_pub -q 1 --cafile "$1" -h localhost -p "$sandbox_tls_port" -t v1/devices/me/telemetry \
    -u "$(cat "$sandbox_token_file")" -m '{}'
  check "$1: mosquitto_pub" status_is 0
}
target=localhost:$sandbox_tls_port
run "$tbdiag" verify --ca-file "$sandbox_ca" --save-ca server.pem $target
check 'self-signed: --save-ca alone: trust.unproven' grep -qE '^ *therefore critical  trust.unproven(  |$)' "$out"
check 'self-signed: --save-ca alone says so' out_has 'note: server.pem: not written, see trust.unproven'
check_not 'self-signed: --save-ca alone: no file' test -e server.pem
# What the administrator reads out: from the file on the server.
sha256=$(openssl x509 -in "$(ready chain_file)" -noout -fingerprint -sha256)
check 'self-signed: the fingerprint is shown for comparison' out_has \
  "$(echo "${sha256#*=}" | tr -d : | tr A-F a-f)"
run "$tbdiag" verify --ca-file "$sandbox_ca" --ca-sha256 "$(printf %064d 0)" --save-ca server.pem $target
check 'self-signed: another fingerprint: said' out_has 'not the one that is expected'
check_not 'self-signed: another fingerprint: no file' test -e server.pem
run "$tbdiag" verify --ca-file "$sandbox_ca" --ca-sha256 "$sha256" --save-ca server.pem $target
check 'self-signed: confirmed: said' out_has 'note: server.pem: 1 certificate written'
check 'newcomer-A6 self-signed: confirmed: exit status' status_is 0
check 'newcomer-A6 self-signed: confirmed: what was written is trusted' has_finding ok ca.ok
run "$tbdiag" verify --ca-file server.pem localhost:"$sandbox_tls_port"
check 'self-signed: what was saved verifies it' has_finding ok ca.ok
works server.pem
# The device knows the certificate that was served before.
cp server.pem pinned.pem
served self-signed 2 critical ca.self-signed
run "$tbdiag" verify --ca-file pinned.pem localhost:"$sandbox_tls_port"
check 'self-signed, renewed: exit status' status_is 2
check 'self-signed, renewed: ca.old-leaf' test "$(first_finding)" = ca.old-leaf
sha256=$(openssl x509 -in "$(ready chain_file)" -noout -fingerprint -sha256)
run "$tbdiag" verify --ca-file pinned.pem --ca-sha256 "$sha256" --save-ca renewed.pem localhost:"$sandbox_tls_port"
run "$tbdiag" verify --ca-file renewed.pem localhost:"$sandbox_tls_port"
check 'self-signed, renewed: what was saved verifies it' has_finding ok ca.ok
served expired 2 critical time.expired
served not-yet-valid 2 critical time.not-yet-valid
served wrong-host 2 critical name.mismatch
served other-root 2 critical ca.wrong-root
served rekeyed-root 2 critical ca.same-name-other-key
served renamed-root 2 critical ca.same-key-other-name
served intercepted 2 critical ca.intercepted
served wrong-order 1 warning chain.wrong-order
served expired-intermediate 2 critical time.expired

served private-root 2 critical ca.private-root-sent
# The administrator reads the last certificate of the chain out; a person types it.
awk '/BEGIN/ { text = "" } { text = text $0 "\n" } END { printf "%s", text }' "$(ready chain_file)" >sent-root.pem
sha256=$(openssl x509 -in sent-root.pem -outform DER | sha256sum | cut -d ' ' -f 1)
run "$tbdiag" verify --ca-file "$sandbox_ca" --format json "localhost:$sandbox_tls_port"
check 'private root: the fix is what confirms it' out_has "--ca-sha256 $sha256 --save-ca server-ca.pem"
run "$tbdiag" verify --ca-file "$sandbox_ca" --ca-sha256 "$(echo "$sha256" | tr a-f A-F | sed 's/../&:/g; s/:$//')" \
  --save-ca private.pem "localhost:$sandbox_tls_port"
check 'private root, confirmed: said' out_has 'note: private.pem: 1 certificate written'
works private.pem
served complete 0 ok ca.ok
run "$tbdiag" verify --ca-file "$sandbox_ca" --save-ca anchor.pem "localhost:$sandbox_tls_port"
check 'all is well: said' out_has 'note: anchor.pem: 1 certificate written'
works anchor.pem

# ---- does it serve what it was given? --------------------------------------------------------------

sandbox_start --chain expired
cp "$(ready chain_file)" old.pem
first_pid=$sandbox_pid first_target=localhost:$sandbox_tls_port
sandbox_start --chain complete
cp "$(ready chain_file)" new.pem
cat new.pem "$sandbox_ca" >longer.pem
# expects FILE TARGET STATUS FINDING TEXT
expects() {
  run "$tbdiag" chain --expect "$1" "$2"
  check "--expect $1: exit status" status_is "$3"
  check "--expect $1: $4" test "$(first_finding)" = "$4"
  check "--expect $1: $5" out_has "$5"
}
target=localhost:$sandbox_tls_port
expects new.pem "$target" 0 chain.as-expected "yes: $target serves what new.pem holds"
expects new.pem "$first_target" 2 chain.not-renewed "no: $first_target still serves the certificate"
check '--expect: how it is mended' out_has '  systemctl restart thingsboard'
expects old.pem "$target" 0 chain.not-renewed 'a later certificate than old.pem'
expects longer.pem "$target" 1 chain.not-renewed 'the certificate of longer.pem, but'
expects "$abs_top_srcdir/tests/data/fixtures/full.pem" "$target" 1 chain.not-renewed 'altogether'
run "$tbdiag" chain --expect new.pem --format json "$first_target"
check '--expect, JSON: fits the schema' out_fits_schema
: >empty.pem
run "$tbdiag" chain --expect empty.pem "$target"
check '--expect of an empty file: exit status' status_is 3
check '--expect of an empty file: says why' err_has 'empty.pem: holds no certificate'
run "$tbdiag" chain --expect nowhere.pem "$target"
check '--expect of no file: exit status' status_is 3
check '--expect of no file: says why' err_has 'nowhere.pem: No such file'
sandbox_stop
sandbox_pid=$first_pid
sandbox_stop

done_testing
