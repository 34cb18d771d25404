#!/bin/sh
# SPDX-License-Identifier: MIT
#
# trust-command.t - tbdiag trust: the file that a device has to trust a server by.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# Requests to the loopback interface go to no proxy.
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY 2>/dev/null
tbdiag_dir=$abs_top_builddir/tools
fingerprint() { openssl x509 -in "$1" -outform DER | sha256sum | cut -d ' ' -f 1; }

start() {
  sandbox_start "$@" || fail 'the sandbox starts'
  target=localhost:$sandbox_tls_port
  coaps=coaps://localhost:$(ready coaps)
  https=https://localhost:$(ready https)
  http=http://localhost:$(ready http)
}
from_server() { run "$tbdiag" trust --from-server --ca-file "$sandbox_ca" "$@"; }

# fix: the commands of the fix of the first finding, as they stand there.
fix() {
  sed -n '/^ *fix:/,/^$/s/^      //p' "$out" >fix.sh
  PATH="$tbdiag_dir:$PATH" sh -e fix.sh >fix.out 2>&1
}

# ---- --from-server: the file that ThingsBoard hands out -------------------------------------------

start
from_server --web "$https" -o served.pem "$target"
check 'from the server: exit status' status_is 0
check 'from the server: trust.file-fits' has_finding ok trust.file-fits
check 'from the server: ca.ok by what came' out_has "$https/api/device-connectivity/mqtts/certificate/download"
check 'from the server: written' out_has 'note: served.pem: 1 certificate written'
check 'from the server: the fingerprint to compare' out_has "$(fingerprint "$sandbox_ca")"
run openssl s_client -connect "$target" -CAfile served.pem -verify_return_error -verify_hostname localhost
check 'from the server: OpenSSL trusts by it' out_has 'Verify return code: 0 (ok)'
from_server --web "$https" --format json "$target"
check 'from the server, JSON: fits the schema' out_fits_schema
check 'from the server, JSON: it was verified' grep -qE '"verified": "yes"' "$out"
from_server --web "$https" "$coaps"
check 'from the server, CoAP: exit status' status_is 0
check 'from the server, CoAP: its own file' out_has /api/device-connectivity/coaps/certificate/download
from_server --web "$https" --connect-to 127.0.0.1:"$sandbox_tls_port" mqtts://localhost
check 'from the server, --connect-to: exit status' status_is 0

# Nobody vouches for who answered: in clear, or by a certificate that is not trusted.
for where in "$http" "$https"; do
  rm -f server-ca.pem
  run "$tbdiag" trust --from-server --web "$where" -o server-ca.pem "$target"
  check "unverified, ${where%%:*}: exit status" status_is 2
  check "unverified, ${where%%:*}: trust.unproven" test "$(first_finding)" = trust.unproven
  check "unverified, ${where%%:*}: it would fit" has_finding ok trust.file-fits
  check "unverified, ${where%%:*}: not written" out_has 'note: server-ca.pem: not written, see trust.unproven'
  check_not "unverified, ${where%%:*}: no file" test -e server-ca.pem
  sed -i '/^      openssl/d' "$out"
  check "unverified, ${where%%:*}: what is proposed can be run" fix
  check "unverified, ${where%%:*}: it writes the CA" test "$(fingerprint server-ca.pem)" = "$(fingerprint "$sandbox_ca")"
done
check 'unverified: why' out_has 'not verified (no-issuer)'
run "$tbdiag" trust --from-server --web "$http" --accept-fingerprint "$(printf %064d 0)" -o none.pem "$target"
check 'unverified, another fingerprint: exit status' status_is 2
check 'unverified, another fingerprint: said' out_has 'not the one that is expected'
check_not 'unverified, another fingerprint: no file' test -e none.pem
run "$tbdiag" trust --from-server --resolve 127.0.0.77 "$target"
check 'the usual places: with TLS' out_has https://localhost:443/api/
check 'the usual places: ThingsBoard by itself' out_has http://localhost:8080/api/

# ---- what is handed out is another file ------------------------------------------------------------

sandbox_stop
start --chain other-root
from_server --web "$http" "$target"
check 'another CA: exit status' status_is 2
check 'another CA: what the chain needs' test "$(first_finding)" = ca.wrong-root
check 'another CA: trust.file-misfit' grep -qE '^ *therefore critical  trust.file-misfit(  |$)' "$out"
from_server --web "$http" -v "$target"
check 'another CA: the setting that names the file' out_has DEVICE_CONNECTIVITY_MQTTS_CA_ROOT_CERT
check_not 'another CA: no command has a URL for a file' out_has '--ca-file http'
sandbox_stop

# ---- nothing is handed out -------------------------------------------------------------------------

# not_served WHAT TEXT OPTION...: trust.file-not-served, which says TEXT; the chain is shown all the same.
not_served() {
  what=$1 text=$2
  shift 2
  from_server "$@" "$target"
  check "$what: exit status" status_is 1
  check "$what: trust.file-not-served" test "$(first_finding)" = trust.file-not-served
  check "$what: said" out_has "$text"
  check "$what: the chain is shown" out_has 'CN=Sandbox Intermediate CA'
}
start --fault no-ca-file
not_served 'no file' 'mqtts pem cert file' --web "$http"
check 'no file: the setting' out_has 'export DEVICE_CONNECTIVITY_MQTTS_CA_ROOT_CERT='
sandbox_stop
start --fault http-html
not_served 'a web page' 'it holds no certificate' --web "$http"
sandbox_stop
start --fault http-redirect
not_served 'a redirection' "https://localhost:$(ready https)/api/" --web "$http"
sandbox_stop
start --fault http-status=401
not_served 'a login' 'without a login from version 3.6 on' --web "$http"
sandbox_stop
start
not_served 'nobody there' 'Connection refused' --web http://localhost:1
from_server --web http://localhost:1 -o none.pem "$target"
check 'nobody there: not written' out_has 'note: none.pem: not written'
check_not 'nobody there: no file' test -e none.pem

# Answers of a server that means no good.
for kind in nothing reset half-a-body drip silent large-body endless-body endless-head evil evil-redirect ssh garbage; do
  peer_start python http-peer.py "$kind"
  from_server --timeout 2 --web "http://127.0.0.1:$port" -v "$target"
  check "hostile, $kind: exit status" status_is 1
  check "hostile, $kind: trust.file-not-served" test "$(first_finding)" = trust.file-not-served
  check_not "hostile, $kind: nothing raw" grep -q "$(printf '\033')" "$out"
  peer_stop
done

# ---- options ---------------------------------------------------------------------------------------

# refuses WHAT TEXT OPTION...
refuses() {
  what=$1 text=$2
  shift 2
  run "$tbdiag" trust "$@"
  check "$what: exit status" status_is 3
  check "$what: no report" out_empty
  check "$what: says why" err_has "$text"
}
refuses '--web alone' "goes with '--from-server' only" --web "$http" "$target"
refuses '--web of MQTT' 'wants https://HOST' --from-server --web mqtts://localhost "$target"
refuses '--from-server of a file' "does not go with '--chain-file'" --from-server --chain-file served.pem
refuses '--from-server of HTTPS' 'mqtts://, wss:// or' --from-server "$https"
refuses '--output that is there' 'served.pem: File exists' -o served.pem "$target"
refuses '--output to standard output' "in the place of '-'" -o - "$target"
sandbox_stop

done_testing
