#!/bin/sh
# SPDX-License-Identifier: MIT
#
# ocsp.t - OpenSSL's responder is asked about certificates, and so is whatever else answers.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

command -v openssl >/dev/null || {
  echo '1..0 # SKIP openssl is missing'
  exit 0
}
# Requests to the loopback interface go to no proxy.
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY 2>/dev/null

# ---- CAs and their responders ---------------------------------------------------------------------

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1-key.pem"; }
# issue NAME CA SERIAL EXTENSION...: NAME.pem, issued by CA.pem; named as it, without what follows a dot.
issue() {
  name=$1 issuer=$2 serial=$3
  shift 3
  [ -e "$name-key.pem" ] || key "$name"
  printf '%s\n' 'authorityKeyIdentifier = keyid:always' "$@" >"$name.ext"
  openssl req -new -key "$name-key.pem" -subj "/CN=${name%.*}" -out "$name.csr"
  openssl x509 -req -in "$name.csr" -CA "$issuer.pem" -CAkey "$issuer-key.pem" -set_serial "$serial" -days 60 \
    -extfile "$name.ext" -out "$name.pem" 2>>openssl.log
}
# records FILE STATE SERIAL...: what a responder knows: V(alid) or R(evoked).
records() {
  file=$1 state=$2
  shift 2
  since=
  [ "$state" = V ] || since=260101000000Z,keyCompromise
  for serial; do printf '%s\t490101000000Z\t%s\t%s\tunknown\t/CN=%s\n' $state "$since" "$serial" "$serial"; done \
    >>"$file"
}
# responder INDEX CA SIGNER: its port in $port.
responder() {
  mkfifo "$3.port"
  openssl ocsp -port 0 -ndays 5 -index "$1" -CA "$2.pem" -rsigner "$3.pem" -rkey "$3-key.pem" >"$3.port" \
    2>>openssl.log &
  tap_pids="$tap_pids $!"
  read -r port <"$3.port"
  port=${port##*:}
  port=${port%% *}
}

ca=basicConstraints=critical,CA:TRUE
usage=keyUsage=critical,keyCertSign,cRLSign
key root
openssl req -x509 -new -key root-key.pem -subj '/CN=OCSP Root' -days 60 -out root.pem \
  -addext $ca -addext $usage
records root.txt V 20
records root.txt R 21
responder root.txt root root
root_port=$port
# A CA that is fine, and one that is not, with the same key.
key sub
issue sub root 0x20 "$ca" "$usage" "authorityInfoAccess = OCSP;URI:http://127.0.0.1:$root_port/"
cp sub-key.pem sub.bad-key.pem
issue sub.bad root 0x21 "$ca" "$usage" "authorityInfoAccess = OCSP;URI:http://127.0.0.1:$root_port/"
issue delegate sub 0x30 'extendedKeyUsage = OCSPSigning'
issue pretender sub 0x31 'extendedKeyUsage = serverAuth'
records sub.txt V 40 41 42 43
records sub.txt R 50 51
for signer in sub delegate pretender; do
  responder sub.txt sub $signer
  eval "${signer}_port=\$port"
done

mkdir web
mkfifo web.port
/usr/bin/python3 "$abs_top_srcdir/tests/peers/ocsp-peer.py" responder web >web.port &
tap_pids="$tap_pids $!"
read -r web_port <web.port

# leaf NAME SERIAL URL: NAME.chain names this responder.
leaf() {
  url=$3
  name=$1
  cp -n sub-key.pem "$1-key.pem"
  issue "$1" sub "0x$2" 'subjectAltName = DNS:localhost' "authorityInfoAccess = OCSP;URI:$url"
  cat "$name.pem" sub.pem >"$name.chain"
}
judge() {
  chain=$1
  shift
  run "$tbdiag" verify --chain-file "$chain" --ca-file root.pem "$@" localhost
}

# The notes say that NAME may be revoked, and why that is not known.
vain_note() {
  tr '\n' ' ' <"$out" | tr -s ' ' |
    grep -q -e "note: --ocsp: whether CN=$1 was revoked is not known: .*$2"
}

# ---- what responders know -------------------------------------------------------------------------

leaf good 40 "http://127.0.0.1:$sub_port/"
judge good.chain --ocsp
check 'good: exit status' status_is 0
check 'good: asked about the server' out_has "http://127.0.0.1:$sub_port/ about CN=good: good"
check 'good: asked about the intermediate' out_has "http://127.0.0.1:$root_port/ about CN=sub: good"
check 'good: stderr is empty' err_empty
judge good.chain --ocsp --format json
check 'good, JSON: fits the schema' out_fits_schema
check 'good, JSON: the answer' out_has '"status": "good"'
judge good.chain
check 'not asked for: nobody is asked' test "$(grep -c 'about CN=' "$out")" = 0

leaf revoked 50 "http://127.0.0.1:$sub_port/"
judge revoked.chain
check 'revoked, not asked for: exit status' status_is 0
judge revoked.chain --ocsp -v
check 'revoked: exit status' status_is 2
check 'revoked: policy.revoked' has_finding critical policy.revoked
check 'revoked: the reason' grep -q '^ *reason *keyCompromise$' "$out"
check 'revoked: learnt from' grep -q '^ *source *ocsp$' "$out"
check 'revoked: learnt where' grep -q "^ *ocsp_url *http://127.0.0.1:$sub_port/\$" "$out"
judge revoked.chain --ocsp --format json
check 'revoked, JSON: fits the schema' out_fits_schema

cat good.pem sub.bad.pem >bad.chain
judge bad.chain --ocsp
check 'a revoked intermediate: exit status' status_is 2
check 'a revoked intermediate: policy.revoked' has_finding critical policy.revoked
check 'a revoked intermediate: which' out_has 'CN=sub was revoked by CN=OCSP Root'
cat good.pem sub.bad.pem sub.pem >both.chain
judge both.chain --ocsp
check_not 'a revoked intermediate, but another path' has_finding critical policy.revoked
cat good.pem sub.pem sub.bad.pem >both.chain
judge both.chain --ocsp
check_not 'another path stands first' has_finding critical policy.revoked

leaf delegated 41 "http://127.0.0.1:$delegate_port/"
judge delegated.chain --ocsp
check 'a responder of the issuer: exit status' status_is 0
check 'a responder of the issuer: good' out_has "http://127.0.0.1:$delegate_port/ about CN=delegated: good"
leaf pretended 51 "http://127.0.0.1:$pretender_port/"
judge pretended.chain --ocsp
check 'a certificate of the issuer for something else: said' vain_note pretended 'it was not signed by the issuer'
leaf unheard 60 "http://127.0.0.1:$sub_port/"
judge unheard.chain --ocsp
check 'nobody knows it: exit status' status_is 0
check 'nobody knows it: said' vain_note unheard 'it does not know the certificate'

# ---- whatever answers -----------------------------------------------------------------------------

# answer NAME FILE OPTION...: web/FILE is what is said of NAME.
answer() {
  openssl ocsp -issuer sub.pem -cert "$1.pem" -no_nonce -reqout asked.req 2>>openssl.log
  file=$2
  shift 2
  openssl ocsp -index sub.txt -CA sub.pem -reqin asked.req -respout "web/$file" -ndays 5 "$@" >>openssl.log 2>&1
}
# vain NAME TEXT [OPTION...]: the answer of the web's /NAME is of no use, which is said; the verdict stays.
vain() {
  leaf "$1" 42 "http://127.0.0.1:$web_port/$1"
  what=$1 text=$2
  shift 2
  begin=$(date +%s%3N)
  judge "$what.chain" --ocsp --timeout 2 "$@"
  took=$(($(date +%s%3N) - begin))
  check "/$what: exit status" status_is 0
  check "/$what: the verdict stays" has_finding ok ca.ok
  check "/$what: said, and why" vain_note "$what" "$text"
  check "/$what: in time ($took ms)" test "$took" -lt 6000
  check "/$what: stderr is empty" err_empty
}
printf '0\202\377\377<html>no answer</html>' >web/garbage
vain garbage 'it is malformed'
: >web/empty
vain empty 'it is malformed'
printf '0\3\n\1\3' >web/later
vain later 'the responder had no answer'
vain nowhere 'HTTP status 404'
vain huge 'more than 262144 bytes'
vain silent 'timed out'
vain loop 'redirects'
leaf other 43 http://127.0.0.1:1/
answer other about-another -rsigner sub.pem -rkey sub-key.pem
vain about-another 'it is about another certificate'
leaf stale 42 "http://127.0.0.1:$web_port/stale"
answer stale stale -rsigner sub.pem -rkey sub-key.pem
vain stale 'its time is over' --at "$(date -u -d '+10 days' +%F)"
key somebody
openssl req -x509 -new -key somebody-key.pem -subj '/CN=Somebody' -days 60 -out somebody.pem
leaf foreign 42 "http://127.0.0.1:$web_port/foreign"
answer foreign foreign -rsigner somebody.pem -rkey somebody-key.pem
vain foreign 'it was not signed by the issuer'
# What was made after the report was begun is not from the future, but what is hours ahead is.
printf '%s\n' '[ca]' 'default_ca = here' '[here]' 'database = old.txt' 'serial = old.serial' 'default_md = sha256' \
  'policy = any' 'new_certs_dir = .' '[any]' 'commonName = supplied' >old.cnf
: >old.txt
echo 77 >old.serial
# long_ago NAME OPTION...: NAME.pem, valid for years, as `openssl x509` makes none.
long_ago() {
  name=$1
  shift
  openssl ca -batch -config old.cnf -in "$name.csr" -startdate 20260101000000Z -enddate 20480101000000Z \
    -extfile "$name.ext" -out "$name.pem" -notext -keyfile old-key.pem "$@" 2>>openssl.log
}
key old
cp old-key.pem early-key.pem
for name in old early; do openssl req -new -key old-key.pem -subj "/CN=$name" -out $name.csr; done
printf '%s\n' $ca $usage subjectKeyIdentifier=hash >old.ext
printf '%s\n' 'subjectAltName = DNS:localhost' 'authorityKeyIdentifier = keyid:always' \
  "authorityInfoAccess = OCSP;URI:http://127.0.0.1:$web_port/early" >early.ext
long_ago old -selfsign
long_ago early -cert old.pem
openssl ocsp -issuer old.pem -cert early.pem -no_nonce -reqout asked.req 2>>openssl.log
openssl ocsp -index old.txt -CA old.pem -reqin asked.req -respout web/early -ndays 5 -rsigner old.pem \
  -rkey old-key.pem >>openssl.log 2>&1
early() {
  run "$tbdiag" verify --chain-file early.pem --ca-file old.pem --ocsp --at "$(date -u -d "$1" +%FT%TZ)" localhost
}
early '-1 minute'
check 'an answer of the minute to come: exit status' status_is 0
check 'an answer of the minute to come: good' out_has 'about CN=early: good'
check_not 'an answer of the minute to come: no doubt' out_has 'not used'
early '-1 hour'
check 'an answer of the hour to come: said' vain_note early 'it is from the future'
# The second address has it.
cp sub-key.pem second-key.pem
issue second sub 0x42 'subjectAltName = DNS:localhost' \
  "authorityInfoAccess = OCSP;URI:http://127.0.0.1:$web_port/nowhere,OCSP;URI:http://127.0.0.1:$sub_port/"
cat second.pem sub.pem >second.chain
judge second.chain --ocsp
check 'the second address tells: exit status' status_is 0
check 'the second address tells: the first is shown' out_has '/nowhere about CN=second: no answer'

for url in http://127.0.0.1:1/x http://does-not-exist.invalid/x; do
  leaf gone 42 $url
  judge gone.chain --ocsp --timeout 5
  check "$url: exit status" status_is 0
  check "$url: said" vain_note gone "$url"
done
for url in "file://$tap_dir/root.pem" ldap:///CN=x; do
  leaf elsewhere 42 "$url"
  judge elsewhere.chain --ocsp
  check_not "$url: is not asked" out_has "$url about"
done

# ---- nobody to ask --------------------------------------------------------------------------------

issue mute root 0x22 'subjectAltName = DNS:localhost'
judge mute.pem --ocsp
check 'no responder: exit status' status_is 0
check 'no responder: said' out_has 'note: --ocsp: nobody was asked, no certificate of the path names a responder'
run "$tbdiag" verify --chain-file good.chain --ca-file somebody.pem --ocsp localhost
check 'no path: said' out_has 'note: --ocsp: nobody was asked, no path is accepted'
run "$tbdiag" verify --all-addresses --ocsp --ca-file root.pem localhost
check 'of a set: exit status' status_is 3
check 'of a set: says why' err_has "does not go with '--ocsp'"
TBDIAG_MODULE_DIR=$tap_dir run "$tbdiag" verify --chain-file good.chain --ca-file root.pem --ocsp localhost
check 'no module: exit status' status_is 3
check 'no module: names the package' err_has 'fetch-http.so is not there: tbdiag was built without libcurl4-gnutls-dev'
http_proxy=http://127.0.0.1:1 judge good.chain --ocsp
check 'a proxy is obeyed' vain_note good "127.0.0.1:$sub_port"

# ---- and a live peer, with a token ----------------------------------------------------------------

sandbox_start || fail 'the sandbox starts'
# live NAME [NEXT]: this certificate in front of the sandbox; what it was sent comes into NAME.log.
live() {
  rm -f "$1.live" "$1.log"
  mkfifo "$1.live"
  /usr/bin/python3 "$abs_top_srcdir/tests/peers/ocsp-peer.py" tls "$1.chain" "$1-key.pem" "$sandbox_port" "$1.log" \
    ${2:+"$2.chain"} >"$1.live" &
  tap_pids="$tap_pids $!"
  read -r live_port <"$1.live"
}
roundtrip() { run "$tbdiag" "$@" --ca-file root.pem --token-file "$sandbox_dir/token" "localhost:$live_port"; }
token=$(cat "$sandbox_dir/token")
live good
roundtrip roundtrip --ocsp
check 'a live peer, good: exit status' status_is 0
check 'a live peer, good: the round trip' has_finding ok data.ok
check 'a live peer, good: the token went there' grep -qF "$token" good.log
live revoked
roundtrip roundtrip --ocsp
check 'a live peer, revoked: exit status' status_is 2
check 'a live peer, revoked: policy.revoked' has_finding critical policy.revoked
check 'a live peer, revoked: token.unverified-peer' grep -qE '^ *therefore critical  token.unverified-peer(  |$)' "$out"
check_not 'a live peer, revoked: the token did not go there' grep -qF "$token" revoked.log
roundtrip report --ocsp
check 'a report, revoked: policy.revoked' has_finding critical policy.revoked
check_not 'a report, revoked: the token did not go there' grep -qF "$token" revoked.log
roundtrip report --ocsp --redact --format json
check 'a report, redacted: fits the schema' out_fits_schema
check_not 'a report, redacted: the responder is not named' out_has "127.0.0.1:$sub_port"
roundtrip roundtrip --ocsp --insecure
check 'a live peer, revoked, --insecure: the token went there' grep -qF "$token" revoked.log

# The connection that asks again is judged as the first was.
echo a-token-that-is-refused >refused.token
ask_again() {
  run "$tbdiag" roundtrip --explain-refusal --ca-file root.pem --token-file refused.token "$@" "localhost:$live_port"
}
times_sent() { test "$(grep -aoF a-token-that-is-refused "$1.log" | wc -l)" -eq "$2"; }
live good revoked
ask_again
check 'ask again, not asked for: the token went there twice' times_sent good 2
leaf counted 42 "http://127.0.0.1:$web_port/counted"
answer counted counted -rsigner sub.pem -rkey sub-key.pem
live counted
ask_again --ocsp
check 'ask again, good: the token went there twice' times_sent counted 2
check 'ask again, good: the responder was asked once' test "$(grep -c '^/counted$' web/asked.log)" = 1
live good revoked
ask_again --ocsp
check 'ask again, revoked by now: exit status' status_is 2
check 'ask again, revoked by now: the token went there once' times_sent good 1
sandbox_stop

done_testing
