#!/bin/sh
# SPDX-License-Identifier: MIT
#
# clients.t - where a path is good and clients of today refuse it all the same, tbdiag says who does: it agrees with
# openssl verify, certtool and mosquitto_pub, and its fixes, executed, make it good for all.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

command -v openssl >/dev/null || {
  echo '1..0 # SKIP openssl is missing'
  exit 0
}

ca='basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash'
names='subjectAltName = DNS:localhost'

key() { [ -f "$1-key.pem" ] || openssl ecparam -name prime256v1 -genkey -noout -out "$1-key.pem"; }

# root NAME SUBJECT LINE...: a certificate signed by itself with these lines of an extension file.
root() {
  name=$1 subject=$2
  shift 2
  key "$name"
  printf '%s\n' "$@" >root.ext
  openssl req -new -key "$name-key.pem" -subj "$subject" -out root.csr
  openssl x509 -req -in root.csr -signkey "$name-key.pem" -days 3650 -set_serial "${serial:-1}" \
    -extfile root.ext -out "$name.pem" 2>>openssl.log
}

# sign NAME ISSUER SUBJECT LINE...: the same, signed by another.
sign() {
  name=$1 issuer=$2 subject=$3
  shift 3
  key "$name"
  printf '%s\n' "$@" >sign.ext
  openssl req -new -key "$name-key.pem" -subj "$subject" -out sign.csr
  openssl x509 -req -in sign.csr -CA "$issuer.pem" -CAkey "$issuer-key.pem" -CAcreateserial -days 300 \
    -extfile sign.ext -out "$name.pem" 2>>openssl.log
}

# openssl_says STORE CHAIN [OPTION...]: "OK" or the number of its error.
openssl_says() {
  store=$1 chain=$2
  shift 2
  said=$(openssl verify -purpose sslserver -verify_hostname localhost "$@" -CAfile "$store" -untrusted "$chain" \
    "$chain" 2>&1)
  case $said in
  *': OK') echo OK ;;
  *) echo "$said" | sed -n 's/^error \([0-9]*\) at.*/\1/p' | head -n 1 ;;
  esac
}

# gnutls_says STORE CHAIN: "yes" or "no"; what is expected where certtool is missing.
gnutls_says() {
  command -v certtool >/dev/null || {
    echo "$gnutls"
    return
  }
  certtool --verify --verify-hostname localhost --verify-purpose 1.3.6.1.5.5.7.3.1 --load-ca-certificate "$1" \
    --infile "$2" 2>&1 | grep -q 'output: Verified' && echo yes || echo no
}

# judged WHAT STORE CHAIN STATUS SEVERITY ID OPENSSL GNUTLS [HOST]: how tbdiag, OpenSSL and GnuTLS judge it.
judged() {
  what=$1 store=$2 chain=$3 gnutls=$8
  run "$tbdiag" verify -v --chain-file "$chain" --ca-file "$store" "${9:-localhost}"
  check "$what: exit status" status_is "$4"
  check "$what: $5 $6" grep -qE "^ *$5  $6\b" "$out"
  if [ "$4" -gt 0 ]; then check_not "$what: no ca.ok" out_has 'ca.ok'; fi
  check "$what: OpenSSL says $7" test "$(openssl_says "$store" "$chain")" = "$7"
  check "$what: GnuTLS says $8" test "$(gnutls_says "$store" "$chain")" = "$8"
}

# told TEXT: the report says it, wherever its lines end.
told() { tr -s ' \n' '  ' <"$out" | grep -qF -e "$1"; }

# fixed WHAT ISSUER LEAF: the commands of the fix, executed by who has these keys, make it good for OpenSSL and tbdiag.
fixed() {
  rm -rf fix
  mkdir fix
  cp "$2.pem" fix/issuer.pem
  cp "$2.pem" fix
  cp "$2-key.pem" fix/issuer-key.pem
  cp "$2-key.pem" fix/ca-key.pem
  cp "$3-key.pem" fix/server_key.pem
  cp "$3.pem" fix/server.pem
  sed -nE 's/^ {6}((openssl|printf) .*)$/\1/p' "$out" >fix/fix.sh
  check "$1: the fix is executed" sh -ec 'cd fix && . ./fix.sh >log 2>&1'
  cp fix/issuer.pem fix/ca.pem
  [ ! -f fix/ca_new.pem ] || cp fix/ca_new.pem fix/ca.pem
  [ ! -f fix/server_new.pem ] || cp fix/server_new.pem fix/server.pem
  check "$1: OpenSSL takes what it made" test "$(openssl_says fix/ca.pem fix/server.pem)" = OK
  run "$tbdiag" verify -v --chain-file fix/server.pem --ca-file fix/ca.pem --warn-days 0 --crit-days 0 localhost
  check "$1: it is ok" grep -qE '^ok  ca.ok\b' "$out"
  check "$1: nothing else is amiss" status_is 0
}

root root /CN=Root "$ca"
sign leaf root /CN=localhost "$names" 'authorityKeyIdentifier = keyid'
judged 'good' root.pem leaf.pem 0 ok ca.ok OK yes

# ---- the trust file ------------------------------------------------------------------------------

judged 'ticket-a01 the leaf as CA file' leaf.pem leaf.pem 2 critical ca.leaf-in-store 20 no
check 'ticket-a01: who refuses now' grep -qE '^ *refused_by  *OpenSSL, GnuTLS, mosquitto, Python, Node.js and mbedTLS$' "$out"
check 'ticket-a01: who accepts it' grep -qE '^ *accepted_by  *curl and BearSSL$' "$out"
check 'ticket-a01: the path is not just accepted' out_has 'accepted here, refused by OpenSSL'
sign inter root /CN=Intermediate "$ca" 'authorityKeyIdentifier = keyid'
sign under inter /CN=localhost "$names" 'authorityKeyIdentifier = keyid'
cat under.pem inter.pem >chain.pem
judged 'ticket-a21 an intermediate as CA file' inter.pem chain.pem 1 warning ca.intermediate-in-store 2 yes
check 'ticket-a21: who refuses now' grep -qE '^ *refused_by  *OpenSSL, mosquitto, Python and Node.js$' "$out"
judged 'ticket-b18 the whole chain as CA file' chain.pem chain.pem 1 warning ca.intermediate-in-store 2 yes
check 'ticket-b18: who accepts it' out_has 'curl, GnuTLS, mbedTLS'
cat leaf.pem root.pem >both.pem
judged 'the leaf beside its root' both.pem leaf.pem 0 ok ca.ok OK yes

mkdir dir
cp root.pem dir/ca.pem
in_dir() { openssl verify -no-CAfile -no-CAstore -CApath dir leaf.pem >openssl.log 2>&1; }
run "$tbdiag" verify -v --chain-file leaf.pem --ca-path dir localhost
check 'ticket-b22 a directory without hashes: exit status' status_is 1
check 'ticket-b22 a directory without hashes' grep -qE '^warning  ca.store-unhashed\b' "$out"
check_not 'ticket-b22: OpenSSL finds nothing there' in_dir
sh -c "$(sed -n 's/^ *\(openssl rehash .*\)$/\1/p' "$out")"
check 'ticket-b22, fixed: OpenSSL finds it' in_dir
run "$tbdiag" verify -v --chain-file leaf.pem --ca-path dir localhost
check 'ticket-b22, fixed: exit status' status_is 0
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
  -keyout new.key -out dir/other.pem -subj /CN=Other 2>/dev/null
run "$tbdiag" verify -v --chain-file leaf.pem --ca-path dir localhost
check 'ticket-b22 one of two without: said' grep -q '1 of 2 certificates' "$out"

# ---- one subject ---------------------------------------------------------------------------------

root same /CN=localhost "$ca"
key twin
openssl req -new -key twin-key.pem -subj /CN=localhost -out twin.csr
openssl x509 -req -in twin.csr -CA same.pem -CAkey same-key.pem -CAcreateserial -days 300 -out twin.pem 2>>openssl.log
if openssl x509 -in twin.pem -noout -text | grep -q 'Key Identifier'; then
  # OpenSSL from 3.2 on writes key identifiers unasked, and they keep the two apart.
  sign twin same /CN=localhost 'subjectKeyIdentifier = none' 'authorityKeyIdentifier = none'
fi
judged 'ticket-a14 CA and leaf of one subject' same.pem twin.pem 1 warning ca.same-subject 18 yes
check 'ticket-a14: who refuses' out_has 'OpenSSL, curl, mosquitto, Python and Node.js'
check 'ticket-a14: the other fault of such a CA' grep -q '^warning  name.cn-only\b' "$out"
check_not 'ticket-a14: it is not self-signed' out_has 'It is self-signed'
check_not 'ticket-a14: and not made by itself' out_has 'openssl req -x509 -days'
sed -n '/ca.same-subject/,/^$/p' "$out" >first
cp first "$out"
fixed ticket-a14 same twin
sign twin same /CN=localhost "$names" 'subjectKeyIdentifier = hash' 'authorityKeyIdentifier = keyid:always'
judged 'one subject, and key identifiers that differ' same.pem twin.pem 0 ok ca.ok OK yes
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own-key.pem -out own.pem -days 300 \
  -subj /CN=localhost -addext "subjectAltName=DNS:localhost" 2>>openssl.log
judged 'a leaf that is self-signed' own.pem own.pem 0 ok ca.ok OK yes

# ---- key identifiers -----------------------------------------------------------------------------

serial=1 root old /CN=CA "$ca"
sign renewed old /CN=localhost "$names" 'authorityKeyIdentifier = keyid, issuer:always'
cp old-key.pem new-key.pem
serial=2 root new /CN=CA "$ca"
judged 'ticket-d17 the serial number of the old CA' new.pem renewed.pem 1 warning ca.contradicting-key-id 20 yes
check 'ticket-d17: why' out_has 'by serial number'
fixed ticket-d17 new renewed
cat new.pem old.pem >both.pem
judged 'ticket-d17 both generations are trusted' both.pem renewed.pem 0 ok ca.ok OK yes
cp old-key.pem other-key.pem
root other /CN=CA 'basicConstraints = critical, CA:TRUE' 'keyUsage = critical, keyCertSign, cRLSign' \
  'subjectKeyIdentifier = 01:02:03:04'
sign renewed old /CN=localhost "$names" 'authorityKeyIdentifier = keyid:always'
judged 'security-3 another key identifier' other.pem renewed.pem 1 warning ca.contradicting-key-id 20 no
check 'security-3: GnuTLS as well' out_has 'Node.js and GnuTLS'
fixed security-3 other renewed
sign inter root /CN=Intermediate "$ca" 'authorityKeyIdentifier = keyid'
sign under inter /CN=localhost "$names" 'authorityKeyIdentifier = keyid, issuer:always'
sign inter root /CN=Intermediate "$ca" 'authorityKeyIdentifier = keyid'
cat under.pem inter.pem >chain.pem
judged 'security-3 an intermediate that was renewed' root.pem chain.pem 1 warning ca.contradicting-key-id 20 yes
check 'security-3: what the server sends' out_has 'into what the server sends'

# ---- purposes ------------------------------------------------------------------------------------

sign typed root /CN=localhost "$names" 'nsCertType = client, email'
judged 'ticket-d16 nsCertType without server' root.pem typed.pem 1 warning policy.wrong-purpose 26 yes
fixed ticket-d16 root typed
sign typed root /CN=localhost "$names" 'nsCertType = server, client'
judged 'ticket-d16 nsCertType with server' root.pem typed.pem 0 ok ca.ok OK yes
sign any root /CN=localhost "$names" 'extendedKeyUsage = anyExtendedKeyUsage'
judged 'ticket-d19 any purpose alone' root.pem any.pem 1 warning policy.wrong-purpose 26 yes
fixed ticket-d19 root any
sign any root /CN=localhost "$names" 'extendedKeyUsage = anyExtendedKeyUsage, serverAuth'
judged 'ticket-d19 any purpose, and servers' root.pem any.pem 0 ok ca.ok OK yes
sign inter root /CN=Intermediate "$ca" 'extendedKeyUsage = anyExtendedKeyUsage'
sign under inter /CN=localhost "$names" 'authorityKeyIdentifier = keyid'
cat under.pem inter.pem >chain.pem
judged 'ticket-d19 in an intermediate' root.pem chain.pem 1 warning policy.wrong-purpose 26 no
check 'ticket-d19 in an intermediate: GnuTLS as well' out_has 'Node.js and GnuTLS'
root anyroot /CN=Root "$ca" 'extendedKeyUsage = anyExtendedKeyUsage'
sign under anyroot /CN=localhost "$names"
judged 'ticket-d19 in the root' anyroot.pem under.pem 1 warning policy.wrong-purpose 26 yes
fixed 'ticket-d19 in the root' anyroot under

# ---- names ---------------------------------------------------------------------------------------

sign dotted root /CN=x 'subjectAltName = DNS:localhost.'
judged 'security-3 a name with a dot at its end' root.pem dotted.pem 2 critical name.mismatch 62 no
check 'security-3 a name with a dot at its end: said' told 'ends in a dot'
run "$tbdiag" verify --profile webpki --chain-file dotted.pem --ca-file root.pem localhost.
check 'security-3 a name with a dot at its end: nobody dials it so' out_has 'critical  name.mismatch'
sign numbered root /CN=x 'subjectAltName = IP:127.0.0.1'
run "$tbdiag" verify -v --chain-file numbered.pem --ca-file root.pem 127.0.0.1
check 'ticket-c12 the address as an address only: exit status' status_is 0
check 'ticket-c12 the address as an address only' grep -q '^info  name.address-only\b' "$out"
check 'ticket-c12: who refuses' told 'mbedTLS 2.28 (-0x2700) and BearSSL (56) refuse it now'
sign numbered root /CN=x 'subjectAltName = IP:127.0.0.1, DNS:127.0.0.1'
run "$tbdiag" verify -v --chain-file numbered.pem --ca-file root.pem 127.0.0.1
check_not 'ticket-c12: in both forms' out_has name.address-only
check 'ticket-c12: in both forms, ok' grep -q '^ok  ca.ok\b' "$out"

# ---- what small stacks lack ----------------------------------------------------------------------

sign inter root /CN=Intermediate "$ca" 'nameConstraints = critical, permitted;DNS:localhost'
sign under inter /CN=localhost "$names"
cat under.pem inter.pem >chain.pem
judged 'ticket-d20 critical nameConstraints' root.pem chain.pem 0 info policy.critical-constraints OK yes
check 'ticket-d20: who refuses' told 'mbedTLS 2.28 (-0x2562) and BearSSL (57) refuse it now'
root bound /CN=Bound "$ca" 'nameConstraints = critical, permitted;DNS:localhost'
sign under bound /CN=localhost "$names"
judged 'ticket-d20 in the root' bound.pem under.pem 0 info policy.critical-constraints OK yes

# of_kind TICKET KIND COMMAND-OF-OPENSSL...: a leaf with such a key, and a CA with one.
of_kind() {
  what=$1 shown=$2
  shift 2
  openssl "$@" -out odd-key.pem 2>>openssl.log
  sign odd root /CN=localhost "$names"
  judged "$what a key that is $shown" root.pem odd.pem 0 info policy.rare-key OK yes
  check "$what: which" out_has "is $shown"
  root odd /CN=Odd "$ca"
  sign under odd /CN=localhost "$names"
  judged "$what a CA's key that is $shown" odd.pem under.pem 0 info policy.rare-key OK yes
}
of_kind ticket-e19 Ed25519 genpkey -algorithm ed25519
check 'ticket-e19: who refuses' told 'mbedTLS and BearSSL refuse it now'
of_kind ticket-A7 Ed448 genpkey -algorithm ed448
of_kind ticket-e20 'RSA-PSS with 2048 bits' genpkey -algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048
of_kind ticket-x17 'RSA with 8192 bits' pkey -in "$abs_top_srcdir/tests/data/rsa-8192-key.pem"
check 'ticket-x17: who refuses' told 'BearSSL (50) refuses it now'
openssl dsaparam -genkey 2048 2>>openssl.log | openssl pkey -out odd-key.pem 2>>openssl.log
root odd /CN=Odd "$ca"
sign under odd /CN=localhost "$names"
judged 'ticket-A7 a CA with DSA' odd.pem under.pem 0 info policy.rare-key OK yes
openssl genrsa -out pss-key.pem 2048 2>>openssl.log
root pss /CN=PSS "$ca"
printf '%s\n' "$names" >sign.ext
openssl req -new -key under-key.pem -subj /CN=localhost -out sign.csr
openssl x509 -req -in sign.csr -CA pss.pem -CAkey pss-key.pem -CAcreateserial -sigopt rsa_padding_mode:pss \
  -sigopt rsa_pss_saltlen:32 -extfile sign.ext -days 300 -out under.pem 2>>openssl.log
judged 'ticket-x14 a signature of RSA-PSS' pss.pem under.pem 0 info policy.rare-signature OK yes
key common
openssl req -new -key common-key.pem -subj /CN=V1 -out v1.csr
openssl x509 -req -in v1.csr -signkey common-key.pem -days 3000 -out common.pem 2>>openssl.log
if openssl x509 -in common.pem -noout -text | grep -q 'Version: 1 '; then
  sign under common /CN=localhost "$names" 'authorityKeyIdentifier = none'
  run "$tbdiag" verify -v --chain-file under.pem --ca-file common.pem localhost
  check 'ticket-d12 a root of version 1' grep -q '^warning  policy.strict-only\b' "$out"
  check 'ticket-d12: strict OpenSSL refuses the root' test "$(
    openssl verify -x509_strict -CAfile common.pem under.pem 2>&1 | grep -c '^error 79'
  )" = 1
  check 'ticket-d12: and tbdiag says so' out_has 'of version 1'
else
  skip 'ticket-d12 a root of version 1' 'this OpenSSL makes none'
fi

# ---- what GnuTLS does not know -------------------------------------------------------------------

for curve in brainpoolP256r1 secp256k1 sect283k1; do
  openssl ecparam -name $curve -genkey -noout -out odd-key.pem 2>>openssl.log || continue
  root odd /CN=Odd "$ca"
  sign under odd /CN=localhost "$names"
  judged "ticket-d18 a CA with $curve" odd.pem under.pem 2 critical policy.unknown-algorithm OK no
  check "ticket-d18 $curve: said" grep -q "^  GnuTLS does not know the curve $curve" "$out"
  check_not "ticket-d18 $curve: no bad signature" out_has 'bad-signature'
  check_not "ticket-d18 $curve: nobody is accused" out_has 'changed afterwards'
  run "$tbdiag" verify --format json --chain-file under.pem --ca-file odd.pem localhost
  check "ticket-d18 $curve: not verified" out_has '"verified": false'
  check "ticket-d18 $curve: fits the schema" out_fits_schema
done

# ---- over the wire -------------------------------------------------------------------------------

# served STORE LEAF KEY: tbdiag against a server with it, and the ports of what else is asked.
served() {
  mkfifo shown
  timeout 60 openssl s_server -www -accept 127.0.0.1:0 -cert "$2" -key "$3" >shown 2>&1 </dev/null &
  peer_pid=$!
  tap_pids="$tap_pids $peer_pid"
  exec 7<shown
  while read -r line; do case $line in ACCEPT*) break ;; esac done <&7
  port=${line##*:}
  run "$tbdiag" verify --ca-file "$1" --connect-to "127.0.0.1:$port" localhost
}
served leaf.pem leaf.pem leaf-key.pem
check 'ticket-a01, live: exit status' status_is 2
check 'ticket-a01, live' grep -q '^critical  ca.leaf-in-store\b' "$out"
if command -v mosquitto_pub >/dev/null; then
  run mosquitto_pub -h localhost -p "$port" --cafile leaf.pem -t t -m m
  check 'ticket-a01, live: mosquitto_pub refuses' test "$status" -ne 0
fi
peer_stop

done_testing
