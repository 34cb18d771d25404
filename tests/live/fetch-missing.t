#!/bin/sh
# SPDX-License-Identifier: MIT
#
# fetch-missing.t - an intermediate that is not sent is fetched from where the leaf says, whatever answers there.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# Requests to the loopback interface go to no proxy.
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY 2>/dev/null

now_ms() { date +%s%3N; }

mkdir web
peer_start python aia-server.py "$tap_dir/web"
web=$port

# leaf_only PATH: a sandbox that sends no intermediate, and whose leaf says that it can be had at PATH.
leaf_only() {
  sandbox_start --chain leaf-only --aia "http://127.0.0.1:$web$1" || fail 'the sandbox starts'
  cp "$sandbox_dir/intermediate.pem" web
  target=localhost:$sandbox_tls_port
}

verify() { run "$tbdiag" verify -v --ca-file "$sandbox_ca" "$@" "$target"; }

# ---- in each form ---------------------------------------------------------------------------------

for form in der pem pkcs7 moved; do
  leaf_only /$form
  verify --fetch-missing
  check "/$form: exit status" status_is 2
  check "/$form: the verdict stays" test "$(first_finding)" = ca.missing-intermediate
  check "/$form: proven" grep -q '^ *completes *yes$' "$out"
  check "/$form: by which certificate" out_has 'Proven: with CN=Sandbox Intermediate CA (SHA-256'
  check "/$form: shown" out_has "fetched     CN=Sandbox Intermediate CA from http://127.0.0.1:$web/$form"
  sandbox_stop
done

leaf_only /der
verify
check 'not asked for: the address is shown' grep -q "^ *aia *http://127.0.0.1:$web/der\$" "$out"
check_not 'not asked for: nothing is fetched' out_has fetch_url
check 'not asked for: the command that gets it' out_has \
  "  tbdiag chain mqtts://$target --ca-file $sandbox_ca --fetch-missing --save-fixed fullchain.pem"
verify --fetch-missing --format json
check 'JSON: fits the schema' out_fits_schema
check 'JSON: what was fetched' out_has '"origin": "fetched"'

# The chain leads elsewhere: what was fetched does not help, and that is said.
sandbox_ca=$sandbox_dir/intermediate.pem
run "$tbdiag" verify -v --ca-file "$abs_top_srcdir/tests/data/fixtures/root.pem" --fetch-missing "$target"
check 'another CA file: not proven' grep -q '^ *completes *no$' "$out"
check 'another CA file: said' out_has 'does not lead to'
sandbox_ca=$sandbox_dir/ca.pem

# ---- the chain that should be sent ----------------------------------------------------------------

run "$tbdiag" chain --save-fixed fixed.pem "$target"
check '--save-fixed alone: said' out_has 'note: fixed.pem: not written, CN=Sandbox Intermediate CA is missing'
check_not '--save-fixed alone: no file' test -e fixed.pem
check '--save-fixed alone: exit status' status_is 2
run "$tbdiag" chain -q --save-fixed fixed.pem "$target"
check '--save-fixed alone, -q: exit status' status_is 2
check '--save-fixed alone, -q: said' err_has 'fixed.pem: not written, CN=Sandbox Intermediate CA is missing'
run "$tbdiag" chain --fetch-missing --save-fixed fixed.pem "$target"
check '--save-fixed: exit status is that of what is served' status_is 2
check '--save-fixed: said' out_has 'note: fixed.pem: 2 certificates written'
cat "$sandbox_dir/server-chain.pem" "$sandbox_dir/intermediate.pem" >expected.pem
grep -v '^#' fixed.pem >bare.pem
check '--save-fixed: the leaf and its issuer' cmp -s expected.pem bare.pem
run "$tbdiag" verify --chain-file fixed.pem --ca-file "$sandbox_ca" localhost
check '--save-fixed: what was written verifies' test "$(first_finding)" = ca.ok
# As with --save-ca: what is served now may be the only copy.
echo before >there.pem
run "$tbdiag" chain --fetch-missing --save-fixed there.pem "$target"
check '--save-fixed of a file that is there: exit status' status_is 3
check '--save-fixed of a file that is there: said' err_has 'cannot write there.pem: File exists'
check '--save-fixed of a file that is there: it stays' test "$(cat there.pem)" = before
run "$tbdiag" chain --fetch-missing --save-fixed nowhere/fixed.pem "$target"
check '--save-fixed that fails: exit status' status_is 3
check '--save-fixed that fails: says why' err_has 'nowhere/fixed.pem: No such file'
run "$tbdiag" chain --all-addresses --save-fixed fixed.pem "$target"
check '--save-fixed of a set: exit status' status_is 3
run "$tbdiag" verify --all-addresses --fetch-missing "$target"
check '--fetch-missing of a set: exit status' status_is 3
check '--fetch-missing of a set: says why' err_has "does not go with '--fetch-missing'"
TBDIAG_MODULE_DIR=$tap_dir run "$tbdiag" verify --ca-file "$sandbox_ca" --fetch-missing "$target"
check 'no module: exit status' status_is 3
check 'no module: names the package' err_has 'fetch-http.so is not there: tbdiag was built without libcurl4-gnutls-dev'
sandbox_stop

for kind in complete wrong-order; do
  sandbox_start --chain $kind
  run "$tbdiag" chain --save-fixed $kind.pem "localhost:$sandbox_tls_port"
  run "$tbdiag" verify --chain-file $kind.pem --ca-file "$sandbox_ca" localhost
  check "--save-fixed, $kind: sound" test "$(first_finding)" = ca.ok
  check "--save-fixed, $kind: exit status" status_is 0
  sandbox_stop
done
fixtures=$abs_top_srcdir/tests/data/fixtures
grep -v '^#' "$fixtures/full.pem" >expected.pem
for file in with-root wrong-order; do
  run "$tbdiag" chain --at 2026-06-01 --chain-file "$fixtures/$file.pem" --save-fixed "fixed-$file.pem"
  grep -v '^#' "fixed-$file.pem" >bare.pem
  check "--save-fixed, $file.pem: in order, without root" cmp -s expected.pem bare.pem
done

# ---- whatever answers -----------------------------------------------------------------------------

# fails PATH TEXT: it cannot be had from there, and why.
fails() {
  leaf_only "$1"
  begin=$(now_ms)
  verify --fetch-missing --timeout 2
  took=$(($(now_ms) - begin))
  check "$1: exit status" status_is 2
  check "$1: the verdict stays" test "$(first_finding)" = ca.missing-intermediate
  check "$1: why" grep -q "^ *fetch_error *.*$2" "$out"
  check "$1: in time ($took ms)" test "$took" -lt 6000
  check "$1: stderr is empty" err_empty
  sandbox_stop
}
fails /garbage 'it holds no certificate'
fails /empty 'it holds no certificate'
fails /nowhere 'HTTP status 404'
fails /loop 'redirects'
fails /to-file 'rotocol'
fails /endless 'more than 262144 bytes'
fails /slow 'timed out'

# Published is the certificate of another CA of that name.
leaf_only /der
cp "$fixtures/root.pem" web/intermediate.pem
verify --fetch-missing
check 'another certificate: why' grep -q '^ *fetch_error *it holds CN=Fixture Root' "$out"
sandbox_stop
sandbox_start --chain leaf-only
cp "$sandbox_dir/intermediate.pem" other.pem
sandbox_stop
leaf_only /der
cp other.pem web/intermediate.pem
verify --fetch-missing
check 'the right name, another key: why' out_has 'which did not sign'
check_not 'the right name, another key: not proven' grep -q '^ *completes *yes$' "$out"
sandbox_stop

# A port where nobody listens, a name that does not exist, and no address of the web at all.
for url in http://127.0.0.1:1/x http://does-not-exist.invalid/x; do
  sandbox_start --chain leaf-only --aia $url
  target=localhost:$sandbox_tls_port
  verify --fetch-missing --timeout 5
  check "$url: the verdict stays" test "$(first_finding)" = ca.missing-intermediate
  check "$url: why" grep -q '^ *fetch_error ' "$out"
  sandbox_stop
done
for url in "file://$fixtures/root.pem" ldap:///CN=Sandbox '-o/tmp/x'; do
  sandbox_start --chain leaf-only --aia "$url"
  target=localhost:$sandbox_tls_port
  verify --fetch-missing
  check "$url: the verdict stays" test "$(first_finding)" = ca.missing-intermediate
  check_not "$url: is not asked" out_has fetch_url
  sandbox_stop
done

done_testing
