#!/bin/sh
# SPDX-License-Identifier: MIT
#
# stacks.t - the real TLS stacks beside our verdict: where they do not agree it is said on which property, and the change
# that is proposed, executed, satisfies all of them.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

TBDIAG_STACK_DIR=$abs_top_builddir/tools/stacks
for stack in openssl gnutls mbedtls wolfssl bearssl; do
  [ -x "$TBDIAG_STACK_DIR/stack-$stack" ] || missing=$stack
done
[ -z "${missing-}" ] && command -v openssl >/dev/null || {
  echo "1..0 # SKIP stack-${missing-} is not built, or openssl is missing"
  exit 0
}

ca='basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash'
leaf='keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid'
key() { [ -f "$1-key.pem" ] || openssl ecparam -name prime256v1 -genkey -noout -out "$1-key.pem"; }
# sign NAME ISSUER SUBJECT LINE...: a certificate with these lines; signed by itself where it is its issuer.
sign() {
  name=$1 issuer=$2 subject=$3
  shift 3
  key "$name"
  printf '%s\n' "$@" >sign.ext
  openssl req -new -key "$name-key.pem" -subj "$subject" -out sign.csr
  if [ "$name" = "$issuer" ]; then set -- -signkey "$name-key.pem"; else
    set -- -CA "$issuer.pem" -CAkey "$issuer-key.pem" -CAcreateserial
  fi
  openssl x509 -req -in sign.csr "$@" -days 300 -extfile sign.ext -out "$name.pem" 2>>openssl.log
}
judge() {
  run "$tbdiag" verify --chain-file "$1" --ca-file "$2" --stacks=all --format json "${3:-localhost}"
  cp "$out" report.json
}
# says STACK[:MODE] yes|no: its verdict in the last report.
says() {
  /usr/bin/python3 - "$1" "$2" <<'PYTHON'
import json, sys
stack, _, mode = sys.argv[1].partition(":")
for v in json.load(open("report.json"))["verdicts"]:
    if v["stack"] == stack and v["mode"] == (mode or "default"):
        sys.exit(v["accepted"] != (sys.argv[2] == "yes"))
sys.exit(2)
PYTHON
}
# parts PROPERTY: that is what they part on.
parts() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import json, sys
def walk(findings):
    for f in findings:
        yield f
        yield from walk(f["consequences"])
for f in walk(json.load(open("report.json"))["findings"]):
    if f["id"] == "stack.disagree":
        sys.exit(sys.argv[1] not in (f["evidence"].get("property") or "").split(", "))
sys.exit(2)
PYTHON
}
everybody='openssl openssl:partial-chain openssl:strict openssl:legacy gnutls mbedtls mbedtls:no-clock wolfssl bearssl'
all_accept() {
  for one in $everybody; do says "$one" yes || return 1; done
}

sign root root /CN=Root "$ca"
sign inter root /CN=Intermediate "$ca" 'authorityKeyIdentifier = keyid'
sign localhost inter /CN=localhost "$leaf" 'subjectAltName = DNS:localhost'
cat localhost.pem inter.pem >chain.pem

# ---- good ----------------------------------------------------------------------------------------

judge chain.pem root.pem
check 'a good chain: exit status' status_is 0
check 'a good chain: all accept it' all_accept
check 'a good chain: it fits the schema' out_fits_schema
run "$tbdiag" verify --chain-file chain.pem --ca-file root.pem localhost
check 'by default: one line' grep -q '^ *stacks  *OpenSSL, GnuTLS, mbedTLS, wolfSSL and BearSSL accept it as well$' "$out"
run "$tbdiag" version
check 'version names the stacks' grep -qE '^stack +bearssl [0-9]' "$out"

# ---- partial chain -------------------------------------------------------------------------------

judge chain.pem inter.pem
check 'ticket-a21 an intermediate as trust file: OpenSSL refuses' says openssl no
check 'ticket-a21: curl accepts' says openssl:partial-chain yes
check 'ticket-a21: BearSSL accepts' says bearssl yes
check 'ticket-a21: exit status' status_is 1
check 'ticket-a21: property' parts 'partial chain'
run "$tbdiag" verify --chain-file chain.pem --ca-file inter.pem localhost
check 'ticket-a21: who refuses, as measured' out_has 'OpenSSL 3'
cat inter.pem root.pem >both.pem
judge chain.pem both.pem
check 'ticket-a21, the root put in: all accept' all_accept
judge localhost.pem localhost.pem
check 'ticket-a01 the leaf as trust file: BearSSL accepts' says bearssl yes
check 'ticket-a01: mbedTLS refuses' says mbedtls no
run "$tbdiag" verify --chain-file localhost.pem --ca-file localhost.pem --as bearssl localhost
check 'ticket-a01 --as bearssl: exit status' status_is 0
run "$tbdiag" verify --chain-file localhost.pem --ca-file localhost.pem --as openssl localhost
check 'ticket-a01 --as openssl: exit status' status_is 2

# ---- trust-file syntax ---------------------------------------------------------------------------

{
  echo '-----BEGIN CERTIFICATE-----'
  sed '1d;$d' root.pem | tr -d '\n'
  printf '\n%s\n' '-----END CERTIFICATE-----'
} >wide.pem
sed 's/^/    /' root.pem >indented.pem
judge chain.pem indented.pem
check 'ticket-b17 indented: OpenSSL cannot load it' says openssl no
check 'ticket-b17: property' parts 'trust-file syntax'
awk '{ printf "%s\r\n", $0 }' root.pem >crlf.pem
judge chain.pem crlf.pem
check 'CRLF: OpenSSL accepts' says openssl yes
check 'CRLF: the ESP8266 loads no anchor' says bearssl no

# ---- names ---------------------------------------------------------------------------------------

sign address root /CN=x "$leaf" 'subjectAltName = IP:127.0.0.1'
judge address.pem root.pem 127.0.0.1
check 'ticket-c12 the address as an iPAddress: OpenSSL accepts' says openssl yes
check 'ticket-c12: BearSSL refuses' says bearssl no
check 'ticket-c12: property' parts 'IP name'
sign address root /CN=x "$leaf" 'subjectAltName = IP:127.0.0.1, DNS:127.0.0.1'
judge address.pem root.pem 127.0.0.1
check 'ticket-c12, in both forms: BearSSL accepts' says bearssl yes

# ---- others --------------------------------------------------------------------------------------

judge chain.pem root.pem
run "$tbdiag" verify --chain-file chain.pem --ca-file root.pem --at 2040-01-01 --stacks=all --format json localhost
cp "$out" report.json
check 'ticket-d14 another time: OpenSSL refuses' says openssl no
check 'ticket-d14: who has no clock accepts' says mbedtls:no-clock yes
check 'ticket-d14: property' parts clock
sign typed root /CN=localhost "$leaf" 'subjectAltName = DNS:localhost' 'nsCertType = client'
judge typed.pem root.pem
check 'ticket-d16 nsCertType: OpenSSL refuses' says openssl no
check 'ticket-d16: property' parts 'EKU or key usage'
sign bound root /CN=Bound "$ca" 'nameConstraints = critical, permitted;DNS:localhost'
sign under bound /CN=localhost "$leaf" 'subjectAltName = DNS:localhost'
cat under.pem bound.pem >under.chain
judge under.chain root.pem
check 'ticket-d20 critical nameConstraints: BearSSL refuses' says bearssl no
check 'ticket-d20: property' parts 'name constraints'
sign same same /CN=localhost "$ca"
sign twin same /CN=localhost 'subjectAltName = DNS:localhost' 'subjectKeyIdentifier = none' \
  'authorityKeyIdentifier = none'
judge twin.pem same.pem
check 'ticket-a14 one subject: OpenSSL refuses' says openssl no
check 'ticket-a14: property' parts 'key identifiers (SKI and AKI)'
cat inter.pem localhost.pem >wrong.pem
cat localhost.pem root.pem inter.pem >order.pem
judge order.pem root.pem
check 'a chain in disorder: OpenSSL accepts' says openssl yes
check 'a chain in disorder: property' parts order

# ---- how long ------------------------------------------------------------------------------------

run_measured "$tbdiag" verify --chain-file chain.pem --ca-file root.pem --stacks=all localhost
echo "# all stacks in all modes: $took ms"
check 'all stacks in all modes do not take long' test "$took" -lt 20000

done_testing
