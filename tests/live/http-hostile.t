#!/bin/sh
# SPDX-License-Identifier: MIT
#
# http-hostile.t - servers that are no device API, or none that keeps to HTTP: always a finding, in time, in bounded
# memory, and without the token.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

token=A1b2C3d4E5f6G7h8I9j0
printf %s $token >token
first_finding() { sed -nE 's/^ *"id": "([^"]*)".*/\1/p' "$out" | head -n 1; }

# says KIND FINDING STATUS [OPTION...]: in less than two seconds, as JSON that fits the schema.
says() {
  kind=$1 finding=$2 expected=$3
  shift 3
  peer_start python http-peer.py "$kind" 2>peer-err
  run_measured "$tools/tbdiag-roundtrip" --format json --token-file token --timeout 1 "$@" "http://127.0.0.1:$port"
  check "$kind: $finding" test "$(first_finding)" = "$finding"
  check "$kind: exit status" status_is "$expected"
  check "$kind: in time ($took ms)" test "$took" -lt 2000
  # Sanitizers need half of it.
  check "$kind: in bounded memory ($peak KiB)" test "$peak" -lt 40000
  check "$kind: fits the schema" out_fits_schema
  check_not "$kind: without the token" grep -qiF $token "$out" "$err"
  peer_stop
}

# ---- what is odd, but good -------------------------------------------------------------------------

for kind in good chunked bytewise hints; do
  says $kind token.sent-in-clear 1
  check "$kind: data.ok" out_has '"id": "data.ok"'
done

says bad-date token.sent-in-clear 1
says old-date time.clock-wrong 2
check 'old-date: the clock of the server' out_has '"server_clock": "1994-11-06T08:49:37Z"'

# ---- no answer, or not to its end ------------------------------------------------------------------

says silent http.timeout 2
says head-only http.timeout 2
check 'head-only: what came' out_has '"first_bytes": "HTTP/1.1 200 OK'
says half-a-body http.timeout 2
says drip http.timeout 2
says nothing http.error 2
says reset http.error 2
check 'reset: how it was closed' out_has '"closed": "reset"'
says truncated http.error 2
check 'truncated: what it is' out_has 'in the middle of its answer'
says truncated-chunk http.error 2
says close http.error 2
check 'close: when it was' out_has 'closed the connection after an answer'
says http-1.0 http.error 2
for kind in close-later http-1.0-later; do
  says $kind http.error 2
  check "$kind: when it was" out_has 'closed the connection after an answer'
done

# ---- something else --------------------------------------------------------------------------------

for kind in garbage ssh http-2 bad-status bad-chunk; do
  says $kind http.not-device-api 2
  check "$kind: what came" grep -q '"first_bytes": "' "$out"
done
says cookies http.unauthorized 2
says no-json data.other-response 2
says deep-json data.other-response 2
says long-json data.other-response 2
says evil http.error 2
is_utf8() { iconv -f UTF-8 -t UTF-8 "$1" >/dev/null; }
check 'evil: is valid UTF-8' is_utf8 "$out"
check_not 'evil: nothing controls the terminal' grep -q "$(printf '[\033\007]')" "$out"
says evil-redirect http.redirect 2
check_not 'evil-redirect: nothing of it is a command' grep -q 'tbdiag roundtrip https://x' "$out"
says too-much http.not-device-api 2

# ---- more than anyone wants ------------------------------------------------------------------------

for kind in large-body endless-body endless-chunks; do
  says $kind http.not-device-api 2
  check "$kind: it is said that there was more" out_has '"body_cut": true'
done
for kind in endless-head endless-line endless-hints; do
  says $kind http.not-device-api 2
done

# ---- where others could take the place of the socket that the library dials -------------------------

# tmp_is MODE: run with a /tmp of this mode.
tmp_is() {
  # shellcheck disable=SC2016 # for the inner shell
  run unshare -Urm sh -c 'mount -t tmpfs -o mode="$1" none /tmp && shift && exec "$@"' sh "$1" \
    env -u XDG_RUNTIME_DIR "$tools/tbdiag-roundtrip" --token "$token" --timeout 1 "$2://127.0.0.1:$port"
}
if unshare -Urm sh -c 'mount -t tmpfs none /tmp && test -d "$0"' "$tools" 2>/dev/null; then
  peer_start python http-peer.py good
  for scheme in http mqtt; do
    tmp_is 0777 $scheme
    check "$scheme, /tmp without sticky bit: nothing is sent" status_is 3
    check "$scheme, /tmp without sticky bit: why" err_has 'chmod +t /tmp'
  done
  tmp_is 1777 http
  check '/tmp with sticky bit: exit status' status_is 1
  peer_stop
else
  skip '/tmp without sticky bit' 'no user namespaces, or built under /tmp'
fi

# A person sees the same.
peer_start python http-peer.py evil
run "$tools/tbdiag-roundtrip" -v --token-file token "http://127.0.0.1:$port"
check 'evil, text: exit status' status_is 2
check_not 'evil, text: nothing controls the terminal' grep -q "$(printf '[\033\007]')" "$out"
peer_stop

done_testing
