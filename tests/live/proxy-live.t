#!/bin/sh
# SPDX-License-Identifier: MIT
#
# proxy-live.t - --proxy: by CONNECT and by SOCKS 5 to the sandbox, for MQTT and HTTP, and what is said when a proxy
# makes no connection.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# proxy_start KIND [EXTRA]: its port is in $proxy, what it was asked in the file proxy-err.
proxy_start() {
  peer_start python proxy-peer.py "$@" 2>proxy-err
  proxy=$port
}
asked() { grep -qF -e "$1" proxy-err; }
verify() { run "$tbdiag" verify --ca-file "$sandbox_ca" "$@"; }
roundtrip() {
  run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" "$@"
}
no_secrets() { ! grep -qE -e "$(cat "$sandbox_token_file")|s3cr3t|czNjcjN0|p%40ss|p@ss" "$out" "$err"; }

sandbox_start -v || fail 'the sandbox starts'
mqtts=mqtts://localhost:$sandbox_tls_port
https=https://localhost:$(ready https)

# ---- the token goes to a verified peer or nowhere ----------------------------------------------------

came() { grep -qE "$1" "$sandbox_err"; }
for url in "$mqtts" "$https"; do
  proxy_start http
  run "$tbdiag" roundtrip --proxy "http://127.0.0.1:$proxy" --token-file "$sandbox_token_file" "$url"
  check "not verified, $url: token.unverified-peer" out_has token.unverified-peer
  check "not verified, $url: the proxy made the connection" asked "CONNECT ${url#*//}"
  peer_stop
done
check_not 'not verified: no server got a request' came 'CONNECT|/api/'

# ---- to the peer, and back -------------------------------------------------------------------------

for kind in http socks5; do
  proxy_start $kind
  url=$kind://127.0.0.1:$proxy
  verify --proxy "$url" "$mqtts"
  check "$kind: verify: exit status" status_is 0
  check "$kind: the proxy is asked by name" asked "CONNECT localhost:$sandbox_tls_port"
  check "$kind: it is shown" grep -qE "^  proxy  +$url: ok" "$out"
  check "$kind: its time is shown" grep -qE 'tcp [0-9.]+ ms, proxy [0-9.]+ ms, (second connection [0-9.]+ ms, )?tls' "$out"
  roundtrip --proxy "$url" "$mqtts"
  check "$kind: round trip over MQTT" status_is 0
  check "$kind: data.ok" out_has 'ok  data.ok'
  check "$kind: the server got it" came CONNECT
  roundtrip --proxy "$url" "$https"
  check "$kind: round trip over HTTPS" status_is 0
  check "$kind: the server for HTTPS got it" came /api/
  roundtrip --proxy "$url" "mqtt://localhost:$sandbox_port"
  check "$kind: round trip in clear" status_is 1
  roundtrip --proxy "$url" --format json "http://127.0.0.1:$(ready http)"
  check "$kind: round trip over HTTP in clear" status_is 1
  check "$kind, JSON: fits the schema" out_fits_schema
  check "$kind, JSON: whose address it is" out_has "\"port\": $proxy"
  roundtrip --proxy "$url" "https://[::1]:$(ready https)"
  check "$kind: IPv6 address" status_is 0
  check "$kind: IPv6 address, as it is asked for" asked "::1"
  verify --proxy "$url" --connect-to "127.0.0.1:$sandbox_tls_port" mqtts://localhost
  check "$kind: --connect-to is what is asked for" asked "CONNECT 127.0.0.1:$sandbox_tls_port"
  check "$kind: --connect-to: exit status" status_is 0
  peer_stop

  proxy_start $kind 'us er:p@ss/s3cr3t%:x'
  user=us%20er
  roundtrip -v --proxy "$kind://$user:p%40ss%2Fs3cr3t%25%3Ax@127.0.0.1:$proxy" "$mqtts"
  check "$kind: with credentials" status_is 0
  check "$kind: that they were given is shown" out_has ', with credentials: ok'
  check "$kind: they are not" no_secrets
  roundtrip -v --format json --proxy "$kind://$user:s3cr3t@127.0.0.1:$proxy" "$mqtts"
  check "$kind: wrong credentials: exit status" status_is 2
  check "$kind: wrong credentials: proxy.auth" out_has '"id": "proxy.auth"'
  check "$kind: wrong credentials: fits the schema" out_fits_schema
  check "$kind: wrong credentials are not shown" no_secrets
  check "$kind: wrong credentials reached the proxy" asked 'login wrong'
  roundtrip --proxy "$kind://127.0.0.1:$proxy" "$mqtts"
  check "$kind: without credentials: proxy.auth" test "$(first_finding)" = proxy.auth
  check "$kind: without credentials: what to do" grep -q "$kind://USER:PASSWORD@127.0.0.1:$proxy" "$out"
  peer_stop
done

proxy_start http interim
roundtrip --proxy "http://127.0.0.1:$proxy" "$mqtts"
check 'interim answers before the answer: data.ok' out_has 'ok  data.ok'
peer_stop

# ---- another connection to find out more -----------------------------------------------------------

for kind in http socks5; do
  proxy_start $kind
  url=$kind://127.0.0.1:$proxy
  verify --proxy "$url" "mqtts://localhost:$sandbox_port"
  check "$kind: a port of MQTT in clear: exit status" status_is 2
  check "$kind: a port of MQTT in clear: said" test "$(first_finding)" = tls.plain-mqtt
  check "$kind: the proxy was asked twice" test "$(grep -c "CONNECT localhost:$sandbox_port" proxy-err)" = 2
  verify --proxy "$url" --without-sni -v "$mqtts"
  check "$kind: --without-sni: exit status" status_is 0
  check "$kind: --without-sni, and TLS 1.2: by the proxy, too" \
    test "$(grep -c "CONNECT localhost:$sandbox_tls_port" proxy-err)" = 3
  peer_stop
done
proxy_start http once
verify --proxy "http://127.0.0.1:$proxy" "mqtts://localhost:$sandbox_port"
check 'the proxy makes one connection only: exit status' status_is 2
check 'the proxy makes one connection only: what is known is said' grep -qE '^critical  tls\.' "$out"
check 'the proxy makes one connection only: it is no finding' test "$(grep -c 'proxy\.' "$out")" = 0
peer_stop

# ---- nothing secret --------------------------------------------------------------------------------

proxy_start http u:s3cr3t
url=http://u:s3cr3t@127.0.0.1:$proxy
for format in text json; do
  for option in "--proxy $url" "--proxy=$url"; do
    # shellcheck disable=SC2086 # an option and its value
    run "$tbdiag" report --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" --format $format $option "$mqtts"
    check "report, $format, $option: made" status_is 0
    check "report, $format: the option is there" grep -qF -e --proxy "$out"
    check "report, $format: credentials are not" no_secrets
  done
done
run "$tbdiag" report --redact --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" --proxy "$url" "$mqtts"
check 'report --redact: made' status_is 0
check 'report --redact: nothing secret' no_secrets
run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token A1_WRONG_TOKEN_9 --explain-refusal --proxy "$url" "$mqtts"
check '--explain-refusal: by the same proxy' out_has "with MQTT 5: 0x8"
check_not '--explain-refusal: to the same peer' asked "CONNECT 127.0.0.1:"
check_not '--explain-refusal: the token is not shown' out_has A1_WRONG_TOKEN_9
check '--explain-refusal: nothing else is' no_secrets
peer_stop

# While it waits others look: at its arguments, and at what it would leave behind.
proxy_start http silent
"$tbdiag" verify --ca-file "$sandbox_ca" --proxy "http://u:s3cr3t@127.0.0.1:$proxy" "$mqtts" >"$out" 2>"$err" &
watched=$!
tap_pids="$tap_pids $watched"
until asked CONNECT; do
  kill -0 "$watched" || break
done
check 'it waits for the proxy' asked CONNECT
check_not 'its arguments are overwritten' grep -q s3cr3t "/proc/$watched/cmdline"
check 'it leaves no core dump' grep -qE '^Max core file size +0 +0 ' "/proc/$watched/limits"
kill "$watched"
peer_stop

# ---- no connection ---------------------------------------------------------------------------------

# says KIND ANSWER TEXT: proxy.refused, in time.
says() {
  proxy_start "$1" "$2"
  begin=$(date +%s%3N)
  roundtrip --timeout 1 --proxy "$1://127.0.0.1:$proxy" "$mqtts"
  took=$(($(date +%s%3N) - begin))
  check "$1 $2: proxy.refused" test "$(first_finding)" = proxy.refused
  check "$1 $2: exit status" status_is 2
  check "$1 $2: in time ($took ms)" test "$took" -lt 2000
  check_not "$1 $2: the peer was not reached" out_has 'Chain as sent'
  run "$tbdiag" verify --format json --timeout 1 --proxy "$1://127.0.0.1:$proxy" "$mqtts"
  check "$1 $2, JSON: fits the schema" out_fits_schema
  check "$1 $2, JSON: how" out_has "$3"
  peer_stop
}
says http 403 'HTTP/1.1 403 No'
says http 502 'could not reach'
says http garbage 'does not speak HTTP as a proxy does'
says http silent 'did not answer in time'
says http close 'closed the connection'
says http reset 'reset the connection'
says http endless 'does not speak HTTP as a proxy does'
says http endless-interim 'does not speak HTTP as a proxy does'
says http 101 'HTTP/1.1 101 No'
says socks5 2 'not allowed by its rules'
says socks5 4 'the host is unreachable'
says socks5 garbage 'does not speak SOCKS 5 as a proxy does'
says socks5 silent 'did not answer in time'
says socks5 close 'closed the connection'

proxy_start http
verify --proxy "socks5://127.0.0.1:$proxy" --timeout 1 "$mqtts"
check 'the wrong kind of proxy: exit status' status_is 2
peer_stop
verify --proxy http://127.0.0.1:1 "$mqtts"
check 'nothing listens: tcp.refused' test "$(first_finding)" = tcp.refused
check 'nothing listens: of the proxy' out_has 'the proxy 127.0.0.1 refuses connections to port 1'
verify --proxy http://no-such-proxy.invalid:1 "$mqtts"
check 'no such name: of the proxy' out_has 'no-such-proxy.invalid'

# ---- a wrong command line --------------------------------------------------------------------------

for url in 127.0.0.1:3128 https://127.0.0.1:1 http://127.0.0.1 http://:s3cr3t@h:1 http://u:s3cr3t%zz@h:1 \
  http://u:s3cr3t@h:1/path "http://u:s3cr3t@h:x" socks5:// http://u:s3cr3t%00@h:1; do
  verify --proxy "$url" "$mqtts"
  check "$url: exit status" status_is 3
  check "$url: what is wanted" err_has 'http://HOST:PORT or socks5://HOST:PORT'
  check "$url: nothing secret" no_secrets
done
verify --proxy http://127.0.0.1:1 --resolve 127.0.0.1 "$mqtts"
check '--resolve does not go with it' status_is 3
check '--resolve: why' err_has 'a proxy looks for the host itself'
verify --proxy http://127.0.0.1:1 "coaps://localhost:$(ready coaps)"
check 'CoAP does not go with it' status_is 3
check 'CoAP: why' err_has 'a proxy passes on connections, not datagrams'
run "$tbdiag" chain --proxy http://127.0.0.1:1 --all-addresses "$mqtts"
check '--all-addresses does not go with it' status_is 3
check '--all-addresses: why' err_has 'nothing can be compared'

done_testing
