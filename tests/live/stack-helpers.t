#!/bin/sh
# SPDX-License-Identifier: MIT
#
# stack-helpers.t - how tbdiag runs the programs that ask the TLS stacks of devices: what they are told, and that nothing
# they do can hang, crash or mislead it. What real stacks say is in stacks.t.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

fixtures=$abs_top_srcdir/tests/data/fixtures
TBDIAG_STACK_DIR=$tap_dir/stacks
mkdir stacks
# does STACK WORD...: this stack is installed, and does this.
does() {
  [ -f "stacks/stack-$1" ] || cp "$abs_top_srcdir/tests/peers/fake-stack.py" "stacks/stack-$1"
  chmod 755 "stacks/stack-$1"
  stack=$1
  shift
  echo "$*" >"stacks/$stack.does"
}
judge() {
  run "$tbdiag" verify --chain-file "$fixtures/full.pem" --ca-file "$fixtures/root.pem" --warn-days 0 --crit-days 0 \
    mqtt.example.com "$@"
}
told() { tr -s ' \n' '  ' <"$out" | grep -qF -e "$1"; }
# asked STACK EXPRESSION: what the stack was asked, as jq-like Python.
asked() {
  /usr/bin/python3 -c "import json, sys
q = json.load(open('stacks/$1.asked'))
sys.exit(not ($2))"
}
# says JSON-EXPRESSION: the report in $out.
says() {
  /usr/bin/python3 -c "import json, sys
r = json.load(open('$out'))
v = r['verdicts']
sys.exit(not ($1))"
}

# ---- none ----------------------------------------------------------------------------------------

judge
check 'none is installed: exit status' status_is 0
check_not 'none is installed: nothing is said' grep -qi 'stack' "$out"
judge --stacks mbedtls
check 'one that is not installed: exit status' status_is 3
check 'one that is not installed: the package' err_has libmbedtls-dev
judge --stacks=all
check 'all, and none is installed: exit status' status_is 0
check 'all, and none is installed: which' told 'mbedtls not installed: tbdiag was built without libmbedtls-dev'
judge --stacks=tls
check 'an unknown stack: exit status' status_is 3
check 'an unknown stack: which there are' err_has 'openssl, gnutls, mbedtls, wolfssl and bearssl'
judge --stacks=openssl:no-clock
check 'an unknown mode: exit status' status_is 3
judge --as all
check '--as wants one' status_is 3

# ---- they agree ----------------------------------------------------------------------------------

for stack in openssl gnutls mbedtls wolfssl bearssl; do does $stack accepts; done
judge
check 'all accept: exit status' status_is 0
check 'all accept: one line' told 'stacks OpenSSL, GnuTLS, mbedTLS, wolfSSL and BearSSL accept it as well'
check 'the question has the chain' asked mbedtls 'len(q["chain"]) == 2'
check 'the question has the name' asked mbedtls 'q["host"] == "mqtt.example.com"'
check 'the question has the time' asked mbedtls 'q["time"] > 1700000000'
check 'the question has the default mode' asked mbedtls 'q["modes"] == ["default"]'
check 'the question has the bytes of the trust file' asked mbedtls \
  "__import__('base64').b64decode(q['trust']) == open('$fixtures/root.pem', 'rb').read()"
check 'no environment' asked mbedtls 'q["environment"] == ["LC_ALL", "PATH"] or q["environment"] == ["LC_ALL", "LC_CTYPE", "PATH"]'
check 'no descriptors' asked mbedtls 'q["descriptors"] == [0, 1, 2]'
judge --at 2030-01-01
check '--at: the stacks judge at that time' asked mbedtls 'q["time"] == 1893456000'
judge --stacks none
check '--stacks none: exit status' status_is 0
check_not '--stacks none: nothing is said' grep -qi 'stack' "$out"
judge --stacks mbedtls:no-clock,openssl --format json
check 'some are named: the verdicts' says \
  '[a["stack"] + ":" + a["mode"] for a in v] == ["openssl:default", "openssl:partial-chain", "openssl:strict", "openssl:legacy", "mbedtls:no-clock"]'
check 'some are named: it fits the schema' out_fits_schema
check 'some are named: of each all is said' says \
  'v[0]["accepted"] and v[0]["anchors_loaded"] == 1 and v[0]["code"] is None and v[0]["version"] == "1.2.3"'
check 'some are named: what they were given' says 'r["stack_trust"] == "file" and r["stack_name"] == "mqtt.example.com"'
run "$tbdiag" verify --chain-file "$fixtures/full.pem" --ca-file "$fixtures/root.pem" --stacks --format json
check '--stacks alone, without a target: all modes' says 'len(v) == 10'
check '--stacks alone: the name is one of the certificate' says 'r["stack_name"] == "mqtt.example.com"'
run "$tbdiag" verify --stacks mqtt.example.com --chain-file "$fixtures/full.pem" --ca-file "$fixtures/root.pem"
check '--stacks before a target is without a list' told 'openssl:strict accepts'
run "$tbdiag" verify --chain-file "$fixtures/full.pem" --ca-file "$fixtures/root.pem" --ca-file "$fixtures/other-root.pem" \
  --format json mqtt.example.com
check 'two trust files: their certificates' says 'r["stack_trust"] == "certificates"'
check 'two trust files: as PEM' asked openssl "__import__('base64').b64decode(q['trust']).count(b'BEGIN') == 2"
run "$tbdiag" version
check 'version: names the stack' out_line 'stack       mbedtls 1.2.3'

# ---- one does not agree --------------------------------------------------------------------------

does mbedtls refuses
judge
check 'one refuses: exit status' status_is 0
check 'one refuses: info' has_finding info stack.disagree
check 'one refuses: in its own words, escaped' \
  told 'verified here; mbedTLS 1.2.3 (ESP32 by ESP-IDF or Arduino, Zephyr) refuses: X509 - \x1b[31mverification failed (-0x2700)'
check 'one refuses: the first line' test "$(head -n 1 "$out")" = 'info  stack.disagree  full.pem'
check 'one refuses: alert and anchors' told 'alert 48; 1 anchor loaded'
judge --stacks mbedtls
check 'a named one refuses: exit status' status_is 1
check 'a named one refuses: warning' has_finding warning stack.disagree
judge --stacks openssl
check 'another is named: exit status' status_is 0
judge --as mbedtls
check '--as one that refuses: exit status' status_is 2
check '--as one that refuses: said' told 'decides the verdict of --as: refused'
judge --as mbedtls:no-clock --stacks none
check '--as a mode, and no others: exit status' status_is 2
check_not '--as a mode, and no others' told openssl
run "$tbdiag" verify --chain-file "$fixtures/full.pem" --ca-file "$fixtures/other-root.pem" --as openssl mqtt.example.com
check '--as one that accepts what is refused here: exit status' status_is 0
check '--as one that accepts what is refused here: said' told 'refused here; OpenSSL 1.2.3'
run "$tbdiag" verify --chain-file "$fixtures/full.pem" --ca-file "$fixtures/other-root.pem" --format json mqtt.example.com
check 'refused here, accepted there: info' says \
  'any(c["id"] == "stack.disagree" and c["severity"] == "info" for f in r["findings"] for c in f["consequences"])'
judge --as openssl --format json
cp "$out" report.json
run "$tbdiag" report --read report.json --format json
check 'a report is read back: the same' diff -q report.json "$out"
run "$tbdiag" report --read report.json --redact --format json
check 'a redacted report fits the schema' out_fits_schema
check 'a redacted report has no name' says 'r["stack_name"] != "mqtt.example.com"'
does mbedtls cannot-load
judge --stacks mbedtls
check 'the trust file cannot be loaded: said' told 'it cannot load the trust file, X509'
check 'the trust file cannot be loaded: anchors' told '0 anchors loaded'

# ---- what they may do ----------------------------------------------------------------------------

# misbehaves WORD TEXT: the other stacks still answer, and it is said; named it is a warning.
misbehaves() {
  does mbedtls "$1"
  # Who does not end is waited for so long.
  case $1 in hangs | complains | stays) limit=3 ;; *) limit=30 ;; esac
  judge --timeout $limit
  check "it $1: exit status" status_is 0
  check "it $1: info" has_finding info stack.no-verdict
  check "it $1: $2" told "$2"
  check "it $1: the others have theirs" told 'openssl accepts'
  judge --timeout $limit --stacks mbedtls
  check "it $1, and is named: exit status" status_is 1
}
misbehaves crashes 'it crashed, ended by signal 11 (Segmentation fault)'
misbehaves hangs 'no verdict in time'
misbehaves complains 'no verdict in time'
misbehaves floods 'its answer has no end'
if sanitized; then
  skip 'it hogs' 'sanitizers want more memory than a helper may have otherwise'
else
  misbehaves hogs 'it crashed, ended by signal 6'
fi
misbehaves says-nothing 'what it answers is no JSON'
misbehaves says-garbage 'what it answers is no JSON'
misbehaves fails 'stack-mbedtls: it could \x1b[31mnot judge'
misbehaves stays 'no verdict in time'
does mbedtls forks
run_measured "$tbdiag" verify --chain-file "$fixtures/full.pem" --ca-file "$fixtures/root.pem" mqtt.example.com
check 'a child that stays is not waited for' test "$took" -lt 4500
does mbedtls crashes
judge --as mbedtls
check '--as one that crashes: exit status' status_is 2
rm stacks/stack-mbedtls
printf 'no program' >stacks/stack-mbedtls
chmod 755 stacks/stack-mbedtls
judge --stacks mbedtls
check 'a helper that cannot be run: exit status' status_is 1
check 'a helper that cannot be run: said' told 'Exec format error'
does openssl accepts
judge --stacks openssl 0<&- 
check 'with standard input closed' status_is 0

done_testing
