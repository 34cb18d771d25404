#!/bin/sh
# SPDX-License-Identifier: MIT
#
# trust-files.t - trust files as ThingsBoard's users have them: a root with an intermediate that has ended
# beside it, an intermediate alone, a server's chain, a key. Over a live server; and, where they are there, the
# files that ThingsBoard's documentation handed out.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# has_finding SEVERITY ID

# says WHAT STATUS SEVERITY ID OPTION...: verify says this first.
says() {
  what=$1 expected=$2 severity=$3 id=$4
  shift 4
  run "$tbdiag" verify "$@"
  check "$what: exit status" status_is "$expected"
  check "$what: $id" test "$(first_finding)" = "$id"
  check "$what: $severity" has_finding "$severity" "$id"
  check "$what: stderr is empty" err_empty
}

# one_line FILE...: each certificate's base64 in one line, as in tb-cloud-chain.pem.
one_line() {
  awk '/^-----/ { if (body != "") print body; body = ""; print; next } { body = body $0 }' "$@"
}

# entry N FILE: one certificate of a file.
entry() { awk -v n="$1" '/BEGIN CERTIFICATE/ { i++ } i == n' "$2"; }

# ---- an intermediate that has ended, beside the root ----------------------------------------------

sandbox_start --chain expired-intermediate
cp "$sandbox_dir/intermediate.pem" ended.pem
says 'the server needs the ended one' 2 critical time.expired \
  --ca-file "$sandbox_ca" "localhost:$sandbox_tls_port"
says 'the ended one alone is trusted' 2 critical ca.anchor-expired \
  --ca-file ended.pem "localhost:$sandbox_tls_port"
check 'the ended one alone: whose root is needed' out_has 'CN=Sandbox Root CA'
sandbox_stop

sandbox_start --chain complete
target=localhost:$sandbox_tls_port
one_line ended.pem "$sandbox_ca" >like-cloud.pem
says 'the ended one is not needed' 0 info ca.store-expired-entry --ca-file like-cloud.pem "$target"
check 'the ended one is not needed: trusted' has_finding ok ca.ok
check 'the ended one is not needed: harmless' out_has 'no path of'
run "$tbdiag" verify --ca-file like-cloud.pem --format json "$target"
check 'the ended one is not needed, JSON: fits the schema' out_fits_schema
says 'when the root has ended, too' 2 critical ca.anchor-expired --at 2099-01-01 --ca-file like-cloud.pem "$target"
check 'when the root has ended, too: the server as well' has_finding critical time.expired

# ---- an intermediate alone, a server's own certificate, a key -------------------------------------

says 'an intermediate alone' 1 warning ca.intermediate-in-store \
  --ca-file "$sandbox_dir/intermediate.pem" "$target"
entry 1 "$sandbox_dir/server-chain.pem" >leaf.pem
says 'the server itself' 2 critical ca.leaf-in-store --ca-file leaf.pem "$target"
says 'its whole chain' 1 warning ca.intermediate-in-store \
  --ca-file "$sandbox_dir/server-chain.pem" "$target"
cp "$sandbox_ca" with-key.pem
cat >>with-key.pem <<'END'
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg
-----END PRIVATE KEY-----
END
says 'a key beside the root' 2 critical ca.store-holds-key --ca-file with-key.pem "$target"
check 'a key beside the root: verified all the same' has_finding ok ca.ok
sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' with-key.pem >ca-only.pem
says 'a key beside the root: as the fix says' 0 ok ca.ok --ca-file ca-only.pem "$target"
tail -n 3 with-key.pem >key.pem
says 'nothing but a key' 2 critical ca.store-empty --ca-file key.pem "$target"
check 'nothing but a key: must not be there' has_finding critical ca.store-holds-key
sandbox_stop

# ---- what is missing, saved by the store ----------------------------------------------------------

sandbox_start --chain leaf-only
target=localhost:$sandbox_tls_port
cat "$sandbox_ca" "$sandbox_dir/intermediate.pem" >both.pem
says 'not sent, but stored' 1 warning ca.missing-intermediate-saved --ca-file both.pem "$target"
# The fix, as it stands there.
entry 1 "$sandbox_dir/server-chain.pem" >server.pem
sed -n "s/^ *\(awk .*\)\$/\1/p" "$out" >fix.sh
check 'not sent, but stored: the fix' grep -q "n == 2" fix.sh
sh fix.sh
cat server.pem intermediate.pem >fullchain.pem
says 'not sent, but stored: as the fix says' 0 ok ca.ok \
  --chain-file fullchain.pem --ca-file "$sandbox_ca" localhost
sandbox_stop

# ---- the files themselves -------------------------------------------------------------------------

shared=$abs_top_srcdir/../shared/certs
if [ ! -f "$shared/tb-cloud-chain.pem" ]; then
  skip "the files of ThingsBoard's documentation" 'they are not here'
  done_testing
fi
cp "$shared"/*.pem .
host=mqtt.thingsboard.cloud
entry 1 tb-cloud-chain.pem >r3.pem
entry 2 tb-cloud-chain.pem >x1.pem

# R3 ended on 2025-09-15, ISRG Root X1 lasts to 2035: a server that chains to X1 is fine.
sandbox_start --chain complete
target=localhost:$sandbox_tls_port
cat r3.pem >like-cloud.pem
one_line "$sandbox_ca" >>like-cloud.pem
says 'R3 is not needed' 0 info ca.store-expired-entry --ca-file like-cloud.pem "$target"
check 'R3 is not needed: named' out_has "CN=R3,O=Let's Encrypt,C=US"
check 'R3 is not needed: its end' out_has 2025-09-15T16:00:00Z
says 'tb-cloud-chain.pem for another server' 2 critical ca.wrong-root -v --ca-file tb-cloud-chain.pem "$target"
check 'tb-cloud-chain.pem: both are read' grep -qE '^ *store_count  *2$' "$out"
sandbox_stop
# R3 in the server's place is the nearest there is to a server below it: no key of that CA is ours.
says 'R3 is needed' 2 critical time.expired --at 2025-09-16 --chain-file r3.pem --ca-file x1.pem
says 'R3 was needed, a day before' 2 critical time.expires-now --at 2025-09-14 --chain-file r3.pem --ca-file x1.pem
says 'R3 in its time' 0 ok ca.ok --at 2024-01-01 --chain-file r3.pem --ca-file x1.pem
check 'R3 in its time: leads to X1' grep -qE '^ *CN=ISRG Root X1|leads to CN=ISRG Root$|X1,O=Internet' "$out"
says 'X1 in 2034' 2 critical time.expired --at 2034-01-01 --chain-file r3.pem --ca-file x1.pem

# The chains of the servers, by the store they were handed out with and by those of others.
says 'the chain of 2022' 0 info chain.root-sent --at 2023-01-01 \
  --chain-file tb-server-chain-2022-09.pem --ca-file tb-server-chain-2022-09.pem $host
says 'the chain of 2023 by the file of 2022' 0 info chain.root-sent --at 2024-01-01 \
  --chain-file tb-cloud-chain-2023-10.pem --ca-file tb-server-chain-2022-09.pem $host
check 'the chain of 2023: the leaf of 2022 does no harm' has_finding info ca.store-expired-entry
entry 1 tb-server-chain-2022-09.pem >pinned.pem
says 'the leaf of 2022 pinned alone' 2 critical ca.old-leaf --at 2024-01-01 \
  --chain-file tb-cloud-chain-2023-10.pem --ca-file pinned.pem $host
check 'the leaf of 2022 pinned alone: the same key' out_has 'the same key'
says 'the server of Sectigo by tb-cloud-chain.pem' 2 critical ca.private-root-sent --at 2023-01-01 \
  --chain-file tb-server-chain-2022-09.pem --ca-file tb-cloud-chain.pem $host
entry 1 tb-server-chain-2022-09.pem >fullchain.pem
entry 2 tb-server-chain-2022-09.pem >>fullchain.pem
says 'the same without its roots' 2 critical ca.wrong-root --at 2023-01-01 \
  --chain-file fullchain.pem --ca-file tb-cloud-chain.pem $host
# Debian's store holds USERTrust ECC; another system's may not.
if grep -q . /etc/ssl/certs/ca-certificates.crt 2>/dev/null && grep -qE '^ *system_store ' "$out"; then
  check 'the same: the system store has it' out_has '; the system store'
  rm -f root.pem
  sed -n "s/^ *tbdiag \(.* --save-ca root\.pem\)\$/\"\$tbdiag\" \1/p" "$out" >fix.sh
  export tbdiag
  sh fix.sh >fix.out
  says 'the same: as the fix says' 0 ok ca.ok --at 2023-01-01 \
    --chain-file fullchain.pem --ca-file root.pem $host
else
  skip 'the same: the system store has it' 'this system has no such store'
fi

done_testing
