#!/bin/sh
# SPDX-License-Identifier: MIT
#
# coap-hostile.t - the round trip over CoAP with servers that keep to nothing, and what goes out to one over DTLS that
# is not verified.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

token=A1_SECRET_TOKEN_0042
printf %s "$token" >secret

# meets KIND FINDING: within the time, bounded, and without the token.
meets() {
  peer_start python coap-peer.py "$1"
  run timeout 20 "$tbdiag" roundtrip --timeout 1 --read-only --token-file secret "coap://127.0.0.1:$port"
  check "$1: exit status" status_is 2
  check "$1: $2" has_finding critical "$2"
  check_not "$1: without the token" grep -qF "$token" "$out" "$err"
  peer_stop
}
meets garbage coap.timeout
check 'garbage: shown' out_has 'does not speak CoAP'
meets short coap.timeout
meets wrong-token coap.timeout
meets wrong-id coap.timeout
meets other-address coap.timeout
meets reset coap.error
check 'reset: said' out_has 'Reset message'
meets diagnostic coap.error
check 'diagnostic: shown, escaped' out_has '\x1b[31mred'
meets blocks coap.error
meets echo coap.error
check 'echo: shown, without the token' out_has '***'

# ---- the token goes to a verified peer or nowhere ----------------------------------------------------

# said_up: how many records of application data (type 23) went up.
said_up() { grep -cx 23 relayed; }

sandbox_start --token "$token"
peer_start python udp-relay.py "$(ready coaps)" log 2>relayed
run "$tbdiag" roundtrip --token-file secret "coaps://127.0.0.1:$port"
check 'not verified: token.unverified-peer' out_has token.unverified-peer
check 'not verified: no byte of data went out' test "$(said_up)" = 0
check 'not verified: but the handshake was heard' grep -qx 22 relayed
run "$tbdiag" roundtrip --insecure --token-file secret "coaps://127.0.0.1:$port"
check '--insecure: data went out' test "$(said_up)" -gt 0
peer_stop
peer_start python udp-relay.py "$(ready coaps)" log 2>relayed
run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file secret "coaps://127.0.0.1:$port"
check 'verified: data went out' test "$(said_up)" -gt 0
peer_stop
sandbox_stop

# The same by the ears of a server that shows what it decrypts; one that hears nothing proves nothing.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 \
  -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' 2>/dev/null
mkfifo shown typed
exec 6<>typed
# heard_from OPTION...: a round trip with it; what it says is in the file heard. It serves once.
heard_from() {
  timeout 20 openssl s_server -dtls1_2 -accept 127.0.0.1:0 -naccept 1 -cert cert.pem -key key.pem >shown 2>&1 <&6 &
  tap_pids="$tap_pids $!"
  {
    while read -r line; do case $line in ACCEPT*) break ;; esac done
    run "$tbdiag" roundtrip -v --timeout 1 --read-only --token-file secret "$@" "coaps://127.0.0.1:${line##*:}"
    cat >heard
  } <shown
}
in_heard() { grep -qaF "$1" heard; }
heard_from
check 'decrypted, not verified: token.unverified-peer' out_has token.unverified-peer
check 'decrypted, not verified: the server said so' in_heard alert
check_not 'decrypted, not verified: no token' in_heard "$token"
check_not 'decrypted, not verified: no request' in_heard attributes
for options in --insecure '--ca-file cert.pem'; do
  # shellcheck disable=SC2086
  heard_from $options
  check "decrypted, $options: the token was heard" in_heard "$token"
  check_not "decrypted, $options: it is in no output" grep -qF "$token" "$out" "$err"
done

done_testing
