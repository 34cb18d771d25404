#!/bin/sh
# SPDX-License-Identifier: MIT
#
# lint.t - tbdiag lint: a file of certificates looked at by itself, repaired, and a server's with its key.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

command -v openssl >/dev/null || {
  echo '1..0 # SKIP openssl is missing'
  exit 0
}

# ---- a root, an intermediate, a server, a client --------------------------------------------------

# issue NAME ISSUER DAYS EXTENSION...: a certificate and its key; of itself when NAME is ISSUER.
issue() {
  name=$1 issuer=$2 days=$3
  shift 3
  printf '%s\n' "$@" >"$name.ext"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$name-key.pem" \
    -out "$name.csr" -subj "/CN=$name" 2>>openssl.log
  if [ "$name" = "$issuer" ]; then
    openssl x509 -req -in "$name.csr" -signkey "$name-key.pem" -days "$days" -extfile "$name.ext" \
      -out "$name.pem" 2>>openssl.log
  else
    openssl x509 -req -in "$name.csr" -CA "$issuer.pem" -CAkey "$issuer-key.pem" -CAcreateserial \
      -days "$days" -extfile "$name.ext" -out "$name.pem" 2>>openssl.log
  fi
}
ca='basicConstraints=critical,CA:TRUE'
issue root root 3650 "$ca" keyUsage=critical,keyCertSign
issue other other 3650 "$ca" keyUsage=critical,keyCertSign
issue old old 30 "$ca" keyUsage=critical,keyCertSign
issue sub root 1000 "$ca" keyUsage=critical,keyCertSign
issue server sub 80 subjectAltName=DNS:localhost extendedKeyUsage=serverAuth
issue client sub 80 extendedKeyUsage=clientAuth

lint() { run "$tbdiag" lint "$@"; }
no_match() { ! grep -qE "$1" "$2"; }
# A line for each certificate: its number, what it is, and when it ends.
listed() { tr -s '\n ' '  ' <"$out" | grep -qE "$1"; }
year=$(date +%Y)

# ---- trust files ---------------------------------------------------------------------------------

lint root.pem
check 'a root: exit status' status_is 0
check 'a root: all is well' has_finding ok ca.store-ok
check 'a root: its line' listed "1 CN=root: root, an anchor, until $((year + 10))-..-.., sha256 [0-9a-f]{16}, line 1"
digest=$(openssl x509 -in root.pem -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f | cut -c 1-16)
check 'a root: its digest' out_has "sha256 $digest"
lint --format json root.pem
check 'JSON: fits the schema' out_fits_schema
lint --at "$((year + 20))-01-01" root.pem
check 'all have expired: exit status' status_is 2
check 'all have expired' has_finding critical ca.store-expired-entry
cat root.pem old.pem >two.pem
lint --at "$((year + 2))-01-01" two.pem
check 'one has expired: exit status' status_is 0
check 'one has expired' has_finding info ca.store-expired-entry
check 'one has expired: which' listed 'the first is CN=old, entry 2'
check 'one has expired: in its line' listed '2 CN=old: root, an anchor, EXPIRED'
cat root.pem other.pem root.pem >three.pem
lint three.pem
check 'a duplicate: exit status' status_is 0
check 'a duplicate' has_finding info ca.store-duplicate
check 'a duplicate: which' listed '3 CN=root: .*, the same as 1'
lint server.pem
check 'a leaf: exit status' status_is 2
check 'a leaf' has_finding critical ca.store-no-root
check 'a leaf: its line' listed '1 CN=server: no CA, no anchor \(curl, BearSSL: itself\)'
lint sub.pem
check 'an intermediate: exit status' status_is 1
check 'an intermediate' has_finding warning ca.store-no-root
check 'an intermediate: who refuses' listed 'refused by OpenSSL, mosquitto, Python and Node.js'
cat root.pem root-key.pem >with-key.pem
lint with-key.pem
check 'a key: exit status' status_is 2
check 'a key' has_finding critical ca.store-holds-key
: >empty.pem
lint empty.pem
check 'empty: exit status' status_is 2
check 'empty' has_finding critical ca.store-empty
lint root.csr
check 'a request: exit status' status_is 2
check 'a request' has_finding critical ca.store-format
lint /nowhere/ca.pem
check 'not there: exit status' status_is 3
lint
check 'no file: exit status' status_is 3
"$tbdiag" lint - <root.pem >"$out" 2>"$err"
status=$?
check 'standard input: exit status' status_is 0
check 'standard input' has_finding ok ca.store-ok
mkdir dir
lint dir
check 'a directory: exit status' status_is 3

# ---- repaired ------------------------------------------------------------------------------------

# repairs WHAT FILE COUNT: the clean file holds so many, with comments, and all libraries load it.
repairs() {
  rm -f clean.pem
  lint "$2" --save-fixed clean.pem
  check "$1: written" listed "clean.pem: $3 certificates? written"
  check "$1: so many" test "$(grep -c BEGIN clean.pem)" -eq "$3"
  check "$1: lines of 64" no_match '^[A-Za-z0-9+/=]{65}' clean.pem
  check "$1: a comment with the subject" grep -qx '# CN=root' clean.pem
  check "$1: and dates" grep -qE '^# valid from 20[0-9-]*T.*Z$' clean.pem
  lint clean.pem
  check "$1: nothing is wrong any more" has_finding ok ca.store-ok
}
cat other.pem root.pem other.pem >dup.pem
repairs 'duplicates' dup.pem 2
{ echo 'const char ca[] =' && sed 's/.*/  "&\\n"/' root.pem && echo ';'; } >ca.h
repairs 'C source' ca.h 1
{ echo 'String ca =' && sed 's/.*/  "&\\n" +/' root.pem && echo '  "";'; } >ca.java
repairs 'Java source' ca.java 1
sed 's/.*/&\\n\\/; 1s/^/static const char ca[] = "/' root.pem >continued.h
repairs 'C source with continued lines' continued.h 1
awk '{ printf "%s\\n", $0 }' root.pem >escaped.pem
repairs 'backslash and n' escaped.pem 1
printf '{"ca":"%s"}\n' "$(cat escaped.pem)" >escaped.json
repairs 'backslash and n in JSON' escaped.json 1
for encoding in UTF-16 UTF-16LE UTF-16BE; do
  iconv -t $encoding dup.pem >utf16.pem
  case $encoding in
  UTF-16BE) { printf '\376\377' && cat utf16.pem; } >marked.pem && mv marked.pem utf16.pem ;;
  esac
  repairs "$encoding" utf16.pem 2
done
openssl crl2pkcs7 -nocrl -certfile dup.pem -out dup.p7b
repairs 'PKCS#7' dup.p7b 2
openssl crl2pkcs7 -nocrl -certfile dup.pem -outform DER -out dup.p7c
repairs 'PKCS#7 in DER' dup.p7c 2
openssl pkcs12 -export -nokeys -in root.pem -certpbe NONE -nomac -passout pass: -out plain.p12 2>>openssl.log
repairs 'PKCS#12 that is not encrypted' plain.p12 1
openssl x509 -in root.pem -outform DER -out root.der
repairs 'DER' root.der 1
{ sed '5s/^..../@@@@/' other.pem && sed 's/^/  /' root.pem && cat root-key.pem; } >mixed.pem
repairs 'a damaged one, an indented one, a key' mixed.pem 1
check 'no key is written' no_match 'PRIVATE' clean.pem

openssl pkcs12 -export -nokeys -in root.pem -passout pass:secret -out root.p12 2>>openssl.log
lint root.p12 --save-fixed from-p12.pem
check 'PKCS#12: not written' listed 'from-p12.pem: not written, there is no certificate that can be read'
check_not 'PKCS#12: not there' test -e from-p12.pem
check 'PKCS#12: said' has_finding critical ca.store-format
lint root.pem --save-fixed clean.pem
check 'a file that is there: exit status' status_is 3
cp root.pem kept.pem
lint root.pem --output root.pem
check 'the file itself: exit status' status_is 3
check 'the file itself: not overwritten' cmp -s root.pem kept.pem

# ---- a server's, as ThingsBoard loads it ---------------------------------------------------------

cat server.pem sub.pem >fullchain.pem
lint fullchain.pem --key server-key.pem
check 'server: exit status' status_is 0
check 'server: the key' has_finding ok chain.key-fits
check 'server: looked at as one' out_has "as a server's chain with its key"
check 'server: the names' out_has 'DNS:localhost'
lint --format json fullchain.pem --key server-key.pem
check 'server, JSON: fits the schema' out_fits_schema
cat fullchain.pem server-key.pem >pair.pem
lint pair.pem
check 'server, key in the file: exit status' status_is 0
check 'server, key in the file' has_finding ok chain.key-fits
check_not 'server, key in the file: that is where it belongs' out_has ca.store-holds-key
lint fullchain.pem --key client-key.pem
check 'another key: exit status' status_is 2
check 'another key' has_finding critical chain.key-mismatch
for kind in rsa:pkcs1 ec:sec1; do
  case $kind in
  rsa:*) openssl genrsa -traditional -out old-key.pem 2048 2>>openssl.log ;;
  *) openssl ec -in server-key.pem -out old-key.pem 2>>openssl.log ;;
  esac
  lint fullchain.pem --key old-key.pem --format json
  check "${kind%:*}: the format" grep -q "\"format\": \"${kind#*:}\"" "$out"
done
check 'ec: the key' grep -q '"fits": "yes"' "$out"
openssl ec -in server-key.pem -aes128 -passout pass:x -out pem-key.pem 2>>openssl.log
lint fullchain.pem --key pem-key.pem
check 'encrypted of old: exit status' status_is 0
check 'encrypted of old: ThingsBoard reads it' has_finding info chain.key-encrypted
openssl pkcs8 -topk8 -in server-key.pem -passout pass:x -out pkcs8-key.pem
lint fullchain.pem --key pkcs8-key.pem
check 'ENCRYPTED PRIVATE KEY: exit status' status_is 2
check 'ENCRYPTED PRIVATE KEY: ThingsBoard does not' has_finding critical chain.key-encrypted
sed -n 's/^      //p' "$out" | sed 's/-in/-passin pass:x -in/' >fix.sh
sh fix.sh 2>>openssl.log
lint fullchain.pem --key plain-key.pem
check 'ENCRYPTED PRIVATE KEY: after the fix all is well' has_finding ok chain.key-fits
sed '3s/^..../@@@@/' server-key.pem >damaged-key.pem
lint fullchain.pem --key damaged-key.pem
check 'a damaged key: exit status' status_is 2
check 'a damaged key' has_finding critical chain.key-unreadable
lint fullchain.pem --key server.csr
check 'no key: exit status' status_is 3
check 'no key: said' err_has 'no private key in PEM'
cat sub.pem server.pem >reversed.pem
lint reversed.pem --key server-key.pem
check 'wrong order: exit status' status_is 2
check 'wrong order: ThingsBoard does not start' has_finding critical chain.not-loaded
sed -n 's/^      tbdiag //p' "$out" | sed 1q >fix.sh
check 'wrong order: a fix' grep -q 'save-fixed fullchain.pem' fix.sh
rm fullchain.pem
sh -c "'$tbdiag' $(cat fix.sh)" >fix.out 2>&1
lint fullchain.pem --key server-key.pem
check 'wrong order: after the fix all is well' status_is 0
cat server.pem other.pem >strange.pem
lint strange.pem --key server-key.pem
check 'a stranger: ThingsBoard does not start' has_finding critical chain.not-loaded
lint server.pem --key server-key.pem
check 'leaf only: exit status' status_is 1
check 'leaf only' has_finding warning chain.incomplete
lint fullchain.pem --key server-key.pem --at "$((year + 1))-12-31"
check 'expired: exit status' status_is 2
check 'expired' has_finding critical chain.expired

# ---- a client's ----------------------------------------------------------------------------------

cat client.pem sub.pem >client-chain.pem
lint client-chain.pem --key client-key.pem
check 'client: exit status' status_is 0
check 'client: looked at as one' out_has "as a client's chain with its key"
lint client-chain.pem --key server-key.pem
check 'client, another key' has_finding critical chain.key-mismatch
openssl pkcs8 -topk8 -in client-key.pem -passout pass:x -out client-pkcs8.pem
lint client-chain.pem --key client-pkcs8.pem
check 'client, encrypted: its device has to know the password' has_finding info chain.key-encrypted

# ---- the key stays where it is -------------------------------------------------------------------

secret=$(sed -n 2p server-key.pem)
lint pair.pem -v
check_not 'nothing of the key is shown' out_has "$secret"
lint pair.pem --format json
check_not 'nothing of the key is shown, JSON' out_has "$secret"

done_testing
