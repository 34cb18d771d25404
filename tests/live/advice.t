#!/bin/sh
# SPDX-License-Identifier: MIT
#
# advice.t - what a fix says is right where it is read: on another machine, with another clock, with a CA of one's own.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

openssl ecparam -name prime256v1 -genkey -noout -out key.pem
openssl req -x509 -key key.pem -subj '/CN=Own Root' -addext keyUsage=critical,keyCertSign,cRLSign -days 900 \
  -out root.pem 2>/dev/null

# signed NAMES [DAYS]: leaf.pem, by the root, with these names.
signed() {
  openssl req -new -key key.pem -subj /CN=server -out leaf.csr
  printf '%s\n' "subjectAltName=$1" authorityKeyIdentifier=keyid >leaf.ext
  openssl x509 -req -in leaf.csr -CA root.pem -CAkey key.pem -extfile leaf.ext -days "${2:-300}" -out leaf.pem \
    2>/dev/null
}

# ---- names that can be this server ------------------------------------------------------------------

signed DNS:localhost,IP:127.0.0.1,IP:192.168.1.5
run "$tbdiag" verify --chain-file leaf.pem --ca-file root.pem broker.example
check 'ticket-c01 a name of the server is suggested' \
  out_has 'tbdiag verify --chain-file leaf.pem mqtts://192.168.1.5:8883 --ca-file root.pem'
check_not 'ticket-c01 localhost is another machine' out_has '//localhost'
run "$tbdiag" verify --chain-file leaf.pem --ca-file root.pem 10.0.0.7
check 'ticket-c01 by address: the other address is suggested' out_has 'mqtts://192.168.1.5:8883 --ca-file root.pem'
run "$tbdiag" verify --chain-file leaf.pem --ca-file root.pem https://broker.example
check 'ticket-c01 the scheme is kept' out_has 'https://192.168.1.5:443 --ca-file root.pem'
signed DNS:localhost
run "$tbdiag" verify --chain-file leaf.pem --ca-file root.pem broker.example
check_not 'ticket-c01 nothing to suggest' out_has 'Connect by a name'

# ---- days -------------------------------------------------------------------------------------------

signed DNS:tb.example.com 300
ended=$(date -d "$(openssl x509 -in leaf.pem -noout -enddate | cut -d = -f 2)" +%s)
run "$tbdiag" verify -v --at "@$((ended + 86401))" --chain-file leaf.pem --ca-file root.pem tb.example.com
check 'newcomer-B4 expired 1 day ago' out_has 'expired 1 day ago'
check 'newcomer-B4 days_left is the same number' grep -qE '^ *days_left +-1$' "$out"
run "$tbdiag" verify --at "@$((ended + 3))" --chain-file leaf.pem --ca-file root.pem --format json tb.example.com
check 'newcomer-B4 what is over has no 0 days left' out_has '"days_left": -1'
run "$tbdiag" verify --at "@$((ended + 86401))" --chain-file leaf.pem --ca-file root.pem --format json tb.example.com
sed 's/"days_left": -1/"days_left": -2/' "$out" >earlier.json
run "$tbdiag" report --read earlier.json
check 'newcomer-B4 a report of an earlier version is still read' status_is 2
run "$tbdiag" verify --at 2020-01-01 --chain-file leaf.pem --ca-file root.pem tb.example.com
check 'newcomer-B4 not valid yet' out_has time.not-yet-valid
check_not 'newcomer-B4 days left do not matter before its beginning' grep -qE '^ *days_left' "$out"

# ---- sentences --------------------------------------------------------------------------------------

openssl ecparam -name prime256v1 -genkey -noout -out self_key.pem
openssl req -x509 -key self_key.pem -subj /CN=tb.example.com -addext subjectAltName=DNS:tb.example.com -days 300 \
  -out self.pem 2>/dev/null
run "$tbdiag" verify --chain-file self.pem --ca-file root.pem tb.example.com
check 'newcomer-B4 a self-signed certificate' out_has ca.self-signed
# A colon at the end of a line leads to a command, never to a sentence.
leads_on() {
  awk '/^fix:|^  fix:/ { fix = 1; next } !NF || /^[a-z]/ { fix = 0 }
    fix && colon && !/^      / { bad = 1 } { colon = fix && /:$/ } END { exit !bad }' "$out"
}
check_not 'newcomer-B4 a colon leads to a command' leads_on

preload="env LD_PRELOAD=$abs_top_builddir/tests/.libs/resolver.so ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS-}"
# shellcheck disable=SC2086
run $preload TEST_RESOLVER=no-name "$tbdiag" verify localhost
check 'newcomer-B4 no localhost' out_has dns.not-found
check 'newcomer-B4 no localhost: it is /etc/hosts' out_has /etc/hosts
check_not 'newcomer-B4 no localhost: it is not the spelling' out_has 'spelling'

# ---- a name that no DNS has ------------------------------------------------------------------------

signed DNS:other.example
peer_start python tls-server.py leaf.pem key.pem
run "$tbdiag" verify --ca-file root.pem "localhost:$port"
check 'newcomer-B4 another host: name.mismatch' out_has name.mismatch
proposed=$(sed -n 's/^ *\(tbdiag verify .*other\.example.*\)$/\1/p' "$out")
check 'newcomer-B4 another host: what is proposed leads to the same server' \
  test "$proposed" = "tbdiag verify mqtts://other.example:$port --connect-to localhost:$port --ca-file root.pem"
PATH=$tools:$PATH run sh -c "$proposed"
check 'newcomer-B4 another host: and is accepted there' status_is 0

done_testing
