#!/bin/sh
# SPDX-License-Identifier: MIT
#
# strict.t - what tbdiag says strict clients refuse is what OpenSSL refuses with X509_STRICT (and Python, which
# sets that from 3.13 on), and --profile makes the same critical.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

command -v openssl >/dev/null || {
  echo '1..0 # SKIP openssl is missing'
  exit 0
}

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1-key.pem"; }

# sign NAME ISSUER SUBJECT LINE...: a certificate with these lines of an extension file, and no others.
sign() {
  name=$1 issuer=$2 subject=$3
  shift 3
  printf '%s\n' "$@" >"$name.ext"
  [ -f "$name-key.pem" ] || key "$name"
  openssl req -new -key "$name-key.pem" -subj "$subject" -out "$name.csr"
  openssl x509 -req -sha256 -days 30 -in "$name.csr" -CA "$issuer.pem" -CAkey "$issuer-key.pem" \
    -CAcreateserial -extfile "$name.ext" -out "$name.pem" 2>>openssl.log
}

good_ca='basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always'
good_leaf='subjectAltName = DNS:broker.example.org
authorityKeyIdentifier = keyid:always'

key root
openssl req -x509 -new -key root-key.pem -subj /CN=Root -days 30 -out root.pem \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign

# judged WHAT STRICT: how OpenSSL and tbdiag judge leaf.pem under ca.pem under root.pem.
judged() {
  what=$1 strict=$2
  openssl verify -CAfile root.pem -untrusted ca.pem leaf.pem >openssl.out 2>&1
  check "$what: OpenSSL accepts it" grep -q 'OK$' openssl.out
  openssl verify -x509_strict -CAfile root.pem -untrusted ca.pem leaf.pem >openssl.out 2>&1
  if [ "$strict" = refused ]; then
    check_not "$what: strict OpenSSL refuses it" grep -q 'OK$' openssl.out
  else
    check "$what: strict OpenSSL accepts it" grep -q 'OK$' openssl.out
  fi
  cat leaf.pem ca.pem >chain.pem
  run "$tbdiag" verify --chain-file chain.pem --ca-file root.pem --warn-days 0 --crit-days 0 \
    broker.example.org
  if [ "$strict" = refused ]; then
    check "$what: a warning" status_is 1
    check "$what: policy.strict-only" has_finding warning policy.strict-only
  else
    check "$what: all is well" status_is 0
  fi
  run "$tbdiag" verify --profile rfc5280 --chain-file chain.pem --ca-file root.pem --warn-days 0 \
    --crit-days 0 broker.example.org
  if [ "$strict" = refused ]; then
    check "$what: critical in the profile" status_is 2
    check "$what: policy.strict-only" has_finding critical policy.strict-only
  else
    check "$what: all is well in the profile" status_is 0
  fi
}

sign ca root /CN=CA "$good_ca"
sign leaf ca /CN=leaf "$good_leaf"
judged 'complete' accepted
sign leaf ca /CN=leaf 'subjectAltName = DNS:broker.example.org' 'authorityKeyIdentifier = none'
judged 'no authorityKeyIdentifier' refused
check 'no authorityKeyIdentifier: the line that mends it' out_has '  authorityKeyIdentifier = keyid:always'
sign leaf ca /CN=leaf "$good_leaf" 'keyUsage = digitalSignature, keyCertSign'
judged 'keyCertSign without CA' refused
sign leaf ca / 'subjectAltName = DNS:broker.example.org' 'authorityKeyIdentifier = keyid:always'
judged 'empty subject, names not critical' refused
sign ca root /CN=CA 'basicConstraints = CA:TRUE' 'keyUsage = critical, keyCertSign, cRLSign' \
  'subjectKeyIdentifier = hash' 'authorityKeyIdentifier = keyid:always'
sign leaf ca /CN=leaf "$good_leaf"
judged 'basicConstraints not critical' refused
sign ca root /CN=CA 'basicConstraints = critical, CA:TRUE' 'subjectKeyIdentifier = hash' \
  'authorityKeyIdentifier = keyid:always'
sign leaf ca /CN=leaf "$good_leaf"
judged 'a CA without keyUsage' refused

run "$tbdiag" verify --profile strict --chain-file chain.pem --ca-file root.pem
check 'another profile: exit status' status_is 3
check 'another profile: says which there are' err_has 'device|rfc5280|webpki'
run "$tbdiag" verify --max-depth 0 --chain-file chain.pem --ca-file root.pem broker.example.org
check '--max-depth: exit status' status_is 2
check '--max-depth: said' out_has 'leads through more than 0 CAs'
run "$tbdiag" verify --max-depth x --chain-file chain.pem --ca-file root.pem
check '--max-depth x: exit status' status_is 3
check '--max-depth x: says what it wants' err_has 'wants a number of CAs from 0 to 255'

done_testing
