#!/bin/sh
# SPDX-License-Identifier: MIT
#
# chains-live.t - each chain of the sandbox over a live connection: what is said first, in text and JSON, and with
# which exit status.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# has_finding SEVERITY ID

# The lines of all fixes that are to be pasted, of the JSON report in $out.
commands() {
  /usr/bin/python3 - "$out" <<'PYTHON'
import json, sys
def walk(findings):
    for finding in findings:
        for line in (finding["fix"] or "").split("\n"):
            if line.startswith("  "):
                print(line)
        walk(finding["consequences"])
walk(json.load(open(sys.argv[1], encoding="utf-8"))["findings"])
PYTHON
}

seen=
# served KIND STATUS SEVERITY ID [HOST [OPTION...]]: what verify says first of this chain.
served() {
  kind=$1 expected=$2 severity=$3 id=$4 host=${5-localhost}
  shift 4
  [ $# -eq 0 ] || shift
  seen="$seen$kind
"
  sandbox_start --chain "$kind" || fail "$kind: the sandbox starts"
  target=$host:$sandbox_tls_port
  run "$tbdiag" verify --ca-file "$sandbox_ca" "$@" "$target"
  check "$kind: exit status" status_is "$expected"
  check "$kind: $id" test "$(first_finding)" = "$id"
  check "$kind: $severity" has_finding "$severity" "$id"
  check "$kind: stderr is empty" err_empty
  run "$tbdiag" verify --ca-file "$sandbox_ca" --format json "$@" "$target"
  check "$kind, JSON: exit status" status_is "$expected"
  check "$kind, JSON: fits the schema" out_fits_schema
  check "$kind, JSON: $id" out_has "\"id\": \"$id\""
  commands >commands.sh
  [ "$expected" -eq 0 ] || check "$kind: there is something to paste" test -s commands.sh
  check "$kind: a shell can read it" sh -n commands.sh
  sandbox_stop
}

# What is sent.
served complete 0 ok ca.ok
served leaf-only 2 critical ca.missing-intermediate
served wrong-order 1 warning chain.wrong-order
served duplicate 1 warning chain.duplicate
served unrelated 1 warning chain.unrelated
served root-sent 0 info chain.root-sent
served large 1 warning chain.large

# Who is trusted.
served self-signed 2 critical ca.self-signed
served other-root 2 critical ca.wrong-root
served private-root 2 critical ca.private-root-sent
served rekeyed-root 2 critical ca.same-name-other-key
served renamed-root 2 critical ca.same-key-other-name
served encoded-name 1 warning ca.name-encoding
served intercepted 2 critical ca.intercepted
served expired-root 2 critical ca.anchor-expired
served expired-cross-sign 1 warning ca.cross-signed-expired

# Names and dates.
served wrong-host 2 critical name.mismatch
served wrong-host 2 critical name.ip-not-listed 127.0.0.1
check 'wrong-host: its name can be made to lead there' grep -q /etc/hosts commands.sh
served complete 2 critical name.ip-not-listed localhost --verify-name 127.0.0.2
check_not 'complete: localhost needs no entry' grep -q /etc/hosts commands.sh
served wildcard 2 critical name.mismatch
served wildcard 2 critical name.wildcard-depth localhost --verify-name a.b.sandbox.example
served wildcard 0 ok ca.ok localhost --verify-name a.sandbox.example
served cn-only 1 warning name.cn-only
served address-as-name 2 critical name.ip-as-dns 127.0.0.1
served expired 2 critical time.expired
served expired-intermediate 2 critical time.expired
served not-yet-valid 2 critical time.not-yet-valid
served expires-now 2 critical time.expires-now
served expires-soon 1 warning time.expires-soon

# What a certificate may do.
served bad-signature 2 critical policy.bad-signature
served not-a-ca 2 critical policy.not-a-ca
served path-length 2 critical policy.path-length
served name-constraints 2 critical policy.name-constraints
served client-only 2 critical policy.wrong-purpose
served unknown-critical 2 critical policy.unknown-critical
served sha1 1 warning policy.weak-signature
served weak-key 1 warning policy.weak-key

# Both clouds' web hosts are others' business; the name is enough.
sandbox_start --chain wrong-host
run "$tbdiag" verify --ca-file "$sandbox_ca" --connect-to "localhost:$sandbox_tls_port" \
  --verify-name other.example thingsboard.cloud
check 'the web host of the cloud' test "$(first_finding)" = name.cloud-host
run "$tbdiag" verify --ca-file "$sandbox_ca" --at 1999-01-01 --verify-name other.example \
  "localhost:$sandbox_tls_port"
check 'a date before 2000' has_finding critical time.clock-wrong
sandbox_stop

# What is only shown is not judged by a store, but what is wrong for all is said.
# shown KIND STATUS [ID]: what chain says of it.
shown() {
  sandbox_start --chain "$1" || fail "$1: the sandbox starts"
  run "$tbdiag" chain "localhost:$sandbox_tls_port"
  check "newcomer-A3 chain, $1: exit status" status_is "$2"
  check "newcomer-A3 chain, $1: ${3-nothing}" test "$(first_finding)" = "${3-}"
  check_not "newcomer-A3 chain, $1: no intermediate into the trust file" out_has 'in its trust file'
  if [ "$2" -gt 0 ]; then
    check_not "newcomer-A3 chain, $1: it is not called fine" out_has 'nothing is wrong'
    run "$tbdiag" chain -q "localhost:$sandbox_tls_port"
    check "newcomer-A3 chain -q, $1: $3" out_has "$3"
  else
    check "chain, $1: what judges it" out_has "  tbdiag verify mqtts://localhost:$sandbox_tls_port"
  fi
  run "$tbdiag" chain --ca-file "$sandbox_ca" "localhost:$sandbox_tls_port"
  judged=$status found=$(first_finding)
  run "$tbdiag" verify --ca-file "$sandbox_ca" "localhost:$sandbox_tls_port"
  check "newcomer-A3 chain --ca-file, $1: status as of verify" status_is "$judged"
  check "newcomer-A3 chain --ca-file, $1: $found" test "$(first_finding)" = "$found"
  sandbox_stop
}
shown complete 0
shown self-signed 0
shown leaf-only 2 chain.incomplete
shown expired 2 time.expired
shown not-yet-valid 2 time.not-yet-valid
shown expired-intermediate 1 time.expired
shown root-sent 0 chain.root-sent

# Proposed commands carry what is trusted, and write a chain without what was wrong.
sandbox_start --chain expired-cross-sign
run "$tbdiag" verify --ca-file "$sandbox_ca" "localhost:$sandbox_tls_port"
sed -n 's/^ *\(tbdiag chain .*--save-fixed.*\)/\1/p' "$out" >proposed
PATH=$tools:$PATH run sh -e proposed
check 'newcomer-A2 the fixed chain: 2 certificates' test "$(grep -c BEGIN fullchain.pem)" -eq 2
run "$tbdiag" verify --chain-file fullchain.pem --ca-file "$sandbox_ca" localhost
check 'newcomer-A2 the fixed chain: nothing is wrong' status_is 0
run openssl verify -CAfile "$sandbox_ca" -untrusted fullchain.pem fullchain.pem
check 'newcomer-A2 the fixed chain: OpenSSL accepts it' status_is 0
sandbox_stop

"$tools/tbdiag-sandbox" --help | tr '\n' ' ' | sed 's/.*Chains: \([^.]*\)\..*/\1/; s/, */\n/g' | tr -s ' ' '\n' |
  sort >known
printf '%s' "$seen" | sort -u >tested
diff known tested >"$err"
check 'every chain is tested' err_empty

done_testing
