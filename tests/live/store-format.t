#!/bin/sh
# SPDX-License-Identifier: MIT
#
# store-format.t - trust files that are read here and not by OpenSSL and its like, and files of another kind: named
# as what they are, and repaired by the commands that the fix shows.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

command -v openssl >/dev/null || {
  echo '1..0 # SKIP openssl is missing'
  exit 0
}
export tbdiag
tbdiag_dir=$(dirname "$tbdiag")

# ---- a root, its server, and another root --------------------------------------------------------

new_root() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1-key.pem" -out "$1.pem" \
    -days 3650 -subj "/CN=$1" -addext keyUsage=critical,keyCertSign,cRLSign 2>>openssl.log
}
new_root root
new_root other
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf-key.pem -out leaf.csr \
  -subj /CN=localhost 2>>openssl.log
printf '%s\n' subjectAltName=DNS:localhost basicConstraints=critical,CA:FALSE \
  keyUsage=critical,digitalSignature extendedKeyUsage=serverAuth >leaf.ext
openssl x509 -req -in leaf.csr -CA root.pem -CAkey root-key.pem -CAcreateserial -days 80 -extfile leaf.ext \
  -out leaf.pem 2>>openssl.log

verify() { run "$tbdiag" verify --chain-file leaf.pem --ca-file "$1" localhost; }
openssl_loads() { openssl verify -CAfile "$1" leaf.pem >/dev/null 2>&1; }
gnutls_loads() { certtool --verify --load-ca-certificate "$1" --infile leaf.pem >/dev/null 2>&1; }

# fix [SED]: the commands of the fix, as they stand there, changed by SED.
fix() {
  sed -n 's/^      //p' "$out" | sed "${1-}" >fix.sh
  rm -f clean.pem lines.pem
  PATH="$tbdiag_dir:$PATH" sh fix.sh >fix.out 2>&1 || :
}

repaired() {
  what=$1
  verify clean.pem
  check "$what: after the fix all is well" status_is 0
  check "$what: after the fix nothing is said of the file" no_match '^[a-z]* *ca\.store' "$out"
  check "$what: after the fix OpenSSL loads it" openssl_loads clean.pem
}
no_match() { ! grep -qE "$1" "$2"; }

# lenient WHAT FILE DEFECT LINE OFFSET SEEN LOADED WHO...: read here, with a warning that says who does not.
lenient() {
  what=$1 file=$2
  verify "$file"
  check "$what: a warning" status_is 1
  check "$what: verified here" has_finding ok ca.ok
  check "$what: said" has_finding warning "${id-ca.store-damaged}"
  case $what-$(openssl version) in
  'DER-OpenSSL 3.0'* | [!D]*) check "$what: OpenSSL does not load it" not openssl_loads "$file" ;;
  *) skip "$what: OpenSSL does not load it" 'OpenSSL 3.5 reads DER, as the text says' ;;
  esac
  fix
  run "$tbdiag" verify -v --chain-file leaf.pem --ca-file "$file" localhost
  evidence defect "$3"
  evidence line "$4"
  evidence offset "$5"
  evidence seen "$6"
  evidence loaded "$7"
  shift 7
  for who in OpenSSL GnuTLS mbedTLS BearSSL; do
    case " $* " in
      *" $who "*) check "$what: $who" named "$who" ;;
      *) check "$what: not $who" not named "$who" ;;
    esac
  done
  repaired "$what"
}
not() { ! "$@"; }
evidence() { check "$what: $1 $2" grep -qE "^ *$1  *$2\$" "$out"; }
named() { sed -n '/not loaded as it is/,/read here/p' "$out" | tr '\n' ' ' | sed 's/ not PEM//' | grep -q "by.*$1"; }

size() { wc -c <"$1" | tr -d ' '; }
lines() { wc -l <"$1" | tr -d ' '; }

{ tr -d '\n' <root.pem && echo; } >b01.pem
lenient 'ticket-b01 PEM in one line with its BEGIN' b01.pem one-line 1 0 1 1 OpenSSL mbedTLS BearSSL
{ printf %s "$(cat other.pem)" && cat root.pem; } >b03.pem
lenient 'ticket-b03 END and BEGIN glued' b03.pem joined-lines 1 0 2 2 OpenSSL BearSSL
sed 's/^/    /' root.pem >b17.pem
lenient 'ticket-b17 indented' b17.pem indented 1 4 1 1 OpenSSL mbedTLS BearSSL
{ echo '# empty lines' && sed G root.pem; } >b19.pem
lenient 'ticket-b19 a blank line after each line' b19.pem blank-lines 2 14 1 1 OpenSSL
tr '\n' '\r' <root.pem >b20.pem
lenient 'ticket-b20 CR line ends' b20.pem cr-line-ends 1 0 1 1 OpenSSL mbedTLS BearSSL
{ cat root.pem && sed '5s/^..../@@@@/' other.pem; } >b21.pem
lenient 'ticket-b21 a damaged one beside the root' b21.pem damaged \
  $(($(lines root.pem) + 1)) "$(size root.pem)" 2 1 OpenSSL GnuTLS mbedTLS BearSSL
{ sed 5d other.pem && cat root.pem; } >b21.pem
lenient 'ticket-b21 one that lost a line' b21.pem damaged 1 0 2 1 OpenSSL GnuTLS mbedTLS BearSSL
{ cat root.pem && head -n 4 other.pem; } >cut.pem
lenient 'ticket-b06 cut off behind the root' cut.pem cut-off \
  $(($(lines root.pem) + 1)) "$(size root.pem)" 2 1 OpenSSL GnuTLS mbedTLS BearSSL
sed '$d' root.pem >no-end.pem
lenient 'ticket-b06 no END' no-end.pem cut-off 1 0 1 1 OpenSSL GnuTLS mbedTLS BearSSL
{ sed '$d' other.pem && cat root.pem; } >no-end.pem
lenient 'no END before a BEGIN' no-end.pem missing-end 1 0 2 2 OpenSSL mbedTLS BearSSL
sed '1s/^/ca: /' root.pem >yaml.pem
lenient 'text in front of BEGIN' yaml.pem text-before 1 4 1 1 OpenSSL BearSSL
sed '$s/$/;/' root.pem >semicolon.pem
lenient 'text behind END' semicolon.pem text-behind 1 0 1 1 OpenSSL
openssl x509 -in root.pem -outform DER -out root.der
id=ca.store-format
lenient 'DER' root.der der 0 0 1 1 OpenSSL GnuTLS
unset id

if command -v certtool >/dev/null; then
  for file in b01.pem b03.pem b17.pem b19.pem b20.pem yaml.pem semicolon.pem; do
    check "GnuTLS loads $file, as it says" gnutls_loads "$file"
  done
  for file in b21.pem cut.pem root.der; do
    check "GnuTLS does not load $file, as it says" not gnutls_loads "$file"
  done
else
  skip 'what GnuTLS loads' 'certtool is missing'
fi

# ---- small stacks alone, and nobody --------------------------------------------------------------

sed 's/$/   /' root.pem >blanks.pem
verify blanks.pem
check 'blanks behind BEGIN: mbedTLS alone is an info' has_finding info ca.store-damaged
check 'blanks behind BEGIN: exit status' status_is 0
fix
repaired 'blanks behind BEGIN'

# ordinary WHAT FILE: nothing is said.
ordinary() {
  verify "$2"
  check "ordinary: $1: exit status" status_is 0
  check "ordinary: $1: nothing is said of it" no_match 'ca\.store' "$out"
  check "ordinary: $1: OpenSSL loads it" openssl_loads "$2"
}
sed 's/$/\r/' root.pem >crlf.pem
ordinary 'CRLF' crlf.pem
{ printf '\357\273\277' && cat root.pem; } >bom.pem
ordinary 'BOM' bom.pem
{ printf '# Корень ----- \n\n' && cat other.pem && printf '\n\n# \303\251t\303\251\n' && cat root.pem; } >comments.pem
ordinary 'comments' comments.pem
openssl x509 -in root.pem -text >text.pem
ordinary 'openssl x509 -text' text.pem
awk '/^-----/ { if (b != "") print b; b = ""; print; next } { b = b $0 }' root.pem >body.pem
ordinary 'base64 in one line' body.pem
printf %s "$(cat root.pem)" >no-end-of-line.pem
ordinary 'no line end at the end' no-end-of-line.pem
sed '/^-/!s/$/  /' root.pem >trailing.pem
ordinary 'blanks behind the base64' trailing.pem
{ echo 'depth=0 CN = localhost' && echo 'Certificate chain' && echo ' 0 s:CN = root' && cat root.pem &&
  echo '---' && echo 'SSL handshake has read 1234 bytes'; } >s_client.txt
ordinary 'openssl s_client -showcerts' s_client.txt

# ---- files of another kind -----------------------------------------------------------------------

# kind WHAT FILE WORDS: no certificate is in it, and it is named as its kind.
kind() {
  verify "$2"
  check "$1: exit status" status_is 2
  check "$1: said" has_finding critical ca.store-empty
  tr -s '\n ' '  ' <"$out" >flat
  check "$1: named" grep -qF "$3" flat
}
becomes() {
  fix "${2-}"
  check "$1: the fix makes a file" test -s clean.pem
  repaired "$1"
}

{ echo 'const char ca[] =' && sed 's/.*/  "&\\n"/' root.pem && echo ';'; } >ca.h
kind 'ticket-b02 C source' ca.h 'a string of C source'
becomes 'ticket-b02 C source'
sed 's/.*/&\\n\\/; 1s/^/static const char ca[] = "/' root.pem >continued.h
kind 'ticket-b02 C source with continued lines' continued.h 'a string of C source'
becomes 'ticket-b02 C source with continued lines'
iconv -t UTF-16 root.pem >utf16.pem
kind 'ticket-b04 UTF-16' utf16.pem 'text in UTF-16'
becomes 'ticket-b04 UTF-16'
head -n 5 root.pem >truncated.pem
kind 'ticket-b06 truncated' truncated.pem 'a certificate that is cut off'
openssl pkcs12 -export -nokeys -in root.pem -out root.p12 -passout pass:secret
kind 'ticket-b11 PKCS#12' root.p12 'a PKCS#12 file'
becomes 'ticket-b11 PKCS#12' 's/$/ -passin pass:secret/'
if command -v keytool >/dev/null; then
  keytool -importcert -noprompt -file root.pem -alias a -keystore ca.jks -storetype JKS -storepass changeit \
    >/dev/null 2>&1
  kind 'ticket-b12 JKS' ca.jks 'a Java key store (JKS)'
  becomes 'ticket-b12 JKS' 's/-keystore/-storepass changeit -keystore/'
else
  skip 'ticket-b12 JKS' 'keytool is missing'
fi
printf '{"status":404,"message":"Requested item was not found!","errorCode":32}\n' >error.pem
kind 'ticket-b14 JSON error document' error.pem 'a JSON document'
check 'ticket-b14 JSON error document: not that download again' no_match 'certificate/download' "$out"
printf '<!doctype html>\n<html><title>404</title></html>\n' >page.pem
kind 'ticket-b14 HTML page' page.pem 'an HTML page'
check 'ticket-b14 HTML page: not that download again' no_match 'certificate/download' "$out"
awk '{ printf "%s\\n", $0 }' root.pem >escaped.pem
kind 'ticket-b16 backslash and n' escaped.pem 'the two characters \n'
becomes 'ticket-b16 backslash and n'
printf '{"ca":"%s"}\n' "$(cat escaped.pem)" >escaped.json
kind 'ticket-b16 backslash and n in JSON' escaped.json 'the two characters \n'
becomes 'ticket-b16 backslash and n in JSON'
openssl crl2pkcs7 -nocrl -certfile root.pem -out root.p7b
kind 'PKCS#7' root.p7b 'a PKCS#7 bundle'
becomes 'PKCS#7'
openssl crl2pkcs7 -nocrl -certfile root.pem -outform DER -out der.p7b
kind 'PKCS#7 in DER' der.p7b 'a PKCS#7 bundle'
becomes 'PKCS#7 in DER'

# ---- the other commands, over a connection -------------------------------------------------------

sandbox_start --chain complete
{ tr -d '\n' <"$sandbox_ca" && echo; } >one-line.pem
for command in verify report; do
  run "$tbdiag" $command --ca-file one-line.pem "localhost:$sandbox_tls_port"
  check "ticket-b01 $command: a warning beside ca.ok" has_finding warning ca.store-damaged
  check "ticket-b01 $command: exit status" status_is 1
done

run "$tbdiag" roundtrip --token-file "$sandbox_token_file" --ca-file one-line.pem "localhost:$sandbox_tls_port"
check 'ticket-b01 roundtrip: a warning' has_finding warning ca.store-damaged
check 'ticket-b01 roundtrip: exit status' status_is 1
run "$tbdiag" verify --ca-file one-line.pem --format json "localhost:$sandbox_tls_port"
check 'ticket-b01 JSON: fits the schema' out_fits_schema
run "$tbdiag" verify --ca-file error.pem "localhost:$sandbox_tls_port"
check 'ticket-b14 over a connection: not that download again' no_match 'certificate/download' "$out"
sandbox_stop

done_testing
