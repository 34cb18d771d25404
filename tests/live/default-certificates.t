#!/bin/sh
# SPDX-License-Identifier: MIT
#
# default-certificates.t - a proxy's certificate of its own is told from a server's, and what it means: no route, or no
# server name.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

PATH=$tools:$PATH
openssl ecparam -name prime256v1 -genkey -noout -out key.pem
openssl ecparam -name prime256v1 -genkey -noout -out proxy_key.pem
openssl req -x509 -key key.pem -subj '/CN=Own Root' -addext keyUsage=critical,keyCertSign,cRLSign -days 900 -out root.pem \
  2>/dev/null
printf '%s\n' subjectAltName=DNS:tb.example.com authorityKeyIdentifier=keyid >leaf.ext
openssl req -new -key key.pem -subj /CN=tb.example.com |
  openssl x509 -req -CA root.pem -CAkey key.pem -extfile leaf.ext -days 300 -out leaf.pem 2>/dev/null

# default_of SUBJECT: default.pem, as a proxy makes it.
default_of() {
  openssl req -x509 -key proxy_key.pem -subj "$1" -addext subjectAltName=DNS:0123.traefik.default -days 300 -out default.pem \
    2>/dev/null
}

while read -r ticket subject; do
  default_of "$subject"
  run "$tbdiag" verify --chain-file default.pem --ca-file root.pem tb.example.com
  check "ticket-$ticket $subject" out_has tls.proxy-default-certificate
  check "ticket-$ticket $subject: exit status" status_is 2
  check_not "ticket-$ticket $subject: it is not to be trusted" out_has 'has to trust this very certificate'
  check_not "ticket-$ticket $subject: it is not to be made again" out_has "ssue the server's certificate again"
done <<'SUBJECTS'
a19 /CN=TRAEFIK DEFAULT CERT
e14 /O=Acme Co/CN=Kubernetes Ingress Controller Fake Certificate
a19 /C=CH/L=Schaffhausen/O=Plesk/CN=Plesk
a19 /CN=letsencrypt-nginx-proxy-companion
a19 /C=US/L=San Francisco/O=Kong/OU=IT Department/CN=localhost
a19 /CN=cert-manager.local
a19 /C=US/O=MyCompany/OU=MyOrg/CN=localhost.localdomain
a19 /C=--/O=SomeOrganization/CN=localhost.localdomain
a19 /C=XY/O=Snake Oil, Ltd/CN=www.snakeoil.dom
SUBJECTS
for subject in /CN=traefik.example.com /CN=plesk.example.com /O=Kongsberg/CN=tb '/O=My Company/CN=tb' \
  /CN=localhost /CN=ingress.example.com; do
  default_of "$subject"
  run "$tbdiag" verify --chain-file default.pem --ca-file root.pem tb.example.com
  check_not "ticket-a19 no default certificate: $subject" out_has tls.proxy-default-certificate
done

default_of '/CN=TRAEFIK DEFAULT CERT'
peer_start python tls-server.py default.pem proxy_key.pem tb.example.com leaf.pem key.pem
run "$tbdiag" verify --ca-file root.pem "localhost:$port"
check 'ticket-a19 no route: exit status' status_is 2
check 'ticket-a19 no route: said' out_has 'critical  tls.proxy-default-certificate'
check 'ticket-a19 no route: for which name' out_has 'name localhost'
check_not 'ticket-a19 no route: a name was sent' out_has 'no server name'
run "$tbdiag" verify --ca-file root.pem --format json "localhost:$port"
check 'ticket-a19 no route, JSON: fits the schema' out_fits_schema
run "$tbdiag" chain "localhost:$port"
check 'ticket-a19 chain: said' out_has tls.proxy-default-certificate

run "$tbdiag" verify --ca-file root.pem --sni none --connect-to "localhost:$port" "tb.example.com:$port"
check 'ticket-e14 no name: exit status' status_is 2
check 'ticket-e14 no name: said' out_has 'critical  tls.sni-needed'
check_not 'ticket-e14 no name: nobody has to trust it' out_has 'has to trust this very certificate'
check 'ticket-e14 no name: the missing name is the cause' out_has 'no server name'
sed -n 's/^ *\(tbdiag verify --sni .*\)/\1/p' "$out" | head -n 1 >proposed
run sh -e proposed
check 'ticket-e14 no name: with it all is well' status_is 0
run "$tbdiag" verify --ca-file root.pem --sni none "localhost:$port"
check 'ticket-e14 neither name nor route: said' out_has 'critical  tls.proxy-default-certificate'

# Who trusts it knowingly has what he wants.
openssl req -x509 -key proxy_key.pem -subj '/CN=TRAEFIK DEFAULT CERT' -addext subjectAltName=DNS:tb.example.com -days 300 \
  -out pinned.pem 2>/dev/null
run "$tbdiag" verify --chain-file pinned.pem --ca-file pinned.pem tb.example.com
check_not 'pinned: nothing is said' out_has tls.proxy-default-certificate

# ---- answers to a question --------------------------------------------------------------------------

run "$tbdiag" chain --without-sni --ca-file root.pem --connect-to "localhost:$port" "tb.example.com:$port"
check 'newcomer-B4 --without-sni: no' out_has 'no: '
check 'newcomer-B4 --without-sni: no, as a finding' out_has tls.sni-needed
peer_start python tls-server.py leaf.pem key.pem
run "$tbdiag" chain --without-sni --ca-file root.pem --connect-to "localhost:$port" "tb.example.com:$port"
check 'newcomer-B4 --without-sni: yes' out_has 'yes: '
check 'newcomer-B4 --without-sni: yes, as a finding' out_has 'ok  tls.sni-optional'
check 'newcomer-B4 --without-sni: yes: exit status' status_is 0

done_testing
