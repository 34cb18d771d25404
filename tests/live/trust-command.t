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
not_served 'a web page' 'holds an HTML page' --web "$http"
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

# ---- the file itself ---------------------------------------------------------------------------------

quietly() { "$@" >/dev/null 2>&1; }
# shellcheck disable=SC2086 # CC may have options
compile() { ${CC:-cc} -O0 -Wall -Wextra -Werror -I. "$@" >>cc.log 2>&1 || { sed "s/^/# /" cc.log; false; }; }
# split FILE: its certificates, as DER: 0.der, 1.der ...
split() {
  rm -f ./[0-9].pem ./[0-9].der
  awk '/BEGIN/ { n++ } { print >(n - 1 ".pem") }' "$1"
  for pem in ./[0-9].pem; do openssl x509 -in "$pem" -outform DER -out "${pem%.pem}.der"; done
}
mbedtls() { # ARRAY SOURCE: a device of mbedTLS with it
  compile -DCA="$1" -DCA_SOURCE="\"$2\"" "$abs_top_srcdir/tests/live/trust-mbedtls.c" -o device-mbedtls \
    -lmbedx509 -lmbedcrypto
}
bearssl() { compile -DCA_SOURCE="\"$1\"" "$abs_top_srcdir/tests/live/trust-bearssl.c" -o device-bearssl -lbearssl; }
emit() { # FORM FILE CA OPTION...
  form=$1 file=$2 ca=$3
  shift 3
  rm -f "$file"
  run "$tbdiag" trust --emit "$form" -o "$file" --from "$ca" "$@"
}

# proven WHAT CHAIN CA OTHER-CA: in each form the file makes real devices accept the chain, and another one does not.
proven() {
  what=$1 chain=$2 ca=$3 other=$4
  split "$chain"
  run "$tbdiag" trust --chain-file "$chain" --from "$ca" localhost
  check "$what: exit status" status_is 0
  check "$what: trust.file-proven" has_finding ok trust.file-proven
  check "$what: what to compare" out_has "$(fingerprint "$ca")"
  check "$what: why not the server's own" out_has "the server's own: renewed before"
  check "$what: it was only looked at" out_has 'note: ca-root.pem: not written; --output ca-root.pem writes it'
  emit pem ca.pem "$ca" --chain-file "$chain" localhost
  check "$what, pem: OpenSSL" quietly openssl verify -CAfile ca.pem -untrusted "$chain" 0.pem
  check "$what, pem: GnuTLS" quietly certtool --verify --load-ca-certificate ca.pem --infile "$chain"
  emit der ca.der "$ca" --chain-file "$chain" localhost
  openssl x509 -inform DER -in ca.der -out from-der.pem
  check "$what, der: OpenSSL" quietly openssl verify -CAfile from-der.pem -untrusted "$chain" 0.pem
  emit c-array ca-array.h "$ca" --chain-file "$chain" localhost
  check "$what, c-array: compiles" mbedtls ca_der ca-array.h
  check "$what, c-array: mbedTLS" quietly ./device-mbedtls "$chain" localhost
  check_not "$what, c-array: mbedTLS, another name" quietly ./device-mbedtls "$chain" elsewhere
  emit c-string ca-string.h "$ca" --chain-file "$chain" localhost
  check "$what, c-string: compiles" mbedtls ca_pem ca-string.h
  check "$what, c-string: mbedTLS" quietly ./device-mbedtls "$chain" localhost
  emit bearssl-ta ca-anchor.h "$ca" --chain-file "$chain" localhost
  check "$what, bearssl-ta: compiles" bearssl ca-anchor.h
  check "$what, bearssl-ta: BearSSL" quietly ./device-bearssl localhost ./[0-9].der
  if command -v brssl >/dev/null; then
    brssl ta "$ca" | grep -o '0x[0-9A-F]*' >of-brssl
    check "$what, bearssl-ta: as brssl writes it" sh -c "grep -o '0x[0-9A-F]*' ca-anchor.h | cmp - of-brssl"
  fi
  run "$tbdiag" trust --chain-file "$other" --from "$other-ca.pem" --emit bearssl-ta -o other.h localhost
  check "$what: another CA compiles" bearssl other.h
  check_not "$what: BearSSL with another CA" quietly ./device-bearssl localhost ./[0-9].der
  rm -f other.h
}
# pki NAME ROOT-KEY...: a root, an intermediate and a server's chain, NAME; the root is NAME-ca.pem.
pki() {
  name=$1
  shift
  printf '%s\n' basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign >ca.ext
  printf '%s\n' subjectAltName=DNS:localhost basicConstraints=critical,CA:FALSE \
    keyUsage=critical,digitalSignature extendedKeyUsage=serverAuth >leaf.ext
  openssl req -x509 -newkey "$@" -nodes -keyout root.key -out "$name-ca.pem" -days 3650 \
    -subj "/CN=$name *\\/ root" -addext keyUsage=critical,keyCertSign,cRLSign
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout sub.key -out sub.csr -subj "/CN=$name sub"
  openssl x509 -req -in sub.csr -CA "$name-ca.pem" -CAkey root.key -CAcreateserial -days 900 -extfile ca.ext -out sub.pem
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -out leaf.csr -subj /CN=localhost
  openssl x509 -req -in leaf.csr -CA sub.pem -CAkey sub.key -CAcreateserial -days 80 -extfile leaf.ext -out leaf.pem
  cat leaf.pem sub.pem >"$name"
}
pki rsa rsa:2048 2>>openssl.log
pki p384 ec -pkeyopt ec_paramgen_curve:P-384 2>>openssl.log
proven 'a root with RSA' rsa rsa-ca.pem p384
proven 'a root with P-384' p384 p384-ca.pem rsa

# What BearSSL has no keys of is not written.
pki ed25519 ed25519 2>>openssl.log
emit bearssl-ta ed.h ed25519-ca.pem --chain-file ed25519 localhost
check 'bearssl-ta of Ed25519: exit status' status_is 3
check 'bearssl-ta of Ed25519: says why' err_has 'BearSSL has no trust anchors with a key of'
check_not 'bearssl-ta of Ed25519: no file' test -e ed.h

# Of two roots that both would do it is the one that lasts longer; of a root and what it signed, the root.
openssl req -x509 -key root.key -out later-ca.pem -days 7000 -subj '/CN=ed25519 *\/ root' \
  -addext keyUsage=critical,keyCertSign,cRLSign 2>>openssl.log
cat ed25519-ca.pem later-ca.pem >two-roots.pem
emit pem lasting.pem two-roots.pem --chain-file ed25519 localhost
check 'two roots: the one that lasts longer' test "$(fingerprint lasting.pem)" = "$(fingerprint later-ca.pem)"
# Some look for the line before a certificate also in the midst of a comment.
openssl req -x509 -newkey rsa:2048 -nodes -keyout dashes.key -out dashes-ca.pem -days 30 \
  -subj '/CN=-----BEGIN CERTIFICATE-----' -addext subjectAltName=DNS:localhost 2>>openssl.log
emit pem dashes.pem dashes-ca.pem --chain-file dashes-ca.pem localhost
check 'a name like the line before a certificate: written' status_is 0
check 'a name like the line before a certificate: GnuTLS' \
  quietly certtool --verify --load-ca-certificate dashes.pem --infile dashes-ca.pem
cat sub.pem ed25519-ca.pem >sub-and-root.pem
emit pem root-of-both.pem sub-and-root.pem --chain-file ed25519 localhost
check 'an intermediate and its root: the root' test "$(fingerprint root-of-both.pem)" = "$(fingerprint ed25519-ca.pem)"

# The fault is the server's, and the file is right all the same.
emit pem expired.pem rsa-ca.pem --at 2099-01-01 --chain-file rsa localhost
check 'the server is at fault: said' status_is 2
check_not 'the server is at fault: nothing is proven' out_has trust.file-proven
run "$tbdiag" trust --chain-file rsa --from p384-ca.pem -o none.pem localhost
check 'nothing vouches for it: trust.unproven' grep -qE '^ *therefore critical  trust.unproven(  |$)' "$out"
check_not 'nothing vouches for it: no file' test -e none.pem
cat rsa rsa-ca.pem >sent-root
run "$tbdiag" trust --chain-file sent-root --from p384-ca.pem --accept-fingerprint "$(fingerprint rsa-ca.pem)" \
  -o sent-root.pem localhost
check 'a root that was sent, confirmed: exit status' status_is 0
check 'a root that was sent, confirmed: trust.file-proven' has_finding ok trust.file-proven
check 'a root that was sent, confirmed: written' test "$(fingerprint sent-root.pem)" = "$(fingerprint rsa-ca.pem)"
run "$tbdiag" trust --chain-file rsa --from rsa-ca.pem --format json localhost
check 'JSON: fits the schema' out_fits_schema

# ---- the stacks of devices -------------------------------------------------------------------------

# stacks NAME...: these helpers were built.
stacks() {
  for stack in "$@"; do [ -x "$abs_top_builddir/tools/stacks/stack-$stack" ] || return 1; done
}
unset TBDIAG_STACK_DIR
sign() { # CSR CA EXTENSIONS OUT
  openssl x509 -req -in "$1" -CA "$2-ca.pem" -CAkey "$2.key" -CAcreateserial -days 3000 -extfile "$3" -out "$4"
}
# A root that another one signed as well, which the server sends along, as Let's Encrypt once did: ESP-IDF's bundle looks
# for who signed the last one that was sent, and for nobody else.
cross_signed() { # NAME SKI-OF-THE-OTHER-ROOT
  printf '%s\n' '[req]' distinguished_name=dn '[dn]' '[ca]' basicConstraints=critical,CA:TRUE \
    keyUsage=critical,keyCertSign,cRLSign >req.cnf
  printf '%s\n' subjectKeyIdentifier=hash authorityKeyIdentifier=keyid >ids.ext
  cat leaf.ext ids.ext >strict.ext
  for root in "new 4000 hash" "old 2000 $2"; do
    set -- "$1" $root
    { cat req.cnf && echo "subjectKeyIdentifier=$4"; } >root.cnf
    openssl req -x509 -config root.cnf -extensions ca -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
      -keyout "$2.key" -out "$2-ca.pem" -days "$3" -subj "/CN=$2"
  done
  openssl req -new -key new.key -out new.csr -subj /CN=new
  openssl req -new -key leaf.key -out leaf.csr -subj /CN=localhost
  sign new.csr old ca.ext cross.pem
  sign leaf.csr new strict.ext leaf.pem
  cat leaf.pem cross.pem >"$1"
  cat new-ca.pem old-ca.pem >"$1-roots.pem"
}
# holds WHAT FILE CA...: these certificates, and no others.
holds() {
  what=$1 file=$2
  shift 2
  check "$what: so many" test "$(grep -c BEGIN "$file")" = $#
  for ca in "$@"; do check "$what: $ca" grep -qF "$(fingerprint "$ca-ca.pem")" "$file"; done
}
if stacks openssl; then
  run "$tbdiag" trust --chain-file rsa --from rsa-ca.pem --stacks openssl localhost
  check 'stacks: exit status' status_is 0
  check 'stacks: who tried it' grep -qE 'tried with.* openssl|^ *openssl' "$out"
  run "$tbdiag" trust --chain-file rsa --from rsa-ca.pem --stacks none --format json localhost
  check '--stacks none: nobody is asked' out_has '"verdicts": []'
else
  skip 'the stacks of devices' 'no libssl-dev'
fi
if stacks openssl mbedtls; then
  cross_signed cross hash 2>>openssl.log
  emit pem newest.pem cross-roots.pem --stacks openssl,mbedtls:default --chain-file cross localhost
  holds 'cross-signed' newest.pem new
  emit pem for-all.pem cross-roots.pem --stacks openssl,mbedtls --chain-file cross localhost
  check 'cross-signed, with a bundle: nobody refuses' status_is 0
  holds 'cross-signed, with a bundle' for-all.pem old
  run "$tbdiag" verify --chain-file cross --ca-file newest.pem --stacks mbedtls:esp-idf-bundle localhost
  check 'cross-signed: the other file is refused' status_is 1
  # To Python 3.13 a root without key identifier is none.
  cross_signed uneven none 2>>openssl.log
  emit pem both.pem uneven-roots.pem --stacks openssl:strict,mbedtls:esp-idf-bundle --format json --chain-file uneven localhost
  check 'either refuses one root, JSON: fits the schema' out_fits_schema
  holds 'either refuses one root' both.pem new old
  for stack in openssl:strict mbedtls:esp-idf-bundle; do
    run "$tbdiag" verify --chain-file uneven --ca-file both.pem --as "$stack" localhost
    check "either refuses one root: $stack accepts both" status_is 0
  done
  emit c-string both.h uneven-roots.pem --stacks openssl:strict,mbedtls:esp-idf-bundle --chain-file uneven localhost
  check 'two roots, c-string: compiles' mbedtls ca_pem both.h
  check 'two roots, c-string: mbedTLS' quietly ./device-mbedtls uneven localhost
  emit der both.der uneven-roots.pem --stacks openssl:strict,mbedtls:esp-idf-bundle --chain-file uneven localhost
  check 'two roots, der: says why not' err_has 'a file in DER holds one certificate, and not 2'
else
  skip 'which roots the stacks want' 'no libmbedtls-dev'
fi
TBDIAG_STACK_DIR=/nonexistent
export TBDIAG_STACK_DIR

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
refuses '--emit alone' "goes with '--output FILE' only" --emit der "$target"
refuses '--emit of no form' 'wants one of pem|der|' --emit jks "$target"
refuses '--from-server of a file' "does not go with '--chain-file'" --from-server --chain-file served.pem
refuses '--from-server of HTTPS' 'mqtts://, wss:// or' --from-server "$https"
refuses '--output that is there' 'served.pem: File exists' -o served.pem "$target"
refuses '--output to standard output' "in the place of '-'" -o - "$target"
sandbox_stop

done_testing
