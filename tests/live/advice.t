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

# ---- the clock --------------------------------------------------------------------------------------

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
# over FILE SUBJECT CA CA-KEY KEY YEAR EXTENSION...: a certificate of two years from then.
over() {
  file=$1 ca=$3 ca_key=$4 from=$6
  openssl req -new -key "$5" -subj "$2" -out over.csr
  shift 6
  printf '%s\n' "$@" >over.ext
  : >index.txt
  openssl ca -batch -notext -config ca.cnf -cert "$ca" -keyfile "$ca_key" -in over.csr -extfile over.ext \
    -startdate "${from}0101000000Z" -enddate "$((from + 2))0101000000Z" -out "$file" 2>/dev/null
}
is_ca='basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign subjectKeyIdentifier=hash'
# shellcheck disable=SC2086
over old-root.pem '/CN=Own Root' root.pem key.pem key.pem 2022 $is_ca
over old-leaf.pem /CN=server root.pem key.pem key.pem 2023 subjectAltName=DNS:tb.example.com authorityKeyIdentifier=keyid
# clock_first WORD: the fix speaks of the clock before it says this.
clock_first() {
  awk -v word="$1" '/timedatectl/ && !clock { clock = NR } index($0, word) && !at { at = NR } END { exit !(clock && at && clock < at) }' \
    "$out"
}
run "$tbdiag" verify --chain-file old-leaf.pem --ca-file old-root.pem tb.example.com
check 'ticket-d14 the anchor has expired' out_has ca.anchor-expired
check 'ticket-d14 the server, too' out_has time.expired
check 'ticket-d14 the anchor: the clock is named first' clock_first 'successor'
check 'ticket-d14 the server: the clock is named first' clock_first 'Renew CN=server'
check 'ticket-d14 what the clock shows' grep -q "2 certificates have ended" "$out"
run "$tbdiag" verify --chain-file old-leaf.pem --ca-file root.pem tb.example.com
check 'ticket-d14 only one has expired' out_has time.expired
check_not 'ticket-d14 only one has expired: no word of the clock' out_has timedatectl
run "$tbdiag" verify --at 2040-01-01 --chain-file old-leaf.pem --ca-file old-root.pem tb.example.com
check_not 'ticket-d14 a time that was given is no clock' out_has timedatectl

# ---- roots that were replaced -----------------------------------------------------------------------

openssl ecparam -name prime256v1 -genkey -noout -out user_key.pem
openssl ecparam -name prime256v1 -genkey -noout -out self_key.pem
openssl req -x509 -key key.pem -subj /CN=AddTrust -days 900 -out add-now.pem 2>/dev/null
# shellcheck disable=SC2086
over add.pem '/CN=AddTrust' add-now.pem key.pem key.pem 2020 $is_ca
printf '%s\n' $is_ca authorityKeyIdentifier=keyid >cross.ext
openssl req -new -key user_key.pem -subj /CN=USERTrust |
  openssl x509 -req -CA add-now.pem -CAkey key.pem -extfile cross.ext -days 300 -out cross.pem 2>/dev/null
openssl req -new -key self_key.pem -subj /CN=server |
  openssl x509 -req -CA cross.pem -CAkey user_key.pem -extfile leaf.ext -days 300 -out crossed.pem 2>/dev/null
cat crossed.pem cross.pem >crossed-chain.pem
run "$tbdiag" verify --chain-file crossed-chain.pem --ca-file add.pem tb.example.com
check 'ticket-a07 the anchor has expired' out_has ca.anchor-expired
check 'ticket-a07 the root whose cross-certificate is sent is named' grep -q 'If CN=USERTrust, which' "$out"

# The same where the system's store has that root. What is proposed writes root.pem, which is another one here.
mkdir system
openssl req -x509 -key user_key.pem -subj /CN=USERTrust -addext keyUsage=critical,keyCertSign,cRLSign -days 900 \
  -out system/user-root.pem 2>/dev/null
mv crossed-chain.pem add.pem system
cd system || exit 99
# with_system COMMAND...: run it where user-root.pem is all that the system trusts.
with_system() {
  # shellcheck disable=SC2016 # for the shell inside
  run unshare -Urm sh -c 'mount -t tmpfs none /etc/ssl/certs && cp user-root.pem /etc/ssl/certs/ca-certificates.crt &&
    "$@"' sh "$@"
}
with_system true
if status_is 0; then
  with_system "$tbdiag" verify --chain-file crossed-chain.pem --ca-file add.pem tb.example.com
  check 'ticket-a07 the system has the root: the anchor has expired' out_has ca.anchor-expired
  check 'ticket-a07 the system has the root: it is what is needed' out_has 'CN=USERTrust is a root itself; the chain'
  check_not 'ticket-a07 the system has the root: not some successor' out_has 'by its successor'
  proposed=$(sed -n 's/^ *\(tbdiag verify .*--save-ca.*\)$/\1/p' "$out")
  PATH=$tools:$PATH with_system sh -c "$proposed"
  check 'ticket-a07 the system has the root: what is proposed is accepted' status_is 0
  run "$tbdiag" verify --chain-file crossed-chain.pem --ca-file root.pem tb.example.com
  check 'ticket-a07 the system has the root: the device accepts with the file that it wrote' status_is 0
  check_not 'ticket-a07 the system has the root: the fault is gone' out_has ca.anchor-expired
else
  skip 'ticket-a07 the system has the root' 'a mount namespace cannot be made'
fi
cd ..

# A CA with a new key, and a server's certificate that is older.
openssl ecparam -name prime256v1 -genkey -noout -out new_root_key.pem
openssl req -x509 -key new_root_key.pem -subj '/CN=Own Root' -days 900 -out new-root.pem 2>/dev/null
over older.pem /CN=server root.pem key.pem self_key.pem 2026 subjectAltName=DNS:tb.example.com authorityKeyIdentifier=keyid
run "$tbdiag" verify --chain-file older.pem --ca-file new-root.pem tb.example.com
check 'ticket-d13 a new key of the root' out_has ca.same-name-other-key
check 'ticket-d13 the server has to be signed again' out_has 'has to be signed again'

# ---- sentences --------------------------------------------------------------------------------------

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
