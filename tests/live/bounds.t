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

# A list of 50 MB is read once, and no tree is made of it.
/usr/bin/python3 "$abs_top_srcdir/tests/peers/costly-crl.py" 50
run_measured "$tools/tbdiag-verify" --chain-file leaf.pem --ca-file ca.pem --crl crl.der localhost
rm crl.der
check 'a CRL of 50 MB: exit status' test "$status" -le 1
check 'a CRL of 50 MB: it is what told' grep -q '^  revoked by  *crl.der: CN=CA' "$out"
if sanitized; then
  skip 'a CRL of 50 MB: memory' 'sanitizers have memory of their own'
else
  check "a CRL of 50 MB: memory ($peak KiB)" test "$peak" -lt 150000
fi

done_testing
