#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bounds.t - what a peer can make large is judged in bounded time and memory.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

# bounded WHAT COMMAND...: below 64 MiB, which is what a report may take, and long before its deadline.
bounded() {
  what=$1
  shift
  run_measured "$@"
  check "security-$defect $what: a report is made" test "$status" -le 2
  if sanitized; then
    skip "security-$defect $what: time and memory" 'sanitizers have their own, above all in malloc()'
  else
    check "security-$defect $what: in time ($took ms)" test "$took" -lt 4000
    check "security-$defect $what: in little memory ($peak KiB)" test "$peak" -lt 40000
  fi
  check "security-$defect $what: not all of it is shown" test "$(wc -c <"$out")" -lt 10000
}

# Certificates of 62 KiB that are full of one thing, for another host: nothing of them is trusted but their key.
while read -r defect kind; do
  peer_start python costly-chain.py $kind
  bounded "$kind, verify" "$tools/tbdiag-verify" --timeout 5 --ca-file cert.pem "mqtts://localhost:$port"
  bounded "$kind, chain" "$tools/tbdiag-chain" --timeout 5 "mqtts://localhost:$port"
  peer_stop
done <<END
1 names
1 purposes
5 points
5 addresses
8 extensions
END

# Keys that take half a minute, had all signatures to be looked at that they could have made.
/usr/bin/python3 "$abs_top_srcdir/tests/peers/costly-keys.py"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ca -keyout ca-key.pem -out ca.pem 2>/dev/null
run_measured "$tools/tbdiag-verify" --chain-file chain.pem --ca-file ca.pem localhost
check "costly keys: no report, or one in time ($took ms)" test "$took" -lt 12000
check 'costly keys: which of the two' test "$status" -eq 2 -o "$status" -eq 3

# crl_bounded WHAT FILE [COMMAND]: it is read once, and no tree is made of it. It is not read in pieces: the check of its
# signature wants the whole, and the largest file that is read at all (64 MiB) stays below the limit.
crl_bounded() {
  what=$1
  run_measured sh -c "${3:-:} | '$tools/tbdiag-verify' --chain-file leaf.pem --ca-file ca.pem --crl '$2' localhost"
  check "$what: exit status" test "$status" -le 1
  check "$what: it is what told" grep -q '^  revoked by  *.*: CN=CA' "$out"
  if sanitized; then
    skip "$what: memory" 'sanitizers have memory of their own'
  else
    check "$what: memory ($peak KiB)" test "$peak" -lt 150000
  fi
}

/usr/bin/python3 "$abs_top_srcdir/tests/peers/costly-crl.py" 50
crl_bounded 'a CRL of 50 MB' crl.der
/usr/bin/python3 "$abs_top_srcdir/tests/peers/costly-crl.py" 66
crl_bounded 'the largest CRL' crl.der
crl_bounded 'the largest CRL, by a pipe' - 'cat crl.der'
/usr/bin/python3 "$abs_top_srcdir/tests/peers/costly-crl.py" 48
openssl crl -inform DER -in crl.der -out crl.pem
crl_bounded 'the largest CRL, as PEM' crl.pem
rm crl.der crl.pem

done_testing
