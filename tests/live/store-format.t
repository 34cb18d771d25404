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

# loads: what the report in $out says of the first source: its defects, where the gravest is, how many certificates are
# seen and read here, and how many OpenSSL, GnuTLS, mbedTLS, wolfSSL and BearSSL load.
loads() {
  /usr/bin/python3 - "$out" <<'PYTHON'
import json, sys
source = json.load(open(sys.argv[1]))["trust"]["sources"][0]
defects, read = source["defects"], source["cert_count"]
counts = [load["cert_count"] for load in source["loads"]] or [read] * 5
print(",".join(defect["defect"] for defect in defects) or "none",
      *([defects[0]["line"], defects[0]["offset"]] if defects else [0, 0]),
      read + source["damaged_count"], read, *counts)
PYTHON
}
# told NAME COUNT: the finding says so of a library that loads so many of those that are seen.
told() {
  case $2 in
  "$seen") check "$what: nothing of $1" no_match "(loaded as it is by|in part by)[^:]*$1" flat ;;
  0) check "$what: $1 loads nothing" grep -qE "not loaded as it is by [^:]*$1" flat ;;
  *) check "$what: $1 loads a part" grep -qE "in part by [^:]*$1( \([^)]*\))? \($2 of $seen\)" flat ;;
  esac
}
# really NAME COUNT COMMAND: the library itself takes the file by which the chain is verified, or does not.
really() {
  case $2 in
  0) check "$what: so it is with $1" not "$3" "$file" ;;
  "$seen") check "$what: so it is with $1" "$3" "$file" ;;
  esac
}
# lenient WHAT FILE SEVERITY DEFECTS LINE OFFSET SEEN READ OPENSSL GNUTLS MBEDTLS WOLFSSL BEARSSL: read here, with a
# finding that says how many certificates others load.
lenient() {
  what=$1 file=$2 seen=$7
  verify "$file"
  case $3 in
  info) check "$what: exit status" status_is 0 ;;
  *) check "$what: exit status" status_is 1 ;;
  esac
  check "$what: verified here" has_finding ok ca.ok
  check "$what: said" has_finding "$3" "${id-ca.store-damaged}"
  tr -s '\n ' '  ' <"$out" >flat
  fix
  shift 3
  run "$tbdiag" verify --format json --chain-file leaf.pem --ca-file "$file" localhost
  check "$what: the schema" out_fits_schema
  check "$what: $*" test "$(loads)" = "$*"
  shift 5
  echo "${id:-} $file $*" >>rows
  told OpenSSL "$1"
  told GnuTLS "$2"
  told mbedTLS "$3"
  told wolfSSL "$4"
  told BearSSL "$5"
  case ${id-} in # OpenSSL 3.5 reads DER, as the text says
  '') really OpenSSL "$1" openssl_loads ;;
  esac
  ! command -v certtool >/dev/null || really GnuTLS "$2" gnutls_loads
  repaired "$what"
}
not() { ! "$@"; }

size() { wc -c <"$1" | tr -d ' '; }
lines() { wc -l <"$1" | tr -d ' '; }
root_line=$(($(lines other.pem) + 1)) root_at=$(size other.pem)
# beside WHAT FILE ...: the same of what stands behind another certificate.
beside() {
  beside_what=$1 beside_file=$2
  shift 2
  cat other.pem "$beside_file" >"two-$beside_file"
  lenient "$beside_what, behind another" "two-$beside_file" "$@"
}

{ tr -d '\n' <root.pem && echo; } >b01.pem
lenient 'ticket-b01 PEM in one line with its BEGIN' b01.pem warning one-line 1 0 1 1 0 1 0 1 0
beside 'ticket-b01 PEM in one line' b01.pem warning one-line "$root_line" "$root_at" 2 2 1 2 1 2 1
awk 1 ORS=' ' root.pem >folded.pem
lenient 'PEM in one line with blanks, as YAML folds it' folded.pem warning one-line 1 0 1 1 0 1 0 1 0
{ printf %s "$(cat other.pem)" && cat root.pem; } >b03.pem
lenient 'ticket-b03 END and BEGIN glued' b03.pem warning joined-lines "$((root_line - 1))" "$((root_at - 1))" 2 2 0 2 2 2 1
{ head -n -1 root.pem | head -c -1 && tail -n 1 root.pem; } >joined-end.pem
lenient 'END glued to the base64' joined-end.pem warning joined-end 1 0 1 1 0 1 1 1 0
cat joined-end.pem other.pem >joined-end-two.pem
lenient 'END glued to the base64, before another' joined-end-two.pem warning joined-end 1 0 2 2 1 2 2 2 0
sed 's/^/    /' root.pem >b17.pem
lenient 'ticket-b17 indented' b17.pem warning indented 1 4 1 1 0 1 0 1 0
beside 'ticket-b17 indented' b17.pem warning indented "$root_line" "$((root_at + 4))" 2 2 1 2 1 2 1
sed '1!s/^/  /' root.pem >all-but-begin.pem
lenient 'indented but for BEGIN' all-but-begin.pem warning joined-end,spaces 1 0 1 1 0 1 0 1 0
{ echo '# empty lines' && sed G root.pem; } >b19.pem
lenient 'ticket-b19 a blank line after each line' b19.pem warning blank-lines 2 14 1 1 0 1 1 0 1
sed '$s/^/\n/' root.pem >blank-end.pem
lenient 'a blank line before END' blank-end.pem warning blank-end 1 0 1 1 0 1 1 1 1
tr '\n' '\r' <root.pem >b20.pem
lenient 'ticket-b20 CR line ends' b20.pem warning cr-line-ends 1 0 1 1 0 1 0 0 0
{ cat root.pem && sed '5s/^..../@@@@/' other.pem; } >b21.pem
lenient 'ticket-b21 a damaged one beside the root' b21.pem warning damaged \
  $(($(lines root.pem) + 1)) "$(size root.pem)" 2 1 0 0 1 1 0
{ sed 5d other.pem && cat root.pem; } >lost-line.pem
lenient 'ticket-b21 one that lost a line' lost-line.pem warning unreadable 1 0 2 1 0 0 1 1 0
{ cat root.pem && sed '5s/^/text inside!\n/' other.pem; } >inside.pem
lenient 'text inside of one' inside.pem warning damaged,spaces,odd-lines \
  $(($(lines root.pem) + 1)) "$(size root.pem)" 2 1 0 0 1 1 0
{ cat root.pem && head -n 4 other.pem; } >cut.pem
lenient 'ticket-b06 cut off behind the root' cut.pem warning cut-off \
  $(($(lines root.pem) + 1)) "$(size root.pem)" 2 1 0 0 1 1 0
sed '$d' root.pem >no-end.pem
lenient 'ticket-b06 no END' no-end.pem warning cut-off 1 0 1 1 0 0 0 0 0
{ sed '$d' other.pem && cat root.pem; } >missing-end.pem
lenient 'no END before a BEGIN' missing-end.pem warning missing-end 1 0 2 2 1 2 0 0 0
sed '1s/^/ca: /' root.pem >yaml.pem
lenient 'text in front of BEGIN' yaml.pem warning text-before 1 4 1 1 0 1 1 1 0
sed '$s/$/;/' root.pem >semicolon.pem
lenient 'text behind END' semicolon.pem warning text-behind 1 0 1 1 0 1 1 1 1
sed 's/^-----BEGIN CERTIFICATE-----$/&  /' root.pem >blanks.pem
lenient 'blanks behind BEGIN' blanks.pem warning begin-blanks 1 0 1 1 1 1 0 1 0
sed '3s/^../& /' root.pem >spaces.pem
lenient 'a blank among the base64' spaces.pem warning spaces 1 0 1 1 1 1 0 1 1
sed 's/ CERTIFICATE/ X509 CERTIFICATE/' root.pem >x509.pem
lenient 'an old label' x509.pem warning x509-label 1 0 1 1 1 1 0 0 1
cat x509.pem other.pem >x509-two.pem
lenient 'an old label before a usual one' x509-two.pem warning x509-label 1 0 2 2 2 1 1 1 2
openssl x509 -in root.pem -trustout >trusted.pem
lenient 'TRUSTED CERTIFICATE' trusted.pem warning trusted-label 1 0 1 1 1 0 0 0 0
id=ca.store-format
cat root.pem leaf.csr >csr.pem
lenient 'a request beside the root' csr.pem warning request \
  $(($(lines root.pem) + 1)) "$(size root.pem)" 1 1 1 0 1 1 1
openssl x509 -in root.pem -outform DER -out root.der
lenient 'DER' root.der warning der 0 0 1 1 0 0 1 0 1
unset id

# ---- two at once ---------------------------------------------------------------------------------

sed 's/^/    /' root.pem | sed G >indented-blank.pem
lenient 'indented, with blank lines' indented-blank.pem warning indented,blank-lines 1 4 1 1 0 1 0 0 0
{ printf '\357\273\277' && sed 's/$/\r/' root.pem && sed '5s/^..../@@@@/' other.pem; } >crlf-damaged.pem
lenient 'a BOM and CRLF, and a damaged one' crlf-damaged.pem warning damaged,bom,crlf \
  $(($(lines root.pem) + 1)) $(($(size root.pem) + $(lines root.pem) + 3)) 2 1 0 0 1 1 0
{ tr -d '\n' <other.pem && echo && sed '1s/^/x /' root.pem; } >line-and-text.pem
lenient 'one line, and text in front of the next' line-and-text.pem warning one-line,text-before 1 0 2 2 0 2 0 2 0

# ---- small stacks alone, and nobody --------------------------------------------------------------

sed 's/$/\r/' root.pem >crlf.pem
lenient 'CRLF' crlf.pem info crlf 1 0 1 1 1 1 1 1 0
{ printf '\357\273\277' && cat root.pem other.pem; } >bom.pem
lenient 'BOM' bom.pem info bom 1 3 2 2 2 2 2 2 1
sed '1s/$/ /' root.pem >blank.pem
lenient 'a blank behind BEGIN' blank.pem info begin-blank 1 0 1 1 1 1 1 1 0
openssl x509 -in root.pem -outform DER | base64 -w 63 |
  { echo '-----BEGIN CERTIFICATE-----' && cat && echo '-----END CERTIFICATE-----'; } >odd.pem
lenient 'lines of 63' odd.pem info odd-lines 1 0 1 1 1 1 1 1 0

# ordinary WHAT FILE: nothing is said.
ordinary() {
  verify "$2"
  check "ordinary: $1: exit status" status_is 0
  check "ordinary: $1: nothing is said of it" no_match 'ca\.store' "$out"
  check "ordinary: $1: OpenSSL loads it" openssl_loads "$2"
}
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

# ---- and so it is with the libraries themselves ---------------------------------------------------

# Each file of above is given to the helper of each stack that was built: as many anchors are loaded as were said.
cat >stacks.py <<'PYTHON'
import base64, json, os, subprocess, sys, time
directory, asked, wrong = sys.argv[1], 0, 0
def read(path):
    with open(path, "rb") as file:
        return file.read()
chain = ["".join(read("leaf.pem").decode().split("-----")[2].split())]
for row in open("rows"):
    file, *counts = row.split()[-6:]
    question = {"chain": chain, "trust": base64.b64encode(read(file)).decode(), "host": "localhost",
                "time": int(time.time()), "modes": ["default"]}
    for stack, count in zip(("openssl", "gnutls", "mbedtls", "wolfssl", "bearssl"), counts):
        helper = os.path.join(directory, "stack-" + stack)
        if not os.access(helper, os.X_OK):
            continue
        done = subprocess.run([helper], input=json.dumps(question), stdout=subprocess.PIPE, timeout=60, text=True)
        if done.returncode != 0:
            continue
        verdict = json.loads(done.stdout)["verdicts"][0]
        # wolfSSL looks for the END in what lies behind the file, and now and then finds one.
        if file == "missing-end.pem" and stack == "wolfssl":
            continue
        if verdict["anchors_loaded"] is None or (file == "root.der" and stack == "openssl"):
            continue
        asked += 1
        if verdict["anchors_loaded"] != int(count):
            wrong += 1
            print(file, stack, "loads", verdict["anchors_loaded"], "and not", count, verdict["words"])
print("asked", asked)
sys.exit(wrong > 0)
PYTHON
if [ -x "$tools/stacks/stack-openssl" ]; then
  run /usr/bin/python3 stacks.py "$tools/stacks"
  check 'the stacks themselves load as many as is said' status_is 0
  check_not 'the stacks themselves: they were asked' out_line 'asked 0'
else
  skip 'the stacks themselves load as many as is said' 'no helper was built'
fi

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
check 'ticket-b06 truncated: where' grep -qF 'a certificate is cut off, line 1 (byte 0); read here: 0 of 1' flat
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
