#!/bin/sh
# SPDX-License-Identifier: MIT
#
# fix-commands.t - commands that are proposed as a fix are run as they stand, with the files that they name, and the
# fault is gone then: to tbdiag and to OpenSSL.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

host=tb.example.com
PATH=$tools:$PATH
ca_extensions='basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign subjectKeyIdentifier=hash'
identifiers='subjectKeyIdentifier=hash authorityKeyIdentifier=keyid'

# key FILE [BITS]
key() {
  if [ $# -gt 1 ]; then
    openssl genrsa -out "$1" "$2" 2>/dev/null
  else
    openssl ecparam -name prime256v1 -genkey -noout -out "$1"
  fi
}

# root SUBJECT EXTENSION...: root.pem by root-key.pem.
root() {
  openssl req -new -key root-key.pem -subj "$1" -out root.csr
  shift
  printf '%s\n' "$@" >root.ext
  openssl x509 -req -in root.csr -signkey root-key.pem -extfile root.ext -days 900 -out root.pem 2>/dev/null
}

# sign STEM SUBJECT KEY CA CA-KEY [OPTION]... -- EXTENSION...: STEM.pem.
sign() {
  stem=$1 ca=$4 ca_key=$5
  openssl req -new -key "$3" -subj "$2" -out request.csr
  shift 5
  options=
  while [ "$1" != -- ]; do options="$options $1" && shift; done
  shift
  printf '%s\n' "$@" >request.ext
  if [ -n "$over" ]; then
    : >index.txt
    # shellcheck disable=SC2086
    openssl ca -batch -notext -config "$tap_dir/ca.cnf" -cert "$ca" -keyfile "$ca_key" -in request.csr \
      -extfile request.ext $over -out "$stem.pem" 2>/dev/null
    return
  fi
  # shellcheck disable=SC2086
  openssl x509 -req -in request.csr -CA "$ca" -CAkey "$ca_key" -extfile request.ext -days 300 $options \
    -out "$stem.pem" 2>/dev/null
}

# Options of `openssl ca` for a certificate that is over; or nothing.
over=
cat >ca.cnf <<'CONF'
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
CONF

# A CA of one's own with a root, an intermediate and a server, all of it in order.
own_ca() {
  cd "$tap_dir" || exit 99
  rm -rf work
  mkdir work
  cd work || exit 99
  key root-key.pem && key intermediate-key.pem && key server_key.pem
  # shellcheck disable=SC2086
  {
    root '/CN=Own Root' $ca_extensions
    sign intermediate '/CN=Own Intermediate' intermediate-key.pem root.pem root-key.pem -- $ca_extensions \
      authorityKeyIdentifier=keyid
    sign server "/CN=$host" server_key.pem intermediate.pem intermediate-key.pem -- "subjectAltName=DNS:$host" \
      $identifiers
  }
  serve server.pem intermediate.pem
  issued_by intermediate
}

serve() { cat "$@" >chain.pem; }

# The commands call the issuer's files so; what stands in the same directory as ca.pem is another CA.
issued_by() { cp "$1.pem" issuer.pem && cp "$1-key.pem" issuer-key.pem; }

judged='verify --ca-file root.pem'
# shellcheck disable=SC2086
judge() { run "$tbdiag" $judged --chain-file chain.pem "$@" "$host"; }

# said ID: the finding is there, and what is to be pasted is in the file commands.
said() {
  judge --format json -o judged.json
  /usr/bin/python3 - judged.json "$1" >commands <<'PYTHON'
import json, sys
def walk(findings):
    for finding in findings:
        if finding["id"] == sys.argv[2]:
            for line in (finding["fix"] or "").split("\n"):
                if line.startswith("  "):
                    print(line[2:])
        walk(finding["consequences"])
walk(json.load(open(sys.argv[1], encoding="utf-8"))["findings"])
PYTHON
  rm judged.json
  judge
  check "$what: $1" out_has "  $1"
  grep -v -e ^certbot -e ^systemctl -e ^export -e ^mosquitto_pub -e ^echo -e 'tbdiag verify' commands >pasted
  check "$what: there is something to paste" test -s pasted
}

# `tbdiag chain` says by its status what is wrong with the chain that it mends.
pasted() {
  run sh -e pasted
  expected=0
  ! grep -q '^tbdiag chain' pasted || expected=2
  check "$what: the commands run" test "$status" -le $expected
}

# mended ID: neither it nor anything else is wrong with the chain that is served now.
mended() {
  judge
  check "$what: $1 is gone" status_is 0
  check_not "$what: $1 is not told" out_has "  $1"
  awk '/BEGIN CERTIFICATE/ { n++ } n < 2' chain.pem >first.pem
  case $host in [0-9]*) kind=ip ;; *) kind=hostname ;; esac
  run openssl verify -x509_strict -CAfile root.pem -untrusted chain.pem -verify_$kind "$host" -purpose sslserver first.pem
  check "$what: OpenSSL accepts it, strictly" status_is 0
}

# server_signed EXTENSION...: the server's certificate, by the intermediate. An address is no common name.
server_signed() {
  case $host in [0-9]*) common=server ;; *) common=$host ;; esac
  sign server "/CN=$common" server_key.pem intermediate.pem intermediate-key.pem -- "$@" authorityKeyIdentifier=keyid \
    subjectKeyIdentifier=hash
  serve server.pem intermediate.pem
}

# ---- names, and ticket-B20: they are not lost where the CA signs --------------------------------------

own_ca
what=healthy
mended policy.strict-only

while read -r ticket id at names; do
  what=$ticket
  host=$at
  own_ca
  # shellcheck disable=SC2086
  server_signed $names
  said "$id"
  pasted
  serve server_new.pem intermediate.pem
  mended "$id"
  run openssl x509 -in server_new.pem -noout -ext subjectAltName
  check "$what: the names survive signing" out_has "$at"
done <<'NAMES'
ticket-c03 name.mismatch tb.example.com subjectAltName=DNS:other.example
ticket-c04 name.ip-not-listed 192.0.2.7 subjectAltName=DNS:other.example
ticket-c06 name.ip-as-dns 192.0.2.7 subjectAltName=DNS:192.0.2.7
ticket-c10 name.cn-only tb.example.com extendedKeyUsage=serverAuth
NAMES
host=tb.example.com

# ---- what a certificate may do ------------------------------------------------------------------------

what='newcomer-A9 SHA-1'
own_ca
sign server "/CN=$host" server_key.pem intermediate.pem intermediate-key.pem -sha1 -- "subjectAltName=DNS:$host" \
  extendedKeyUsage=serverAuth $identifiers
serve server.pem intermediate.pem
cp root.pem ca.pem && cp root-key.pem ca-key.pem
said policy.weak-signature
check_not "$what: the root does not sign for the intermediate" grep -q 'ca\.pem' commands
pasted
serve server_new.pem intermediate.pem
mended policy.weak-signature
run openssl x509 -in server_new.pem -noout -text
check "$what: what else it may do is kept" out_has 'TLS Web Server Authentication'

what='newcomer-A9 SHA-1 of an intermediate'
own_ca
# shellcheck disable=SC2086
sign intermediate '/CN=Own Intermediate' intermediate-key.pem root.pem root-key.pem -sha1 -- $ca_extensions \
  authorityKeyIdentifier=keyid
serve server.pem intermediate.pem
issued_by root
said policy.weak-signature
pasted
serve server.pem intermediate_new.pem
mended policy.weak-signature

what='newcomer-A9 no CA'
own_ca
# shellcheck disable=SC2086
sign intermediate '/CN=Own Intermediate' intermediate-key.pem root.pem root-key.pem -- $identifiers
serve server.pem intermediate.pem
issued_by root
said policy.not-a-ca
pasted
serve server.pem intermediate_new.pem
mended policy.not-a-ca

what='a client certificate'
own_ca
server_signed "subjectAltName=DNS:$host" extendedKeyUsage=clientAuth
said policy.wrong-purpose
pasted
serve server_new.pem intermediate.pem
mended policy.wrong-purpose

what='a keyUsage that cannot sign'
own_ca
server_signed "subjectAltName=DNS:$host" keyUsage=critical,keyEncipherment
said policy.wrong-purpose
pasted
serve server_new.pem intermediate.pem
mended policy.wrong-purpose

what='a critical extension'
own_ca
server_signed "subjectAltName=DNS:$host" 1.2.3.4.5=critical,DER:0500
said policy.unknown-critical
pasted
serve server_new.pem intermediate.pem
mended policy.unknown-critical

what='a path length'
own_ca
# shellcheck disable=SC2086
root '/CN=Own Root' basicConstraints=critical,CA:TRUE,pathlen:0 keyUsage=critical,keyCertSign,cRLSign \
  subjectKeyIdentifier=hash
cp root-key.pem ca-key.pem
said policy.path-length
pasted
mv ca_new.pem root.pem
mended policy.path-length

what='names in another encoding'
own_ca
cat >printable.cnf <<'CONF'
[req]
string_mask = nombstr
distinguished_name = dn
[dn]
CONF
cp root.pem good-root.pem
openssl req -x509 -config printable.cnf -key root-key.pem -subj '/CN=Own Root' -addext subjectKeyIdentifier=hash \
  -addext basicConstraints=critical,CA:TRUE -out root.pem
# shellcheck disable=SC2086
sign intermediate '/CN=Own Intermediate' intermediate-key.pem root.pem root-key.pem -- $ca_extensions \
  authorityKeyIdentifier=keyid
mv good-root.pem root.pem
serve server.pem intermediate.pem
issued_by root
said ca.name-encoding
pasted
serve server.pem intermediate_new.pem
mended ca.name-encoding

# ---- keys ---------------------------------------------------------------------------------------------

what='a short key of the server'
own_ca
key server_key.pem 1024
server_signed "subjectAltName=DNS:$host"
said policy.weak-key
pasted
serve server_new.pem intermediate.pem
mended policy.weak-key

what='ticket-d13 a short key of the root'
own_ca
key root-key.pem 1024
# shellcheck disable=SC2086
root '/CN=Own Root' $ca_extensions
sign server "/CN=$host" server_key.pem root.pem root-key.pem -- "subjectAltName=DNS:$host" $identifiers
serve server.pem
said policy.weak-key
check "$what: the server's certificate has to be signed again" out_has 'has to be signed again by the new one'
pasted
mv ca_new.pem root.pem
serve server_new.pem
mended policy.weak-key

# ---- dates --------------------------------------------------------------------------------------------

what='expired'
own_ca
over='-startdate 20250101000000Z -enddate 20260101000000Z'
# shellcheck disable=SC2086
sign server "/CN=$host" server_key.pem intermediate.pem intermediate-key.pem -- "subjectAltName=DNS:$host" $identifiers
over=
serve server.pem intermediate.pem
said time.expired
pasted
serve server_new.pem intermediate.pem
mended time.expired

# ---- strict clients -----------------------------------------------------------------------------------

what='ticket-d12 a root of version 1'
own_ca
# OpenSSL 3.5 makes version 3 unless it is told, 3.0 cannot be told.
printf '%s\n' '[req]' 'distinguished_name = dn' '[dn]' >plain.cnf
openssl req -x509 -x509v1 -config plain.cnf -key root-key.pem -subj '/CN=Own Root' -days 900 -out root.pem 2>/dev/null || {
  openssl req -new -key root-key.pem -subj '/CN=Own Root' -out root.csr
  openssl x509 -req -in root.csr -signkey root-key.pem -days 900 -out root.pem 2>/dev/null
}
sign server "/CN=$host" server_key.pem root.pem root-key.pem -- "subjectAltName=DNS:$host" \
  basicConstraints=CA:FALSE
serve server.pem
cp root-key.pem ca-key.pem
said policy.strict-only
check "$what: it is named" out_has 'error 79'
check "$what: the order is" test "$(grep -n keyid:always commands | cut -d : -f 1)" -gt \
  "$(grep -n ca_new.pem commands | cut -d : -f 1)"
# The last lines are those of the file of -extfile.
grep '^authorityKeyIdentifier\|^subjectKeyIdentifier' commands >mended.ext
grep ^openssl commands >signing
grep ^printf commands | cat - signing >pasted
pasted
mv ca_new.pem root.pem
openssl x509 -x509toreq -copy_extensions copy -in server.pem -signkey server_key.pem -out server.csr
run openssl x509 -req -in server.csr -CA root.pem -CAkey ca-key.pem -copy_extensions copy -extfile mended.ext \
  -days 300 -out server.pem
check "$what: keyid:always can be written" status_is 0
serve server.pem
mended policy.strict-only

# ---- the order and the shape --------------------------------------------------------------------------

while read -r id files; do
  what="newcomer-A2 $id"
  own_ca
  key other-key.pem
  openssl req -x509 -key other-key.pem -subj /CN=Other -out other.pem
  # shellcheck disable=SC2086
  serve $files
  said "$id"
  pasted
  mv fullchain.pem chain.pem
  mended "$id"
done <<'CHAINS'
chain.duplicate server.pem server.pem intermediate.pem
chain.unrelated server.pem intermediate.pem other.pem
chain.root-sent server.pem intermediate.pem root.pem
CHAINS

what='a missing intermediate'
own_ca
serve server.pem
said ca.missing-intermediate
pasted
mv fullchain.pem chain.pem
mended ca.missing-intermediate

what='an intermediate that is only trusted'
own_ca
cat root.pem intermediate.pem >both.pem
serve server.pem
mv root.pem alone.pem && mv both.pem root.pem
said ca.missing-intermediate-saved
pasted
mv fullchain.pem chain.pem
mv alone.pem root.pem
mended ca.missing-intermediate-saved

what='newcomer-A2 an expired cross-certificate'
own_ca
key old-key.pem
openssl req -x509 -key old-key.pem -subj '/CN=Old Root' -days 900 -out old.pem
over='-startdate 20250101000000Z -enddate 20260101000000Z'
# shellcheck disable=SC2086
sign cross '/CN=Own Root' root-key.pem old.pem old-key.pem -- $ca_extensions authorityKeyIdentifier=keyid
over=
serve server.pem intermediate.pem cross.pem
said ca.cross-signed-expired
pasted
check "$what: it is left out" test "$(grep -c BEGIN fullchain.pem)" -eq 2
mv fullchain.pem chain.pem
mended ca.cross-signed-expired

# ---- what the CA publishes ------------------------------------------------------------------------------

# published FILE: this is had from $url now.
published() { cp "$1" "$tap_dir/web/intermediate.pem"; }

# Requests to the loopback interface go to no proxy.
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY 2>/dev/null
if [ -e "$TBDIAG_MODULE_DIR/fetch-http.so" ] && command -v curl >/dev/null; then
  mkdir "$tap_dir/web"
  peer_start python aia-server.py "$tap_dir/web"
  at="authorityInfoAccess=caIssuers;URI:http://127.0.0.1:$port/der"

  what='a missing intermediate that is published'
  own_ca
  server_signed "subjectAltName=DNS:$host" "$at"
  published intermediate.pem
  serve server.pem
  said ca.missing-intermediate
  check "$what: it is fetched" grep -q '^tbdiag chain .*--fetch-missing' pasted
  pasted
  mv fullchain.pem chain.pem
  mended ca.missing-intermediate

  what='the same, not judged'
  serve server.pem
  judged=chain
  said chain.incomplete
  judged='verify --ca-file root.pem'
  check "$what: it is fetched" grep -q '^tbdiag chain .*--fetch-missing' pasted
  pasted
  mv fullchain.pem chain.pem
  mended chain.incomplete

  what='a root that is published'
  own_ca
  # shellcheck disable=SC2086
  sign intermediate '/CN=Own Intermediate' intermediate-key.pem root.pem root-key.pem -- $ca_extensions \
    authorityKeyIdentifier=keyid "$at"
  published root.pem
  serve server.pem intermediate.pem
  key other-key.pem
  openssl req -x509 -key other-key.pem -subj /CN=Other -out root.pem
  said ca.wrong-root
  check "$what: it is downloaded" grep -q '^curl .* openssl x509' pasted
  pasted
  mended ca.wrong-root

  what='the root of an anchor that has expired'
  own_ca
  over='-startdate 20250101000000Z -enddate 20260101000000Z'
  # shellcheck disable=SC2086
  sign expired '/CN=Own Intermediate' intermediate-key.pem root.pem root-key.pem -- $ca_extensions \
    authorityKeyIdentifier=keyid "$at"
  over=
  published root.pem
  mv expired.pem root.pem
  said ca.anchor-expired
  check "$what: it is downloaded" grep -q '^curl .* openssl x509' pasted
  pasted
  mended ca.anchor-expired
else
  skip 'what the CA publishes' 'tbdiag without libcurl, or no curl'
fi

done_testing
