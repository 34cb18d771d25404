#!/bin/sh
# SPDX-License-Identifier: MIT
#
# crl.t - revocation lists and OCSP answers that OpenSSL made, over the command line and to a live peer.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

command -v openssl >/dev/null || {
  echo '1..0 # SKIP openssl is missing'
  exit 0
}

cat >ca.cnf <<'CNF'
[ca]
default_ca = here
[here]
database = index.txt
serial = serial
crlnumber = crlnumber
default_md = sha256
default_crl_days = 30
policy = any
new_certs_dir = .
crl_extensions = list
[list]
authorityKeyIdentifier = keyid:always
[any]
commonName = supplied
[leaf]
subjectAltName = DNS:localhost
authorityKeyIdentifier = keyid:always
[responder]
extendedKeyUsage = OCSPSigning
authorityKeyIdentifier = keyid:always
CNF
: >index.txt
echo 01 >crlnumber
echo 1000 >serial
for name in ca leaf; do openssl ecparam -name prime256v1 -genkey -noout -out $name-key.pem; done
openssl req -x509 -new -key ca-key.pem -subj '/CN=CRL CA' -days 30 -out ca.pem \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
openssl req -new -key leaf-key.pem -subj /CN=localhost -out leaf.csr
openssl ca -batch -config ca.cnf -extensions leaf -days 30 -cert ca.pem -keyfile ca-key.pem \
  -in leaf.csr -out leaf.pem 2>openssl.log
list() { openssl ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca-key.pem -out "$1" 2>>openssl.log; }
list good.crl
openssl ca -config ca.cnf -cert ca.pem -keyfile ca-key.pem -revoke leaf.pem \
  -crl_reason keyCompromise 2>>openssl.log
list revoked.crl
openssl crl -in revoked.crl -outform DER -out revoked.der

judge() {
  run "$tbdiag" verify -v --chain-file leaf.pem --ca-file ca.pem --warn-days 0 --crit-days 0 "$@" localhost
}
judge --crl good.crl
check 'a list without it: exit status' status_is 0
check 'a list without it: which one told' grep -q '^  revoked by  *good.crl: CN=CRL CA, 0 certificates' "$out"
judge --crl good.crl --profile rfc5280
check 'a list without it, rfc5280: exit status' status_is 0
for file in revoked.crl revoked.der; do
  judge --crl good.crl --crl $file
  check "$file: exit status" status_is 2
  check "$file: policy.revoked" has_finding critical policy.revoked
  check "$file: the reason" out_has keyCompromise
  check "$file: the serial number" grep -q 'serial  *1000$' "$out"
done
judge --format json --crl revoked.crl
check 'JSON: fits the schema' out_fits_schema
check 'JSON: source' out_has '"source": "crl"'
judge --crl good.crl --at "$(date -u -d '+40 days' +%F)"
check 'an old list: not used' grep -q '^  not used  *good.crl: its time is over' "$out"
# Without extensions, of a list of version 2: as OpenSSL makes one for the reasons in its entries.
sed '/^crl_extensions/d; /^crlnumber/d' ca.cnf >plain.cnf
openssl ca -config plain.cnf -gencrl -cert ca.pem -keyfile ca-key.pem -out plain.crl 2>>openssl.log
judge --crl plain.crl
check 'a list without extensions: exit status' status_is 2
check 'a list without extensions: policy.revoked' has_finding critical policy.revoked
# Signed in other ways: by RSA-PSS, whose parameters name the hash, and by Ed25519, which has none.
for kind in rsa ed25519; do
  openssl genpkey -algorithm $kind -out $kind-key.pem 2>>openssl.log
  openssl req -x509 -new -key $kind-key.pem -subj "/CN=$kind" -days 30 -out $kind.pem
  openssl x509 -req -in leaf.csr -CA $kind.pem -CAkey $kind-key.pem -days 30 -out $kind-leaf.pem 2>>openssl.log
  case $kind in
  rsa) options='-md sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48' ;;
  *) options='-md null' ;;
  esac
  # shellcheck disable=SC2086 # a list of words
  openssl ca -config ca.cnf -gencrl -cert $kind.pem -keyfile $kind-key.pem $options -out $kind.crl 2>>openssl.log
  run "$tbdiag" verify --chain-file $kind-leaf.pem --ca-file $kind.pem --crl $kind.crl localhost
  check "a list signed by $kind: it is what told" grep -q "^  revoked by  *$kind.crl: CN=$kind, 1 certificate" "$out"
done
judge --crl leaf.pem
check 'no list: exit status' status_is 3
check 'no list: says why' err_has 'leaf.pem: holds no certificate revocation list'
judge --crl nowhere.crl
check 'no file: exit status' status_is 3

if command -v gnutls-serv >/dev/null; then
  port=$((20000 + $$ % 10000))
  gnutls-serv --quiet --echo --port "$port" --x509certfile leaf.pem --x509keyfile leaf-key.pem \
    >serv.log 2>&1 &
  tap_pids=$!
  live() { run "$tbdiag" verify -v --connect-to "127.0.0.1:$port" --ca-file ca.pem --warn-days 0 \
    --crit-days 0 "$@" "localhost:$port"; }
  tries=0
  live
  while [ "$status" -ne 0 ] && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    live
  done
  check 'a live peer, no list: exit status' status_is 0
  live --crl revoked.crl
  check 'a live peer, revoked: exit status' status_is 2
  check 'a live peer, revoked: policy.revoked' has_finding critical policy.revoked
  live --crl revoked.crl --format json
  check 'a live peer, revoked: the alert a device would send' out_has '"alert_sent": 44'

  # staple ANSWER: the same peer, which sends this along.
  staple() {
    kill $tap_pids
    wait $tap_pids 2>/dev/null
    gnutls-serv --quiet --echo --port "$port" --x509certfile leaf.pem --x509keyfile leaf-key.pem \
      --ocsp-response "$1" --ignore-ocsp-response-errors >>serv.log 2>&1 &
    tap_pids=$!
    tries=0
    live
    while ! out_has 'stapled' && [ $tries -lt 100 ]; do
      tries=$((tries + 1))
      live
    done
  }
  # answer FILE OPTION...: what a responder says of leaf.pem now.
  answer() {
    file=$1
    shift
    openssl ocsp -issuer ca.pem -cert leaf.pem -no_nonce -reqout leaf.req 2>>openssl.log
    openssl ocsp -index index.txt -CA ca.pem -reqin leaf.req -respout "$file" -ndays 5 "$@" \
      >>openssl.log 2>&1
  }
  answer revoked.ocsp -rsigner ca.pem -rkey ca-key.pem
  sed 's/^R\(\t[^\t]*\)\t[^\t]*\t/V\1\t\t/' index.txt >good.txt
  cp index.txt revoked.txt
  cp good.txt index.txt
  answer good.ocsp -rsigner ca.pem -rkey ca-key.pem
  openssl req -x509 -new -key leaf-key.pem -subj '/CN=Somebody' -days 30 -out somebody.pem
  answer foreign.ocsp -rsigner somebody.pem -rkey leaf-key.pem

  staple good.ocsp
  check 'stapled, good: exit status' status_is 0
  check 'stapled, good: shown' grep -q '^  stapled  *OCSP answer: good$' "$out"
  live --format json
  check 'stapled, JSON: fits the schema' out_fits_schema
  live --at "$(date -u -d '+10 days' +%F)"
  check 'stapled, old: not used' grep -q '^  stapled  *OCSP answer: good, not used: its time is over' "$out"
  # The certificate of the responder counts from the sixth day to the tenth.
  day() { date -u -d "+$1 days" "+${2:-%F}"; }
  openssl ecparam -name prime256v1 -genkey -noout -out responder-key.pem
  openssl req -new -key responder-key.pem -subj /CN=Responder -out responder.csr
  openssl ca -batch -config ca.cnf -extensions responder -startdate "$(day 5 %y%m%d%H%M%SZ)" \
    -enddate "$(day 10 %y%m%d%H%M%SZ)" -cert ca.pem -keyfile ca-key.pem -in responder.csr \
    -out responder.pem 2>>openssl.log
  answer delegated.ocsp -rsigner responder.pem -rkey responder-key.pem -ndays 20
  staple delegated.ocsp
  early='not used: the certificate of its responder'
  live
  check 'stapled, the responder has no certificate yet: not used' out_has "$early"
  live --at "$(day 7)"
  check 'stapled, the responder has a certificate: used' grep -q '^  stapled  *OCSP answer: good$' "$out"
  live --at "$(day 15)"
  check 'stapled, the certificate of the responder is over: not used' out_has "$early"
  staple foreign.ocsp
  check 'stapled, signed by somebody: exit status' status_is 0
  check 'stapled, signed by somebody: not used' out_has 'not used: it was not signed by the issuer'
  staple revoked.ocsp
  check 'stapled, revoked: exit status' status_is 2
  check 'stapled, revoked: policy.revoked' has_finding critical policy.revoked
  check 'stapled, revoked: the source' grep -q 'source  *ocsp-stapled$' "$out"
  live --tls-version 1.2
  check 'stapled, revoked, TLS 1.2: exit status' status_is 2
else
  skip 'a live peer' 'gnutls-serv is missing'
fi

done_testing
