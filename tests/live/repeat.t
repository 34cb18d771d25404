#!/bin/sh
# SPDX-License-Identifier: MIT
#
# repeat.t - peers that repeat the secret they were told, wherever a report shows what a peer said: asterisks stand in
# its place.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

token=A1b2C3d4E5f6G7h8I9j0
printf %s $token >token
login='--token-file token'

# repeats PROTOCOL KIND SECRET TEXT OPTION... [URL]: with the secret, or the half of it, nowhere, and TEXT shown (as JSON
# has it); '' where nothing is left to show. In options and URL @ is the port.
repeats() {
  what="$1, $2" part=$(printf %.7s "$3") shown=$4
  peer_start python repeat-peer.py "$1" "$2" "$3"
  shift 4
  set -- "$(printf '%s\n' "$@" | sed "s/@PORT/$port/g")"
  for format in json text; do
    # shellcheck disable=SC2086 # a list of words
    run "$tools/tbdiag-roundtrip" -v --format $format $login --timeout 1 $1
    check "$what, $format: made" test "$status" -le 2
    check_not "$what, $format: nothing of the secret" grep -qiF -e "$part" "$out" "$err"
    [ -z "$shown" ] || [ $format = text ] || check "$what: it is masked" out_has "$shown"
  done
  peer_stop
}

mqtt='mqtt://127.0.0.1:@PORT'
repeats mqtt payload $token 'device *** here' $mqtt
repeats mqtt value $token '"read_back": "device *** here"' $mqtt
repeats mqtt limits $token '"session_limits": "device *** here"' --session-limits --read-only $mqtt
repeats mqtt rpc $token '"payload": "device *** here"' --wait-rpc 1 --read-only $mqtt
repeats mqtt other-topic $token 'device/***, QoS 0' $mqtt
repeats mqtt long-topic $token '..., QoS 0' $mqtt
repeats mqtt violation $token '' $mqtt
repeats mqtt no-mqtt $token '"first_bytes": "no: ***' $mqtt
repeats mqtt echo $token '"first_bytes": "' $mqtt
repeats mqtt part $token '"first_bytes": "' $mqtt

printf %s 'p@ss"w/rd' >password
login='--username joe --password-file password'
repeats mqtt value 'p@ss"w/rd' '"read_back": "device *** here"' $mqtt
repeats mqtt payload 'p@ss"w/rd' 'device *** here' $mqtt
login='--token-file token'

http='http://127.0.0.1:@PORT'
repeats http value $token '"read_back": "device *** here"' $http
repeats http head $token '"server": "***"' $http
repeats http head $token '"location": "/***"' $http
for kind in body json percent html; do
  repeats http $kind $token '"body": "no: ***"' $http
done
# security-2: written in ways that nobody named; `sent` is a piece of each.
while read -r kind sent; do
  repeats http "$kind" $token '***' $http
  check_not "security-2 $kind: not as it was sent" grep -qF -e "$sent" "$out"
done <<'END'
base64 QTFiMkMz
hex 41316232
octal \\101\\061
utf-16 1\\x00b
numbers 65,49,98
backwards 0j9I8h
cut 1b2C3d
END
repeats http base32 $token '"body": "no: (32 left out)"' $http
repeats http part $token '"first_bytes": "400 bad path /api/v1/"' $http
repeats http echo $token '"first_bytes": "POST /api/v1/"' $http

secret=PROXYPASS99
for kind in status base64; do
  repeats proxy $kind $secret 'HTTP/1.1 407 wrong: ***' --proxy "http://joe:$secret@127.0.0.1:@PORT" mqtts://127.0.0.1:1
done
for kind in no-http in-place-of-tls; do
  repeats proxy $kind $secret '"first_bytes": "no: joe:***' --proxy "http://joe:$secret@127.0.0.1:@PORT" mqtts://127.0.0.1:1
done
repeats socks5 login $secret '' --proxy "socks5://joe:$secret@127.0.0.1:@PORT" mqtts://127.0.0.1:1

# ---- security-2: what was told over one connection is repeated over the next ------------------------------------------

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ca -days 30 -keyout ca-key.pem \
  -out ca.pem -addext keyUsage=critical,keyCertSign 2>/dev/null || exit 99

# issue NAME SUBJECT EXTENSION...: NAME.pem and NAME-key.pem
issue() {
  name=$1 subject=$2
  shift 2
  printf '%s\n' basicConstraints=CA:FALSE "$@" >"$name.ext"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$subject" -keyout "$name-key.pem" \
    -out "$name.csr" 2>/dev/null
  openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca-key.pem -set_serial "0x$hex" -days 20 -extfile "$name.ext" \
    -out "$name.pem" 2>/dev/null
}

hex=$(printf %s $token | od -An -tx1 | tr -d ' \n')
backwards=$(printf %s $token | rev)
issue good /CN=localhost subjectAltName=DNS:localhost
issue next "/O=$token/OU=$hex/CN=localhost" "subjectAltName=DNS:localhost,DNS:$token.test,email:$backwards@x.test,URI:u:$token" \
  "subjectKeyIdentifier=$hex" "authorityInfoAccess=caIssuers;URI:http://x.test/$token,OCSP;URI:http://x.test/$token" \
  "crlDistributionPoints=URI:http://x.test/$token" "1.2.$(printf %s $token | od -An -tu1 | tr -s ' \n' .).9=critical,ASN1:NULL"

# next KIND TEXT COMMAND...: over the second attempt of --wait nothing of the secret is shown, and TEXT is.
next() {
  what="next, $1" shown=$2
  peer_start python next-peer.py "$1" $token good.pem good-key.pem next.pem next-key.pem
  shift 2
  for format in json text; do
    run "$tbdiag" "$@" -v --format $format --ca-file ca.pem --token-file token --timeout 1 --wait 1 "localhost:$port"
    check "$what, $format: made" test "$status" -le 2
    for part in $token $hex $backwards $(printf %.7s $token) $(printf %.7s $hex); do
      check_not "$what, $format: nothing of the secret, $part" grep -qiF -e "$part" "$out" "$err"
    done
    [ $format = text ] || check "$what: it is masked" out_has "$shown"
  done
  peer_stop
}

next cert 'O=***' roundtrip -4
check_not 'next, cert: the name is still that of the host' out_has name.mismatch
next cert 'O=***' report -4
next alpn '***' roundtrip -4 --alpn mqtt
next bytes 'no: ***' roundtrip -4

done_testing
