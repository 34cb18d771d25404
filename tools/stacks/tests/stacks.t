#!/bin/sh
# SPDX-License-Identifier: MIT
#
# stacks.t - each stack's helper: it completes a handshake with a real server, refuses what the stack refuses, keeps to the
# protocol, and survives what it is given.
. "${abs_top_srcdir:-$(dirname "$0")/../../..}/tests/live/tap.sh"

helpers=$abs_top_builddir/tools/stacks
: "${STACKS:=$(cd "$helpers" && echo stack-* | sed 's/stack-[^ ]*[.]o//g; s/stack-//g')}"
fixtures=$abs_top_srcdir/tests/data/fixtures
then=1767225600 # when the fixtures' certificates are valid
# ask STACK ARGUMENT...: see stacks.py
ask() {
  asked=$1
  shift
  run /usr/bin/python3 "$abs_top_srcdir/tools/stacks/tests/stacks.py" "$helpers/stack-$asked" "$@"
}
# raw STACK TEXT: the text as its standard input
raw() {
  printf '%s' "$2" >question
  timeout 60 "$helpers/stack-$1" <question >"$out" 2>"$err"
  status=$?
}
says() { grep -q -e "$1" "$out"; }

# make_pair NAME KEY [OPTION...]: root and leaf, good for 400 days and one.
make_pair() {
  pair=$1
  shift
  openssl req -x509 -newkey "$@" -nodes -subj "/CN=$pair root" -days 400 -keyout "$pair-root.key" -out "$pair-root.pem" \
    -addext 'keyUsage=critical,keyCertSign' 2>/dev/null &&
    openssl req -newkey "$@" -nodes -subj "/CN=localhost" -keyout "$pair.key" -out "$pair.csr" 2>/dev/null &&
    printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' >ext &&
    openssl x509 -req -in "$pair.csr" -CA "$pair-root.pem" -CAkey "$pair-root.key" -days 1 -extfile ext -out "$pair.pem" 2>/dev/null
}
check 'an RSA pair' make_pair rsa rsa:2048
check 'an EC pair' make_pair ec ec -pkeyopt ec_paramgen_curve:P-256
# A server with the pair's key that speaks TLS 1.2; $port.
serve() {
  timeout 120 openssl s_server -www -tls1_2 -accept 127.0.0.1:0 -cert "$1.pem" -key "$1.key" >"shown-$1" 2>&1 </dev/null &
  tap_pids="$tap_pids $!"
  for _ in $(seq 100); do
    port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "shown-$1")
    [ -z "$port" ] || return 0
    sleep 0.05
  done
  return 1
}
check 'a server with an RSA key' serve rsa
rsa_port=$port
check 'a server with an EC key' serve ec
ec_port=$port
now=$(date +%s)

for stack in $STACKS; do
  run "$helpers/stack-$stack" --list
  check "$stack: it says what it is" out_has "{\"stack\":\"$stack\",\"version\":\""
  modes=$(/usr/bin/python3 -c 'import json, sys; print(*json.load(sys.stdin)["modes"])' <"$out")
  check "$stack: the first mode is the default" test "${modes%% *}" = default

  # The same code that judges comes to the end with a server that has a key.
  ask "$stack" --connect "127.0.0.1:$rsa_port" rsa.pem rsa-root.pem localhost "$now"
  check "$stack: it completes a handshake with an RSA key" says '^default accepted finished - - 1'
  ask "$stack" --connect "127.0.0.1:$ec_port" ec.pem ec-root.pem localhost "$now"
  check "$stack: and with an EC key" says '^default accepted finished - - 1'
  ask "$stack" --connect "127.0.0.1:$ec_port" ec.pem rsa-root.pem localhost "$now"
  check "$stack: not with another root" says '^default refused handshake '
  ask "$stack" --connect "127.0.0.1:$ec_port" ec.pem ec-root.pem other.test "$now"
  check "$stack: nor for another name" says '^default refused handshake '
  ask "$stack" --connect "127.0.0.1:$ec_port" ec.pem ec-root.pem localhost $((now + 864000))
  check "$stack: nor ten days later" says '^default refused handshake '

  # Replayed, it says the same.
  for kind in rsa ec; do
    ask "$stack" $kind.pem $kind-root.pem localhost "$now"
    check "$stack: replayed, it accepts the chain ($kind)" says '^default accepted handshake - - 1'
    ask "$stack" $kind.pem $kind-root.pem localhost $((now + 864000))
    check "$stack: not ten days later ($kind)" says '^default refused handshake '
  done
  ask "$stack" ec.pem rsa-root.pem localhost "$now" default
  check "$stack: nor with another root" says '^default refused handshake '
  check "$stack: asked for one mode it judges one" test "$(wc -l <"$out")" -eq 1
  ask "$stack" ec.pem ec-root.pem other.test "$now"
  check "$stack: nor for another name" says '^default refused handshake '
  ask "$stack" "$fixtures/full.pem" "$fixtures/root.pem" mqtt.example.com "$then"
  check "$stack: a chain of three" says '^default accepted handshake'

  # An empty file, and what is none.
  : >empty
  ask "$stack" ec.pem empty localhost "$now"
  check "$stack: an empty trust file is answered" status_is 0
  check "$stack: by no" says '^default refused .* 0 '
  head -c 100000 /dev/urandom >noise
  ask "$stack" ec.pem noise localhost "$now"
  check "$stack: noise as a trust file is, too" says '^default refused .* 0 '

  # What is no question.
  for text in '' '{' '[]' '{}' '{"chain":[]}' '{"chain":["AAAA"],"trust":"","host":"a"}' \
    '{"chain":["AAAA"],"trust":"","host":"a","time":-1}' '{"chain":["A"],"trust":"","host":"a","time":1}' \
    '{"chain":["AAAA"],"trust":7,"host":"a","time":1}' '{"chain":["AAAA"],"trust":"","host":"","time":1}' \
    '{"chain":["AAAA"],"trust":"","host":"a","time":1,"modes":["best"]}' \
    '{"chain":["AAAA"],"trust":"","host":"a","time":1,"modes":"default"}' \
    '{"chain":{},"trust":"","host":"a","time":1}' '{"chain":["AAAA"],"trust":"","host":"a\u0000b","time":1}'; do
    raw "$stack" "$text"
    check "$stack: no question: $text" status_is 3
    check "$stack: it says so" test "$(wc -l <"$err")" -eq 1
  done
  for der in AAAA MIID MIICAAAA MIICMIICMIIC; do
    raw "$stack" "{\"chain\":[\"$der\"],\"trust\":\"\",\"host\":\"a\",\"time\":1}"
    check "$stack: a chain of garbage is judged: $der" status_is 0
  done
  /usr/bin/python3 -c '
import base64, json
print(json.dumps({"chain": [base64.b64encode(bytes(9000)).decode()] * 100, "trust": "", "host": "a", "time": 1}))' >long
  raw "$stack" "$(cat long)"
  check "$stack: a chain that no message can hold is none" status_is 3
  /usr/bin/python3 -c '
import base64, json
print(json.dumps({"chain": [base64.b64encode(b"\x30\x82\x09\xfc" + bytes(2556)).decode()] * 100, "trust": "", "host": "a", "time": 1}))' >long
  raw "$stack" "$(cat long)"
  check "$stack: one that just fits is judged" status_is 0
done

# ---- the clock: a helper that could not set it would judge by today's

raw gnutls '{"chain":["AAAA"],"trust":"","host":"a","time":1}'
for deaf in "$helpers"/tests/deaf-*; do
  case $deaf in *.o) continue ;; esac
  timeout 60 "$deaf" <question >"$out" 2>"$err"
  status=$?
  check "$(basename "$deaf"): judges nothing" status_is 3
  check "$(basename "$deaf"): and says why" err_has 'its clock cannot be set'
done

# ---- what each sends to the server of an unknown root

alert_of() { awk '$1 == "default" { print $5 }' "$out"; }
for stack in $STACKS; do
  case $stack in
  openssl | mbedtls | wolfssl) expected=48 ;;
  gnutls) expected=42 ;;
  *) expected=- ;;
  esac
  ask "$stack" ec.pem rsa-root.pem localhost "$now"
  check "$stack: the alert is $expected" test "$(alert_of)" = "$expected"
  if [ "$stack" = mbedtls ]; then
    check 'ESP-IDF with its bundle sends 49' says '^esp-idf-bundle refused handshake -12288 49 '
    check 'and prints its own words' says 'esp-x509-crt-bundle: No matching trusted root certificate found'
  fi
done
done_testing
