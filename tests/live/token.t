#!/bin/sh
# SPDX-License-Identifier: MIT
#
# token.t - where the token comes from, and that it is nowhere else. Nothing listens on the target, so
# the token is only looked at.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

token=Sesame0pen7Token4
target=127.0.0.1:1
roundtrip() { "$tbdiag" roundtrip --format json --system "$@"; }

# The token may be in no output.
silent() { ! grep -qF "$token" "$out" "$err"; }
taken_from() { grep -qE "\"source\": \"$1\"" "$out" && grep -qE "\"len\": $2" "$out"; }

# source_is WHAT NAME LENGTH: what the last run says of its token.
source_is() {
  check "$1: exit status" status_is 2
  check "$1: source and length" taken_from "$2" "$3"
  check "$1: not in the output" silent
}

# ---- sources and their order ----------------------------------------------------------------------

printf '%s\n' $token >file
run roundtrip --token-file file $target
source_is '--token-file' file 17
run roundtrip --token $token $target
source_is '--token' option 17
run roundtrip --token=$token $target
source_is '--token=' option 17
roundtrip --token - $target <file >"$out" 2>"$err"
status=$?
source_is '--token -' stdin 17
TBDIAG_TOKEN=$token
export TBDIAG_TOKEN
run roundtrip $target
source_is 'TBDIAG_TOKEN' environment 17
printf 'other' >other
run roundtrip --token-file other $target
source_is 'an option beats TBDIAG_TOKEN' file 5
unset TBDIAG_TOKEN
run "$tbdiag" roundtrip -v --token-file file $target
check 'text, -v: not in the output' silent
check 'text, -v: says what may be said' out_has 'from a file, 17 bytes, not sent'
check_not 'what was not sent disconnects nobody' out_has 'is disconnected once'
check_not 'and leaves nothing' out_has 'tbdiagProbe stays on the device'

# ---- the password of MQTT Basic ---------------------------------------------------------------------

run roundtrip --username me --password-file file $target
source_is '--password-file' file 17
check 'it is a password' out_has '"is_password": true'
run roundtrip --username me --password $token $target
source_is '--password' option 17
roundtrip --username me --password - $target <file >"$out" 2>"$err"
status=$?
source_is '--password -' stdin 17
TBDIAG_PASSWORD=$token TBDIAG_TOKEN=other
export TBDIAG_PASSWORD TBDIAG_TOKEN
run roundtrip --username me $target
source_is 'TBDIAG_PASSWORD' environment 17
run roundtrip $target
source_is 'TBDIAG_PASSWORD is for --username' environment 5
unset TBDIAG_PASSWORD TBDIAG_TOKEN
printf '%s\r\n' $token >dos
run "$tbdiag" roundtrip --username me --password-file dos $target
check 'CRLF in the password: token.whitespace' out_has 'the password from the password file ends with a carriage return'
printf ' p\303\244ss"' >file2
run roundtrip --username me --password-file file2 $target
check 'spaces, quotes and umlauts may be meant' out_has '"bad_class": null'

# ---- what is cut and what is not ------------------------------------------------------------------

printf '%s' $token >file
run roundtrip --token-file file $target
source_is 'no line feed at the end' file 17
printf '%s\n\n' $token >file
run roundtrip --token-file file $target
source_is 'two line feeds: one is cut' file 18
check 'two line feeds: found' out_has token.whitespace
check 'two line feeds: in words' out_has 'the token from the token file ends with a line feed'
printf '%s\r\n' $token >file
run roundtrip --token-file file $target
source_is 'CRLF: the CR stays' file 18
check 'CRLF: found' out_has token.whitespace
printf '"%s"' $token >file
run roundtrip --token-file file $target
check 'quotes: in words' out_has 'the token from the token file begins with a quotation mark'

# ---- what it looks like ---------------------------------------------------------------------------

# says SEVERITY ID: as one of the findings.
run "$tbdiag" roundtrip --token 123e4567-e89b-12d3-a456-426614174000 $target
check 'the id of a device' has_finding warning token.is-uuid
run "$tbdiag" roundtrip --token '$ACCESS_TOKEN' $target
check 'a placeholder' has_finding warning token.placeholder
printf 'Gr\303\274n' >file
run "$tbdiag" roundtrip --token-file file $target
check 'a byte that is not ASCII' has_finding critical token.malformed
head=eyJhbGciOiJIUzUxMiJ9
run "$tbdiag" roundtrip --token "$head.e30.$token" $target
check "a user's JWT" has_finding warning token.is-jwt
check "a user's JWT: not shown" silent
{ printf '%s.' $head && head -c 600 /dev/zero | tr '\0' x && printf '.%s' $token; } >file
run "$tbdiag" roundtrip --token-file file $target
check "a user's long JWT" has_finding critical token.is-jwt
check_not "a user's long JWT: one cause" out_has token.malformed
check "a user's long JWT: not shown" silent

# ---- what is refused ------------------------------------------------------------------------------

# refused WHAT TEXT OPTION...: exit 3, no report, TEXT on stderr.
refused() {
  what=$1 text=$2
  shift 2
  run roundtrip "$@" $target
  check "$what: exit status" status_is 3
  check "$what: no report" out_empty
  check "$what: says why" err_has "$text"
  check "$what: token not shown" silent
}
printf '%s\n' $token >file
refused 'no token, no terminal' 'token.missing' --read-only
check 'no token: names the ways' err_has --token-file
refused 'two files' 'second token' --token-file file --token-file file
refused 'file and option' 'second token' --token-file file --token $token
refused 'option and file' 'second token' --token $token --token-file file
refused 'two options' 'second token' --token $token --token $token
refused 'file and stdin' 'second token' --token-file file --token -
refused 'misspelt option' "did you mean '--token'" --tokn=$token
refused 'second operand' 'too many operands' $token
refused 'absent file' 'nowhere: No such file' --token-file nowhere
mkdir dir
refused 'directory' 'dir: Is a directory' --token-file dir
ln -s loop loop
refused 'loop of links' 'loop: Too many levels' --token-file loop
: >empty
refused 'empty file' 'token.missing' --token-file empty
refused 'empty option' "option '--token' wants a token" --token ''
truncate -s 65536 large
refused 'too large' 'large: too large' --token-file large
[ ! -c /dev/zero ] || refused 'endless' '/dev/zero: too large' --token-file /dev/zero
refused 'token and user name' '--username does not go with a token' --username me --token-file file
refused 'password without user name' 'needs --username' --password $token
refused 'no password, no terminal' 'no password was given' --username me
refused 'two passwords' 'second password' --username me --password $token --password-file file
refused 'empty password' "option '--password' wants a password" --username me --password ''
refused 'user name provision' 'would ask ThingsBoard to make a device' --username provision --password $token
refused 'client id provision' 'would ask ThingsBoard to make a device' --client-id provision --token-file file
refused 'no user name' "'--username' wants an argument" --username '' --password $token
refused 'a line feed in the user name' 'has a control character as byte 2' --username "m
e" --password $token
refused 'no UTF-8' 'the client identifier is not UTF-8' --token-file file --client-id "$(printf '\377')"
wrong() {
  what=$1
  shift
  refused "$what" "$@" --token-file file
}
wrong 'telemetry that is no JSON' 'telemetry is not JSON: line 1, column' --telemetry "{'a':1}"
wrong 'telemetry that ends early' 'telemetry is not JSON' --telemetry '{"a":1'
wrong 'telemetry with something behind' 'telemetry is not JSON' --telemetry '{"a":1}}'
for value in '[]' '1' '"a"' 'null' '[1]' '[{"a":1},2]'; do
  wrong "telemetry $value" 'telemetry must be an object' --telemetry "$value"
done
wrong 'large telemetry' 'telemetry of more than 65508 bytes' --telemetry \
  "{\"a\":\"$(head -c 65501 /dev/zero | tr '\0' x)\"}"
wrong 'a comma in the name' 'has a comma' --attribute a,b
wrong 'a space in the keys' 'a space at its edge' --client-keys 'a, b'
wrong 'no key between commas' 'must have keys' --shared-keys a,,b
wrong 'a long name' 'must have keys of 1 to 255 bytes' --attribute "$(head -c 256 /dev/zero | tr '\0' x)"
wrong '--read-only and telemetry' 'writes nothing' --read-only --telemetry '{}'
wrong '--read-only and attribute' 'writes nothing' --read-only --attribute a
wrong '--wait-rpc 0' "'--wait-rpc' wants a number of seconds" --wait-rpc 0
refused '--fingerprint over MQTT 3.1' 'a fingerprint does not go with MQTT 3.1' --token-file file \
  --fingerprint --mqtt-version 3.1
run "$tbdiag" roundtrip --token-file file
check 'no target, no terminal: exit status' status_is 3
check 'no target, no terminal: says so' err_has 'no TARGET was given'
run "$tbdiag" report --token-file file
check 'newcomer-A1 report with a token and no target: exit status' status_is 3
check 'newcomer-A1 report with a token and no target: says so' err_has 'no TARGET was given'
check 'newcomer-A1 report with a token and no target: nothing was done' out_empty
TBDIAG_TOKEN=$token
export TBDIAG_TOKEN
run "$tbdiag" report
check 'newcomer-A1 the token of the environment' status_is 3
unset TBDIAG_TOKEN
run env TBDIAG_TARGET=$target "$tbdiag" report --format json --token-file file
check 'newcomer-A1 the target of the environment is one' out_has "\"url\": \"mqtts://$target\""

# ---- what others can see of the process -----------------------------------------------------------

# A process that waits at the end, as the pipe that it writes to is full.
mkfifo fifo
fill() {
  exec 7<>fifo
  head -c 65536 /dev/zero >&7
}
# within SECONDS COMMAND...: until it succeeds.
within() {
  tries=$(($1 * 20))
  shift
  while ! "$@" 2>/dev/null; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.05
  done
}
# The arguments and environment of the process $pid.
in_cmdline() { tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -e "$1"; }
in_environ() { tr '\0' ' ' <"/proc/$pid/environ" | grep -qF -e "$1"; }
no_core() { grep -qE '^Max core file size +0 +0 ' "/proc/$pid/limits"; }
is_at_end() { in_cmdline roundtrip && ! in_cmdline $token && grep -q '^State:.S' "/proc/$pid/status" && no_core; }
# Private memory, all of it; a process that cannot be read gives nothing away either.
in_memory() {
  /usr/bin/python3 - "$pid" "$token" <<'PYTHON'
import sys
pid, token = sys.argv[1], sys.argv[2].encode()
try:
    memory = open(f"/proc/{pid}/mem", "rb", 0)
    maps = open(f"/proc/{pid}/maps").read().splitlines()
except OSError:
    sys.exit(1)
for line in maps:
    region, mode = line.split()[:2]
    begin, end = (int(n, 16) for n in region.split("-"))
    if not mode.startswith("rw"):
        continue
    memory.seek(begin)
    try:
        if token in memory.read(end - begin):
            sys.exit(0)
    except OSError:
        continue
sys.exit(1)
PYTHON
}

# looked_at WHAT: of the process in the background that has --output fifo.
looked_at() {
  pid=$!
  tap_pids="$tap_pids $pid"
  status=
  check "$1: comes to its end" within 20 is_at_end
  check_not "$1: not in the arguments" in_cmdline $token
  check_not "$1: not in the environment" in_environ $token
  if [ -x /usr/bin/python3 ]; then
    check_not "$1: not in memory" in_memory
  else
    skip "$1: not in memory" 'python3 is missing'
  fi
  exec 8<fifo 7>&-
  tr -d '\0' <&8 >"$out"
  exec 8<&-
  wait $pid
  fill
}
fill

"$tbdiag" roundtrip --token $token --output fifo $target 2>"$err" 7>&- &
looked_at '--token'
"$tbdiag" roundtrip --token-file file --output fifo $target 2>"$err" 7>&- &
looked_at '--token-file'
"$tbdiag" roundtrip --token - --output fifo $target 2>"$err" <file 7>&- &
looked_at '--token -'
"$tbdiag" roundtrip --username me --password $token --output fifo $target 2>"$err" 7>&- &
looked_at '--password'
TBDIAG_PASSWORD=$token
export TBDIAG_PASSWORD
"$tbdiag" roundtrip --username me --output fifo $target 2>"$err" 7>&- &
looked_at 'TBDIAG_PASSWORD'
"$tbdiag" roundtrip --token-file other --output fifo $target 2>"$err" 7>&- &
looked_at 'TBDIAG_PASSWORD that is not used'
unset TBDIAG_PASSWORD
TBDIAG_TOKEN=$token
export TBDIAG_TOKEN
"$tbdiag" roundtrip --output fifo $target 2>"$err" 7>&- &
looked_at 'TBDIAG_TOKEN'
"$tbdiag" roundtrip --token-file other --output fifo $target 2>"$err" 7>&- &
looked_at 'TBDIAG_TOKEN that is not used'
unset TBDIAG_TOKEN
exec 7>&-

# ---- the prompt -----------------------------------------------------------------------------------

# A FIFO that nobody writes to: what waits for it is not at fault when it is told to stop.
mkfifo nobody
env --default-signal=INT "$tbdiag" roundtrip --token-file nobody localhost >"$out" 2>"$err" &
pid=$!
tap_pids="$tap_pids $pid"
if within 20 grep -qE 'fifo|partner' /proc/$pid/wchan 2>/dev/null; then
  kill -INT $pid
  wait $pid
  status=$?
  check 'a FIFO, SIGINT: dies by it' status_is 130
  check 'a FIFO, SIGINT: says nothing' err_empty
else
  skip 'a FIFO, SIGINT' 'the kernel does not say what a process waits for'
  kill $pid
fi

# On a terminal that script(1) makes; what is written to descriptor 5 is typed. The shell on it reports
# the status and whether the terminal echoes.
ask() {
  rm -f typed
  mkfifo typed
  : >"$out" # now, and not when the background gets to it: what is awaited must be new
  cat >on-terminal <<SHELL
trap : INT
'$tbdiag' roundtrip --format json --system $* >answer.json
echo "status \$?"
stty -a | grep -o '[- ]echo ' | sed 's/^/terminal/'
echo finished
SHELL
  # A shell starts what is in the background with SIGINT ignored.
  env --default-signal=INT SHELL=/bin/sh script -qec 'sh on-terminal' /dev/null <typed >"$out" 2>"$err" &
  tap_pids="$tap_pids $!"
  exec 5>typed
}
answered() {
  check "$1: ends" within 20 out_has finished
  exec 5>&-
  check "$1: status" out_has "status $2"
  check "$1: the terminal echoes again" out_has 'terminal echo'
  check "$1: not shown on the terminal" silent
}
if command -v script >/dev/null; then
  ask $target
  check 'prompt: asks' within 20 out_has 'Access token'
  echo $token >&5
  answered 'prompt' 2
  check 'prompt: is the source' grep -qE '"source": "prompt"' answer.json

  ask --username me $target
  check 'prompt: asks for the password' within 20 out_has 'Password of the device'
  echo $token >&5
  answered 'prompt for the password' 2
  check 'prompt for the password: taken' grep -q '"is_password": true' answer.json

  ask $target
  within 20 out_has 'Access token'
  printf '\003' >&5
  answered 'prompt, SIGINT' 130

  ask $target
  within 20 out_has 'Access token'
  echo >&5
  answered 'prompt, nothing entered' 3

  ask ''
  check 'no target: asks for it' within 20 out_has 'ThingsBoard host'
  echo $target >&5
  check 'no target: asks for the token' within 20 out_has 'Access token'
  echo $token >&5
  answered 'no target' 2
else
  skip 'prompt' 'script(1) is missing'
fi

done_testing
