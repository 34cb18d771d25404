#!/bin/sh
# SPDX-License-Identifier: MIT
#
# chain-file.t - chains from files, judged at a fixed time; expected outputs stand in tests/data/golden/.
# `tests/live/chain-file.t --golden` makes them anew: look at the difference before it is committed.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

golden=$abs_top_srcdir/tests/data/golden
make_golden=false
[ "${1-}" != --golden ] || make_golden=true
cp "$abs_top_srcdir"/tests/data/fixtures/* .
# What the table of formats has: one without an expected output of a report or of a set fails.
formats_of() { "$tbdiag" "$1" --list-values --format | sed 1d | cut -f 1; }
formats=$(formats_of report)

# The clock of this machine and the version stand in a report; nothing else may differ from run to run.
steady() { sed -e 's/"clock": "[^"]*"/"clock": "CLOCK"/' -e 's/"version": "[^"]*"/"version": "VERSION"/' "$out"; }

# golden NAME STATUS COMMAND...: each format as expected.
golden() {
  name=$1 expected=$2
  shift 2
  for format in $formats; do
    run "$tbdiag" "$@" --format "$format"
    check "$name.$format: exit status" status_is "$expected"
    steady >seen
    ! $make_golden || cp seen "$golden/$name.$format"
    : >"$out"
    diff -u "$golden/$name.$format" seen >"$err" 2>&1
    check "$name.$format: as expected" err_empty
  done
}

golden chain-full 0 chain --at 2026-06-01 --chain-file full.pem
golden chain-wrong-order 1 chain --at 2026-06-01 --chain-file wrong-order.pem
golden verify-full 0 verify --at 2026-06-01 --chain-file full.pem --ca-file root.pem mqtt.example.com
golden verify-leaf-only 2 verify --at 2026-06-01 --chain-file leaf-only.pem --ca-file root.pem mqtt.example.com
golden verify-evil 2 verify --at 2026-06-01 --chain-file evil.pem --ca-file other-root.pem mqtt.example.com
# Sets come from several connections: this one was stored.
sed 's/"CLOCK"/"2026-06-01T00:00:00Z"/' "$golden/set.json" >set.json
golden set 2 report --read set.json
for command in chain report roundtrip verify; do
  check "$command has these formats" test "$(formats_of $command)" = "$formats"
done

# ---- each fault by its finding --------------------------------------------------------------------

# finds WHAT STATUS ID OPTION...
finds() {
  what=$1 expected=$2 id=$3
  shift 3
  run "$tbdiag" verify -v --at 2026-06-01 "$@"
  check "$what: exit status" status_is "$expected"
  check "$what: $id" has_finding '(ok|info|warning|critical)' "$id"
}

host=mqtt.example.com
finds 'CA file in DER' 1 ca.store-format --chain-file full.pem --ca-file root.cer $host
finds 'two CA files' 0 ca.ok --chain-file full.pem --ca-file other-root.pem --ca-file root.pem $host
mkdir store
cp root.pem store
finds 'CA directory' 1 ca.ok --chain-file full.pem --ca-path store $host
finds 'address' 0 ca.ok --chain-file full.pem --ca-file root.pem 192.0.2.7
finds 'wrong order' 1 chain.wrong-order --chain-file wrong-order.pem --ca-file root.pem $host
finds 'missing intermediate' 2 ca.missing-intermediate --chain-file leaf-only.pem --ca-file root.pem $host
finds 'wrong root' 2 ca.wrong-root --chain-file full.pem --ca-file other-root.pem $host
finds 'private root' 2 ca.private-root-sent --chain-file with-root.pem --ca-file other-root.pem $host
finds 'self-signed' 2 ca.self-signed --chain-file self-signed.pem --ca-file root.pem $host
finds 'expired' 2 time.expired --chain-file expired.pem --ca-file root.pem $host
check 'expired: the check that is proposed keeps name and time' grep -qE \
  '^ +tbdiag verify --chain-file expired.pem mqtts://mqtt.example.com:8883 --ca-file root.pem --at 2026-06-01T00:00:00Z$' \
  "$out"
finds 'expires in the future' 2 time.expired --chain-file full.pem --ca-file root.pem --at 2099-01-01 $host
check 'expires in the future: not told as a fact' grep -q 'will have expired on' "$out"
finds 'not yet valid' 2 time.not-yet-valid --chain-file full.pem --ca-file root.pem --at 2024-01-01 $host
finds 'other name' 2 name.mismatch --chain-file full.pem --ca-file root.pem other.example.com
finds 'other name to verify' 2 name.mismatch --chain-file full.pem --ca-file root.pem \
  --verify-name other.example.com $host
# The last line of the leaf's base64 is gone.
awk '{ line[NR] = $0 } END { for (i = 1; i <= NR; i++) if (line[i + 1] !~ /END/ || done++) print line[i] }' \
  full.pem >cut.pem
finds 'a certificate that is cut' 2 chain.not-parsable --chain-file cut.pem --ca-file root.pem $host
check 'a certificate that is cut: what follows' grep -qE '^ +therefore critical  ca.unknown(  |$)' "$out"
: >empty.pem
finds 'empty chain file' 2 chain.empty --chain-file empty.pem --ca-file root.pem $host
cat root.pem other-root.pem >cas.pem
finds 'newcomer-C9 a trust file for a chain' 2 chain.trust-file --chain-file cas.pem --ca-file root.pem $host
run "$tbdiag" chain --chain-file cas.pem
check 'newcomer-C9 a trust file for a chain: exit status' status_is 2
check 'newcomer-C9 a trust file for a chain: how it is given' out_has 'tbdiag verify HOST --ca-file cas.pem'
check_not 'newcomer-C9 a trust file for a chain: nothing is to be removed' out_has MQTT_SSL_PEM_CERT
run "$tbdiag" chain --chain-file leaf-only.pem --at 2026-06-01
check 'newcomer-A3 a leaf alone' out_has chain.incomplete
finds 'empty CA file' 2 ca.store-empty --chain-file full.pem --ca-file empty.pem $host
# A directory as c_rehash leaves it when the certificates were moved.
mkdir links
ln -s /nonexistent/root.pem links/1234abcd.0
finds 'CA directory of dead links' 2 ca.store-empty --chain-file full.pem --ca-path links $host
check 'CA directory of dead links: why' out_has 'holds  1 file that cannot be read'
check 'CA directory of dead links: which' out_has 'links/1234abcd.0: No such'
cp root.pem links/
finds 'CA directory with a dead link' 1 ca.ok --chain-file full.pem --ca-path links $host
cp other-root.pem tb-cloud-chain.pem
finds 'tb-cloud-chain.pem is not for others' 0 ca.ok --chain-file full.pem --ca-file root.pem $host

finds 'given what is missing' 1 ca.missing-intermediate-saved --chain-file leaf-only.pem --ca-file root.pem \
  --untrusted full.pem $host
run "$tbdiag" verify -v --at 2026-06-01 --chain-file leaf-only.pem --ca-file root.pem \
  --untrusted full.pem $host
check '--untrusted: where the intermediate came from' grep -q '^ *from  *full.pem, entry 2' "$out"
finds 'given a root' 2 ca.private-root-sent --chain-file full.pem --ca-file other-root.pem \
  --untrusted root.pem $host
run "$tbdiag" verify --chain-file full.pem --ca-file root.pem --untrusted empty.pem $host
check '--untrusted without a certificate: exit status' status_is 3
check '--untrusted without a certificate: says why' err_has 'empty.pem: holds no certificate'

# ---- what is said and what is saved ---------------------------------------------------------------

run "$tbdiag" verify --chain-file full.pem --ca-file root.pem --at 2026-06-01
check 'no name: exit status' status_is 0
check 'no name: said' out_has 'note: no name was given'
TBDIAG_TARGET=other.example.com
export TBDIAG_TARGET
run "$tbdiag" verify --chain-file full.pem --ca-file root.pem --at 2026-06-01
check 'TBDIAG_TARGET names no chain file' out_has 'note: no name was given'
unset TBDIAG_TARGET

run "$tbdiag" verify -v --chain-file full.pem --at 2026-06-01 mqtt.thingsboard.cloud
check 'tb-cloud-chain.pem is taken for the cloud, and said' out_has 'note: tb-cloud-chain.pem of the'
check 'tb-cloud-chain.pem is what was trusted' grep -q '^  trusted     tb-cloud-chain.pem:' "$out"
chmod o+w tb-cloud-chain.pem
run "$tbdiag" verify -v --chain-file full.pem --at 2026-06-01 mqtt.thingsboard.cloud
check 'tb-cloud-chain.pem of which others can write: said' out_has 'tb-cloud-chain.pem of the working directory is not'
check_not 'tb-cloud-chain.pem of which others can write: not trusted' grep -q '^  trusted     tb-cloud' "$out"
chmod o-w tb-cloud-chain.pem
run "$tbdiag" verify --chain-file full.pem --ca-file root.pem --at 2026-06-01 thingsboard.cloud
check_not 'tb-cloud-chain.pem: --ca-file is taken instead' out_has 'note: tb-cloud-chain.pem'
run "$tbdiag" verify --chain-file full.pem --ca-path store --at 2026-06-01 notthingsboard.cloud
check_not 'tb-cloud-chain.pem: not for a similar host' out_has 'note: tb-cloud-chain.pem'

run "$tbdiag" chain --chain-file full.pem --save saved.pem --at 2026-06-01
check 'chain --save: said' out_has 'note: saved.pem: 2 certificates written'
grep -v '^#' saved.pem >bare.pem
grep -v '^#' full.pem >expected.pem
check 'chain --save: the same certificates' cmp -s expected.pem bare.pem
run "$tbdiag" chain --chain-file empty.pem --save none.pem
check 'chain --save without a chain: said' out_has 'note: none.pem: not written'
check_not 'chain --save without a chain: no file' test -e none.pem
run "$tbdiag" chain --chain-file full.pem --save nowhere/saved.pem
check 'chain --save that fails: exit status' status_is 3
check 'chain --save that fails: no report' out_empty
check 'chain --save that fails: says why' err_has 'nowhere/saved.pem: No such file'

fingerprint() { openssl x509 -in "$1" -outform DER | sha256sum | cut -d ' ' -f 1; }

# ---- what is never overwritten --------------------------------------------------------------------

openssl ecparam -name prime256v1 -genkey -noout -out key.pem
cp key.pem key-before.pem
run "$tbdiag" verify --chain-file key.pem --ca-file root.pem mqtt.example.com
check 'a key for a chain: exit status' status_is 2
check 'a key for a chain: said' grep -q 'key.pem holds a private key, not a certificate' "$out"
check 'a key for a chain: the fix names another file' \
  out_has 'tbdiag chain mqtts://mqtt.example.com:8883 --save chain.pem'
check_not 'a key for a chain: the fix does not name it' out_has '--save key.pem'
cp full.pem input.pem
ln -s input.pem link.pem
# never WHAT WORDS FILE COMMAND...: exit 3, and FILE is as it was.
never() {
  what=$1 words=$2 kept=$3
  cp "$kept" before
  shift 3
  run "$tbdiag" "$@"
  check "$what: exit status" status_is 3
  check "$what: no report" out_empty
  check "$what: says why" err_has "$words"
  check "$what: it is as it was" cmp -s before "$kept"
}
for option in --save -o; do
  never "chain $option a key" 'key.pem holds neither a report nor a chain' key.pem chain --chain-file full.pem $option key.pem
  never "chain $option the chain file" 'input.pem is read' input.pem chain --chain-file input.pem $option input.pem
  never "chain $option a link to it" 'link.pem is read' input.pem chain --chain-file input.pem $option link.pem
  never "chain $option what is expected" 'input.pem is read' input.pem \
    chain --chain-file full.pem --expect input.pem $option input.pem
done
never 'chain --save-fixed a key' 'key.pem: File exists' key.pem chain --chain-file full.pem --save-fixed key.pem
never 'verify --save-ca a key' 'key.pem: File exists' key.pem verify --chain-file full.pem --save-ca key.pem
never 'verify -o a key' 'key.pem holds neither a report nor a chain' key.pem verify --chain-file full.pem -o key.pem
for input in --ca-file --untrusted --chain-file; do
  never "verify -o $input" 'input.pem is read' input.pem \
    verify --chain-file full.pem --ca-file root.pem $input input.pem -o input.pem
done
never 'report -o what is read' 'input.pem is read' input.pem report --read input.pem -o input.pem
never 'report -o a token file' 'input.pem is read' input.pem \
  report --token-file input.pem -o input.pem localhost
never 'roundtrip -o the token file' 'input.pem is read' input.pem \
  roundtrip --token-file input.pem -o input.pem localhost

for case in self-signed with-root; do
  root=root.pem
  [ $case != self-signed ] || root=self-signed.pem
  run "$tbdiag" verify --chain-file $case.pem --ca-file other-root.pem --ca-sha256 "$(fingerprint $root)" \
    --save-ca ca-$case.pem --at 2026-06-01 $host
  check "--save-ca, $case: said" out_has "note: ca-$case.pem: 1 certificate written"
  check "--save-ca, $case: the SHA-256 stands in it" grep -q "^# SHA-256 $(fingerprint $root)\$" ca-$case.pem
  check "--save-ca, $case: the last day stands in it" grep -q '^# valid until 20' ca-$case.pem
  finds "--save-ca, $case: what was saved" 0 ca.ok --chain-file $case.pem --ca-file ca-$case.pem $host
done
cat other-root.pem root.pem >both.pem
run "$tbdiag" verify --chain-file full.pem --ca-file both.pem --save-ca one.pem --at 2026-06-01
check '--save-ca, all is well: exit status' status_is 0
check '--save-ca, all is well: the anchor' cmp -s one.pem ca-with-root.pem
cp one.pem before.pem
run "$tbdiag" verify --chain-file full.pem --ca-file both.pem --save-ca one.pem --at 2026-06-01
check '--save-ca of a file that is there: exit status' status_is 3
check '--save-ca of a file that is there: said' err_has 'cannot write one.pem: File exists'
check '--save-ca of a file that is there: it stays' cmp -s one.pem before.pem
run "$tbdiag" verify --chain-file with-root.pem --ca-file root.pem --ca-sha256 "$(fingerprint other-root.pem)" \
  --save-ca none.pem --at 2026-06-01 $host
check '--save-ca, another is expected: trust.unproven' test "$(grep -c '^critical  trust.unproven  ' "$out")" = 1
run "$tbdiag" verify --chain-file full.pem --ca-file other-root.pem --save-ca none.pem --at 2026-06-01
check '--save-ca, nothing to save: trust.unproven' grep -qE '^ *therefore critical  trust.unproven(  |$)' "$out"
check '--save-ca, nothing to save: said' out_has 'note: none.pem: not written, see trust.unproven'
check_not '--save-ca, nothing to save: no file' test -e none.pem
run "$tbdiag" verify --chain-file full.pem --ca-file other-root.pem --save-ca none.pem --at 2026-06-01 --format json
check '--save-ca, JSON: fits the schema' out_fits_schema
for value in '' 12 "$(fingerprint root.pem)0" "$(fingerprint root.pem | tr 0-9 g)"; do
  run "$tbdiag" verify --chain-file full.pem --ca-sha256 "$value" --save-ca none.pem
  check "--ca-sha256 '$value': exit status" status_is 3
  check "--ca-sha256 '$value': says what it wants" err_has '64 hexadecimal digits'
done
run "$tbdiag" verify --chain-file full.pem --ca-sha256 "$(fingerprint root.pem)"
check '--ca-sha256 alone: exit status' status_is 3
check '--ca-sha256 alone: says why' err_has "goes with '--save-ca FILE' only"

mkdir directory
run "$tbdiag" verify --chain-file full.pem --ca-file directory $host
check '--ca-file, a directory: exit status' status_is 3
check '--ca-file, a directory: the other option' err_has 'use --ca-path directory'
run "$tbdiag" verify --chain-file full.pem --ca-path root.pem $host
check '--ca-path, a file: exit status' status_is 3
check '--ca-path, a file: the other option' err_has 'use --ca-file root.pem'

# ---- what cannot be read --------------------------------------------------------------------------

# unreadable WHAT TEXT FILE: as a chain and as a CA file: exit 3, no report, the file's name and reason.
unreadable() {
  for option in --chain-file --ca-file; do
    run "$tbdiag" verify --chain-file full.pem --ca-file root.pem $option "$3" $host
    check "$option, $1: exit status" status_is 3
    check "$option, $1: no report" out_empty
    check "$option, $1: names the file" err_has "$3"
    check "$option, $1: says why" err_has "$2"
  done
}
unreadable 'absent' 'No such file' nowhere.pem
unreadable 'directory' 'directory' store
ln -s loop loop
unreadable 'loop of links' 'Too many levels' loop
truncate -s 200M huge.pem
unreadable 'huge' 'large' huge.pem
[ ! -c /dev/zero ] || unreadable 'endless' '/dev/zero' /dev/zero

# Also where there is no such option.
for command in chain verify roundtrip; do
  run "$tbdiag" $command full.pem
  check "$command, a file as TARGET: exit status" status_is 3
  check "$command, a file as TARGET: suggestion" err_has "'tbdiag verify --chain-file full.pem'"
done
for command in chain verify; do
  run "$tbdiag" $command mqtt://localhost
  check "$command of a plain target: exit status" status_is 3
  check "$command of a plain target: says why" err_has 'speaks no TLS'
done

done_testing
