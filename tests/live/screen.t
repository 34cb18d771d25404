#!/bin/sh
# SPDX-License-Identifier: MIT
#
# screen.t - what a person has before the eyes when a command has ended on a terminal of 80 columns and 24 lines, and
# at the top of a file.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# on_screen ARGUMENT...: run tbdiag on a terminal. What is seen in the end, above the prompt, is in `screen`.
on_screen() {
  run env -u COLUMNS -u LINES NO_COLOR=1 /usr/bin/python3 "$abs_top_srcdir/tests/peers/terminal.py" 24 80 "$tbdiag" "$@"
  fold -w 80 "$out" | tail -n 23 >screen
}
# sees WHAT SEVERITY ID SENTENCE COMMAND: the verdict, its sentence and its fix are on the last screen, and they are the
# first that a file has.
sees() {
  tr -s ' \n' ' ' <screen >flat
  head -n 24 "$out" | tr -s ' \n' ' ' >top
  check "newcomer-B1 $1: the verdict is on the screen" grep -q "^verdict: $2  $3 on localhost" screen
  check "newcomer-B1 $1: and at the top" grep -q "^$2 $3 localhost" top
  for text in "$4" "$5"; do
    check "newcomer-B1 $1: '$text' is on the screen" grep -qF -e "$text" flat
    check "newcomer-B1 $1: '$text' is at the top" grep -qF -e "$text" top
  done
}
picture() { sed -n '/^Chain$/,/^$/p' "$out"; }

sandbox_start --chain leaf-only || fail 'the sandbox starts'
leaf_only=localhost:$sandbox_tls_port
cp "$sandbox_ca" ca.pem
cp "$sandbox_token_file" token
sentence='does not send the intermediate CN=Sandbox Intermediate CA'
command='export MQTT_SSL_PEM_CERT=fullchain.pem'

on_screen verify --ca-file ca.pem "$leaf_only"
check 'verify: exit status' status_is 2
sees verify critical ca.missing-intermediate "$sentence" "$command"
check 'newcomer-B1 verify fits the screen' test "$(fold -w 80 "$out" | wc -l)" -le 23
check 'newcomer-F1 the break is on the screen' grep -q 'CN=Sandbox Intermediate CA .*NOT SENT.*<-- breaks here' screen
check 'newcomer-B1 how more is shown' grep -q '^verdict: .* - more: -v$' screen
on_screen verify -v --ca-file ca.pem "$leaf_only"
sees 'verify -v' critical ca.missing-intermediate "$sentence" "$command"
on_screen report --ca-file ca.pem "$leaf_only"
sees report critical ca.missing-intermediate "$sentence" "$command"
on_screen roundtrip --token-file token --ca-file ca.pem "$leaf_only"
sees roundtrip critical ca.missing-intermediate "$sentence" "$command"
check 'newcomer-B1 remarks do not come first' sh -c 'head -n 1 "$0" | grep -q ^critical' "$out"

# ---- the picture ------------------------------------------------------------------------------------

run "$tbdiag" verify --ca-file ca.pem "$leaf_only"
picture >seen
cat >expected <<'TEXT'
Chain
  CN=localhost                sent, 364 days left
   | issued by
  CN=Sandbox Intermediate CA  NOT SENT, not in ca.pem  <-- breaks here
   : what is trusted:
  CN=Sandbox Root CA          in ca.pem, entry 1, 3649 days left

TEXT
check 'newcomer-F1 the picture, in ASCII' cmp -s expected seen
run env LC_ALL=C.UTF-8 "$tbdiag" verify --ca-file ca.pem "$leaf_only"
picture | grep -v '^  CN' >seen
printf 'Chain\n   \342\224\202 issued by\n   \342\224\206 what is trusted:\n\n' >expected
check 'newcomer-F1 the picture, in UTF-8' cmp -s expected seen
check 'newcomer-B1 the certificate is told of once' test "$(grep -c 'CN=localhost' "$out")" = 1
# A terminal that has colours: the place is marked, and counted as it is seen.
run env -u COLUMNS -u LINES TERM=xterm /usr/bin/python3 "$abs_top_srcdir/tests/peers/terminal.py" 24 80 "$tbdiag" verify \
  --ca-file ca.pem "$leaf_only"
check 'newcomer-F1 the break in colour' out_has "$(printf '\033[1;31m<-- breaks here\033[0m')"
check 'newcomer-B1 colours do not count as lines' test "$(grep -c "$sentence" "$out")" = 1

# ---- several findings, several servers ----------------------------------------------------------------

leaf_pid=$sandbox_pid
sandbox_start --chain expired || fail 'the sandbox starts'
cp "$sandbox_ca" expired-ca.pem
expired=localhost:$sandbox_tls_port
run "$tbdiag" verify --ca-file expired-ca.pem "$expired"
check 'newcomer-B3 time.expired says whose' out_line "critical  time.expired  $expired"
check 'newcomer-F1 what is over' grep -q '^  CN=localhost  *sent, expired 1 day ago  <-- breaks here$' "$out"
on_screen verify --ca-file expired-ca.pem --verify-name other.example.com "$expired"
check 'newcomer-B1 two findings: how many' grep -q '^verdict: critical  .* 1 of 2 findings' screen
sees 'two findings' critical name.mismatch 'not for other.example.com' 'openssl req -new -key server_key.pem'
check 'newcomer-F1 a name it is not for' grep -q 'NOT FOR other.example.com' "$out"
run "$tbdiag" verify -q --ca-file expired-ca.pem --verify-name other.example.com "$expired"
check 'newcomer-B3 each finding says whose' test "$(grep -c "^critical  .*  $expired\$" "$out")" = 2

on_screen verify --ca-file expired-ca.pem --also-ports "${leaf_only#*:}" "$expired"
check 'newcomer-B4 ports: the worst comes first' sh -c 'head -n 1 "$0" | grep -q "^critical  "' "$out"
check 'newcomer-B1 ports: the verdict is on the screen' grep -q '^verdict: critical  [a-z.-]* on localhost:' screen
check 'newcomer-B1 ports: its fix is on the screen' grep -q '^  fix:$' screen
check 'newcomer-B3 ports: whose' grep -q "^critical  time.expired  $expired\$" "$out"
kill "$leaf_pid"
sandbox_stop

# ---- times ------------------------------------------------------------------------------------------

sandbox_start -f silent || fail 'the sandbox starts'
on_screen verify --ca-file "$sandbox_ca" --timeout 3 "localhost:$sandbox_tls_port"
check 'newcomer-B4 progress says of how many seconds, and what for' out_has 'tls: 1 of 3 s, no answer yet'
check 'newcomer-F2 the step that got no answer' grep -qE 'tls [0-9.]+ m?s \(no answer in time\)' "$out"
check 'newcomer-F2 how TLS ended, in words' grep -q '^  TLS end  *no answer in time$' "$out"
sandbox_stop
sandbox_start --chain leaf-only || fail 'the sandbox starts'
run "$tbdiag" verify -v --ca-file ca.pem "localhost:$sandbox_tls_port"
check 'newcomer-F2 who ended it' grep -q '^  TLS end  *ended by tbdiag: the server is not verified$' "$out"
sandbox_stop

# ---- all is well --------------------------------------------------------------------------------------

sandbox_start || fail 'the sandbox starts'
on_screen verify --ca-file "$sandbox_ca" "localhost:$sandbox_tls_port"
check 'all is well: exit status' status_is 0
check 'newcomer-B1 all is well: said last' sh -c \
  'tail -n 1 screen | grep -q "^verdict: ok, found nothing to mend on localhost:[0-9]* - more: -v$"'
check 'newcomer-F1 all is well: the whole chain is on the screen' grep -qx Chain screen
for command in verify roundtrip; do
  run "$tbdiag" $command -q --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" "localhost:$sandbox_tls_port"
  [ $command != verify ] || run "$tbdiag" verify -q --ca-file "$sandbox_ca" "localhost:$sandbox_tls_port"
  check "newcomer-C2 $command -q: exit status" status_is 0
  check "newcomer-C2 $command -q: silence" out_empty
  check "newcomer-C2 $command -q: on stderr, too" err_empty
done

done_testing
