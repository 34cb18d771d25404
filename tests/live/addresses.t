#!/bin/sh
# SPDX-License-Identifier: MIT
#
# addresses.t - --all-addresses and --also-ports over live peers: a host that serves the same everywhere, or
# does not.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# start DIR KIND [ADDRESS PORT]: $port; its files are in DIR. Fails when the address is taken.
in_dir() { cd "$1" && shift && exec "$@"; }
start() {
  rm -rf "$1"
  mkdir "$1"
  dir=$1
  shift
  peer_start in_dir "$dir" "$abs_top_builddir/tests/peers/tls-peer" "$@" 2>"$err"
}

# Two peers, each with certificates of its own, at two addresses on one port.
tries=0
until start one good && start other good 127.0.0.2 "$port"; do
  tries=$((tries + 1))
  [ $tries -lt 20 ] || exit 99
done
target=two.example:$port
verify() { "$tbdiag" verify --verify-name localhost --ca-file one/ca.pem --all-addresses "$@"; }

run verify --resolve 127.0.0.1,127.0.0.2 "$target"
check 'two chains: exit status' status_is 2
check 'two chains: stderr is empty' err_empty
check 'two chains: dns.addresses-differ' has_finding warning dns.addresses-differ
check 'newcomer-B4 the worst comes first, whichever address has it' sh -c 'head -n 1 "$0" | grep -q "^critical  ca.* two.example:[0-9]* at 127.0.0.2$"' "$out"
check 'two chains: the good one' grep -qE '^  127\.0\.0\.1  ok +CN=localhost' "$out"
check 'two chains: the bad one' grep -qE '^  127\.0\.0\.2  critical +ca\.' "$out"
check 'two chains: what differs' grep -qx '  certificate' "$out"
check 'two chains: how to see it' grep -qx \
  "      tbdiag verify --resolve 127.0.0.2 --ca-file one/ca.pem --verify-name localhost mqtts://two.example:$port" "$out"
check_not 'two chains: fits 80 columns' grep -qE '^ {0,5}[^ ].{80}' "$out"
sed -n 's/^      tbdiag \(chain .*\)/\1/p' "$out" >fix
# shellcheck disable=SC2046
run "$tbdiag" $(cat fix)
check 'two chains: the chain of the good one is kept as the fix says' grep -q 'BEGIN CERT' chain.pem

run verify --resolve 127.0.0.1,127.0.0.2 --format json "$target"
check 'two chains, JSON: exit status' status_is 2
check 'two chains, JSON: fits the schema' out_fits_schema
check 'two chains, JSON: the labels' test "$(grep -c '^      "label": "127.0.0.[12]"' "$out")" = 2
run verify --resolve 127.0.0.1,127.0.0.2 -q "$target"
check '-q: no chains' test "$(grep -c '^Chain' "$out")" = 0
run verify --resolve 127.0.0.1,127.0.0.2 -v "$target"
check '-v: each report' test "$(grep -c '^Chain as sent' "$out")" = 2
run "$tbdiag" chain --all-addresses --resolve 127.0.0.1,127.0.0.2 "$target"
check 'chain: exit status' status_is 1
check 'chain: dns.addresses-differ' test "$(first_finding)" = dns.addresses-differ
check 'chain: both chains' test "$(grep -c '^Chain as sent' "$out")" = 2

# One address, and the same address twice, are nothing to compare.
run verify --resolve 127.0.0.1 "$target"
check 'one address: exit status' status_is 0
check 'one address: said' grep -qx 'only one: nothing to compare' "$out"
run verify --resolve 127.0.0.1,127.0.0.1 "$target"
check 'the same twice: exit status' status_is 0
check 'the same twice: no differences' grep -qx 'no differences' "$out"
check 'the same twice: shown once' test "$(grep -c '^Chain: 127.0.0.1' "$out")" = 1

# Nobody at one of them.
run verify --resolve 127.0.0.1,127.0.0.9 "$target"
check 'one refuses: exit status' status_is 2
check 'one refuses: dns.addresses-differ' has_finding warning dns.addresses-differ
check 'one refuses: said' grep -qE '^  127\.0\.0\.9  critical +tcp\.refused' "$out"

# Without --all-addresses it is worth a remark only.
run "$tbdiag" verify -v --verify-name localhost --ca-file one/ca.pem --resolve 127.0.0.9,127.0.0.1 "$target"
check 'one of several refuses: exit status' status_is 0
check 'one of several refuses: said' has_finding info dns.addresses-differ
check 'one of several refuses: which' grep -q '127\.0\.0\.9 port [0-9]*: refused; 127\.0\.0\.1 port' "$out"

# A name with two addresses.
preload="env LD_PRELOAD=$abs_top_builddir/tests/.libs/resolver.so ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS-}"
# shellcheck disable=SC2086
run $preload TEST_RESOLVER=two "$tbdiag" verify --verify-name localhost --ca-file one/ca.pem --all-addresses "$target"
check 'resolved: exit status' status_is 2
check 'resolved: dns.addresses-differ' has_finding warning dns.addresses-differ
check 'resolved: each address' test "$(grep -c '^  127\.0\.0\.[12]  ' "$out")" = 2

# The system's resolver; localhost may have one address or two.
sandbox_start || fail 'the sandbox starts'
run "$tbdiag" verify --all-addresses --ca-file "$sandbox_ca" "localhost:$sandbox_tls_port"
check 'localhost: exit status' status_is 0
check 'localhost: its addresses' grep -qE '^  (127\.0\.0\.1|::1) +info' "$out"
run "$tbdiag" verify --all-addresses -q does-not-exist.invalid
check 'no such name: exit status' status_is 2
check 'no such name: said' grep -qE '^critical  dns\.' "$out"

# ---- several ports ---------------------------------------------------------------------------------

both="localhost:$sandbox_tls_port --also-ports $(ready https)"
# shellcheck disable=SC2086
run "$tbdiag" verify --ca-file "$sandbox_ca" $both
check 'MQTT and HTTPS serve the same: exit status' status_is 0
check 'MQTT and HTTPS serve the same: said' grep -qx 'no differences' "$out"
check 'MQTT and HTTPS serve the same: both ports' test "$(grep -cE '^  [0-9]+  +(ok|info)' "$out")" = 2
# shellcheck disable=SC2086
run "$tbdiag" verify --ca-file "$sandbox_ca" $both,"$(ready mqtt)"
check 'a port without TLS beside them: exit status' status_is 2
check 'a port without TLS beside them: what differs' grep -qx '  outcome' "$out"
check_not 'a port without TLS beside them: not without differences' grep -qx 'no differences' "$out"
ports="localhost:$sandbox_tls_port --resolve 127.0.0.1 --also-ports $port,$(ready https)"
# shellcheck disable=SC2086
run "$tbdiag" chain $ports
check 'one port differs: exit status' status_is 1
check 'one port differs: chain.differs-by-port' test "$(first_finding)" = chain.differs-by-port
check 'one port differs: what differs' grep -qx '  certificate' "$out"
# shellcheck disable=SC2086
run "$tbdiag" chain $ports --format json
check 'one port differs, JSON: fits the schema' out_fits_schema
check 'one port differs, JSON: which' out_has "\"label\": \"$port\""
run "$tbdiag" chain --also-ports 1 "localhost:$sandbox_tls_port"
check 'one port refuses: exit status' status_is 2
check 'one port refuses: said' grep -qE '^  1 +critical +tcp\.refused' "$out"
for value in '' 0 65536 x 1,,2 -1; do
  run "$tbdiag" chain --also-ports "$value" localhost
  check "--also-ports '$value': exit status" status_is 3
  check "--also-ports '$value': it is explained" err_has "'--also-ports' wants ports"
done
run "$tbdiag" chain --also-ports 443 --all-addresses localhost
check 'two comparisons: exit status' status_is 3
check 'two comparisons: it is explained' err_has 'give one of them'
run "$tbdiag" chain --also-ports 443 --connect-to localhost:1 localhost
check 'another port to connect to: exit status' status_is 3
check 'another port to connect to: it is explained' err_has 'one is given to connect to'

# refused WHAT OPTION...
refused() {
  what=$1
  shift
  run "$tbdiag" "$@" --all-addresses localhost
  check "$what: exit status" status_is 3
  check "$what: it is explained" err_has "'--all-addresses' does not go with '$what'"
}
refused --chain-file verify --chain-file one/ca.pem
refused --save-ca verify --save-ca new.pem
refused --save chain --save new.pem

# Whatever other option stands beside it: a set has no single report, and what needs one has to say so.
for command in chain verify; do
  "$tbdiag" "$command" --list-options | cut -f1,3 >options
  while read -r option argument; do
    case $option in --help | --all-addresses | --also-ports) continue ;; esac
    cp one/ca.pem given.pem
    value=$("$tbdiag" "$command" --list-values "$option" | sed -n 's/\t.*//; 2p')
    case $argument in
    -) value= ;;
    SECONDS | N) value=5 ;;
    DATE) value=2026-12-01 ;;
    DIR) value=one ;;
    HOST* | ADDRESS*) value=127.0.0.1 ;;
    *) value=${value:-given.pem} ;;
    esac
    [ "$argument" = - ] || option=$option=$value
    run timeout 20 "$tbdiag" "$command" --all-addresses --resolve 127.0.0.1,127.0.0.2 "$option" "$target"
    check "$command --all-addresses $option: no crash" test "$status" -le 3
    check "$command --all-addresses $option: a set, or a reason" \
      grep -q -e '^Addresses' -e '^  "compares"' -e '^critical  ' -e '^warning  ' -e "^tbdiag $command: " "$out" "$err" given.pem
  done <options
done

done_testing
