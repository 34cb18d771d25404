#!/bin/sh
# SPDX-License-Identifier: MIT
#
# inspection.t - CAs of products that inspect TLS are known by their names and by their words; others are not taken
# for them.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

openssl ecparam -name prime256v1 -genkey -noout -out key.pem
openssl req -x509 -key key.pem -subj '/CN=root' -days 30 -out root.pem 2>/dev/null
openssl req -new -key key.pem -subj /CN=tb.example.com -addext subjectAltName=DNS:tb.example.com -out leaf.csr

# by CA: judge a server whose certificate is of a CA of this name (RFC 4514 without commas, or with / before each part).
by() {
  case $1 in /*) subject=$1 ;; *) subject=/CN=$1 ;; esac
  openssl req -x509 -key key.pem -subj "$subject" -days 30 -out ca.pem 2>/dev/null
  openssl x509 -req -in leaf.csr -CA ca.pem -CAkey key.pem -copy_extensions copy -days 9 -out leaf.pem 2>/dev/null
  run "$tbdiag" verify -q --chain-file leaf.pem --ca-file root.pem tb.example.com
}

while read -r name; do
  by "$name"
  check "ticket-a18 inspection: $name" out_has 'critical  ca.intercepted'
done <<'NAMES'
XYZ_Access_SSLInspect
Check Point SSL Inspection
GlobalProtect SSL Decrypt
Bitdefender CA SSL
Cloudflare Gateway CA
pfSense squid CA
Corp TLS Inspection CA
Zscaler Intermediate Root CA
FortiGate CA
/O=Fortinet/CN=FG100E
Palo Alto Networks Inline
Blue Coat ProxySG
/O=Netskope Inc/CN=ca.goskope.com
Cisco Umbrella Root CA
Gateway CA - Cloudflare Managed G1 123
Sophos SSL CA_C01001
SonicWall Firewall DPI-SSL
Fireware HTTPS Proxy
Barracuda WSG
Forcepoint Cloud CA
McAfee Web Gateway
Skyhigh SWG
Menlo Security Intermediate
iboss Root
Securly CA
Kaspersky Anti-Virus Personal Root Certificate
ESET SSL Filter CA
Bitdefender Personal CA.avfree
avast! Web/Mail Shield Root
mitmproxy
DO_NOT_TRUST_FiddlerRoot
PortSwigger CA
Corporate Proxy CA
Contoso HTTPS Interception Root
Acme Web Filter
NAMES

while read -r name; do
  by "$name"
  check_not "ticket-a18 no inspection: $name" out_has ca.intercepted
done <<'NAMES'
Road Traffic Inspection Agency CA
Ministry Inspectorate Root
HAProxy CA
Reverse Proxy CA
Docker Registry CA
Intercept Pharmaceuticals Issuing CA
SSL.com TLS RSA Root CA 2022
Microsoft TLS G2 RSA CA OCSP 02
Cloudflare TLS Issuing RSA CA 1
Cloudflare Origin SSL Certificate Authority
Squidex GmbH Root
Web Services Root
ThingsBoard Root CA
NAMES

# Public CAs bear none of these names; each is shown as if it were a server's certificate.
store=/etc/ssl/certs/ca-certificates.crt
if [ -r $store ]; then
  mkdir public
  awk '/BEGIN CERTIFICATE/ { n++ } { print >"public/" n ".pem" }' $store
  wrong=
  for file in public/*.pem; do
    run "$tbdiag" verify -q --chain-file "$file" --ca-file root.pem tb.example.com
    ! out_has ca.intercepted || wrong="$wrong; $(openssl x509 -in "$file" -noout -subject)"
  done
  check 'there are public CAs' grep -qE '^(warning|critical) ' "$out"
  check "ticket-a18 no public CA is taken for one$wrong" test -z "$wrong"
else
  skip 'ticket-a18 no public CA is taken for one' 'no ca-certificates here'
fi

# By words alone it may be what its owner called it.
by 'Corporate Proxy CA'
check 'by words: no product is named' out_has 'called as one that'
check 'by words: both causes are named' out_has 'If the same CA answers there'
run "$tbdiag" verify --chain-file leaf.pem --ca-file ca.pem tb.example.com
check 'by words, trusted: a warning' out_has 'warning  ca.intercepted'
by 'FortiGate CA'
check_not 'a product is not the own CA' out_has 'If the same CA answers there'

done_testing
