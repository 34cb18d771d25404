#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sandbox.t - the sandbox's life: ready line, files, ports, signals, and what stays behind (nothing).
. "${abs_top_srcdir:-$(dirname "$0")/../../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

TMPDIR=$tap_dir/tmp
export TMPDIR
mkdir "$TMPDIR"

json_is_valid() {
  /usr/bin/python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$1"
}
# Ends, at most after 10 s, with the last process that has this number; a zombie is none any more.
process_ends() {
  /usr/bin/python3 - "$1" <<'END'
import os, select, sys, signal
try:
    fd = os.pidfd_open(int(sys.argv[1]))
except ProcessLookupError:
    sys.exit(0)
sys.exit(not select.select([fd], [], [], 10)[0])
END
}
port_is_free() {
  /usr/bin/python3 -c '
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))' "$1"
}
mode_is() { [ "$(stat -c %a "$2")" = "$1" ]; }
is_empty() { [ -z "$(ls -A "$1")" ]; }
certificates() { grep -c 'BEGIN CERTIFICATE' "$1"; }

# ---- ready line and files

check 'starts' sandbox_start
check 'the ready line is JSON' json_is_valid "$sandbox_line"
check 'it names the process' test "$(ready pid)" = "$sandbox_pid"
check 'ca.pem: mode' mode_is 644 "$sandbox_ca"
check 'ca.pem: the root' test "$(certificates "$sandbox_ca")" = 1
check 'server-chain.pem: leaf and intermediate' test "$(certificates "$(ready chain_file)")" = 2
check 'token: mode' mode_is 600 "$sandbox_token_file"
check 'token: 20 letters and digits' grep -qxE '[A-Za-z0-9]{20}' "$sandbox_token_file"
check 'password: mode' mode_is 600 "$sandbox_password_file"
check 'the directory is private' mode_is 700 "$sandbox_dir"
check 'no key is on the disk' test "$(grep -l PRIVATE "$sandbox_dir"/*)" = ''
broker=$(ready broker_pid)
port=$sandbox_port
sandbox_stop TERM
check 'SIGTERM: dies by it' status_is 143
check 'SIGTERM: no files stay' is_empty "$TMPDIR"
check 'SIGTERM: no broker stays' process_ends "$broker"
check 'SIGTERM: the port is free again' port_is_free "$port"
check 'SIGTERM: stderr is empty' test ! -s "$sandbox_err"

check 'starts again' sandbox_start
sandbox_stop HUP
check 'SIGHUP: dies by it' status_is 129
check 'SIGHUP: no files stay' is_empty "$TMPDIR"

check 'starts to be killed' sandbox_start
broker=$(ready broker_pid)
sandbox_stop KILL
check 'SIGKILL: the broker dies, too' process_ends "$broker"
rm -r "$sandbox_dir"

check 'starts to lose its broker' sandbox_start
kill "$(ready broker_pid)"
wait "$sandbox_pid"
status=$?
check 'broker ends: exit status' status_is 3
check 'broker ends: it is said' grep -q 'mosquitto has ended' "$sandbox_err"
check 'broker ends: no files stay' is_empty "$TMPDIR"

# ---- --rpc

for value in x '[]' '{"params":{}}' '{"method":1}'; do
  run "$tools/tbdiag-sandbox" --rpc "$value"
  check "--rpc $value: exit status" status_is 3
  check "--rpc $value: it is explained" err_has "option '--rpc' wants"
done

# ---- --dir, --token

mkdir there
echo mine >there/other
check 'starts in a directory that is there' sandbox_start --dir there --token A1_TEST_TOKEN -v
check 'its name is absolute' test "$sandbox_dir" = "$(pwd -P)/there"
check 'the token that was given' test "$(cat there/token)" = A1_TEST_TOKEN
check 'the chain that was given' test "$(ready chain)" = complete
run "$tools/tbdiag-sandbox" --dir there
check 'a file is there already: exit status' status_is 3
check 'a file is there already: it is named' err_has 'there/ca.pem: File exists'
check 'a file is there already: it stays' test -s there/ca.pem
/usr/bin/python3 "$abs_top_srcdir/tests/live/paho-example.py" localhost "$sandbox_tls_port" "$sandbox_ca" \
  A1_TEST_TOKEN >/dev/null
sandbox_stop
check 'only what is ours is removed' test "$(ls there)" = other
check '-v tells what a device did' grep -q 'PUBLISH v1/devices/me/telemetry: accepted' "$sandbox_err"
check_not '-v does not tell its token' grep -q A1_TEST_TOKEN "$sandbox_err"

check 'starts in a directory that is not there' sandbox_start --dir new
check 'made private' mode_is 700 new
sandbox_stop
check 'and removed' test ! -e new

check 'starts in a directory that it makes' sandbox_start --dir new
touch new/other
sandbox_stop
check 'which stays when something else is in it' test "$(ls new)" = other

# ---- chains

for chain in leaf-only:1 self-signed:1 expired:2 not-yet-valid:2 wrong-host:2 other-root:2 wrong-order:3 \
  expired-intermediate:2; do
  check "--chain ${chain%:*} starts" sandbox_start --chain "${chain%:*}"
  check "--chain ${chain%:*}: certificates" test "$(certificates "$(ready chain_file)")" = "${chain#*:}"
  sandbox_stop
done

# ---- what does not work

fails() {
  what=$1 text=$2
  shift 2
  run "$tools/tbdiag-sandbox" "$@"
  check "$what: exit status" status_is 3
  check "$what: stdout is empty" out_empty
  check "$what: it is explained" err_has "$text"
  check "$what: no files stay" is_empty "$TMPDIR"
}

check 'starts for a port to be taken' sandbox_start --dir taken
fails 'taken port' "port $sandbox_port: Address already in use" --port "$sandbox_port"
fails 'taken TLS port' "port $sandbox_tls_port: Address already in use" --tls-port "$sandbox_tls_port"
port=$sandbox_port
sandbox_stop
check 'starts on the port, now free' sandbox_start --port "$port"
check 'it is the port' test "$sandbox_port" = "$port"
sandbox_stop

fails 'no mosquitto' 'install the Debian package mosquitto' --mosquitto /nonexistent/mosquitto
fails 'a broker that ends at once' '/bin/false has ended' --mosquitto /bin/false
run env TBDIAG_MODULE_DIR=/nonexistent "$tools/tbdiag-sandbox"
check 'no plugin: exit status' status_is 3
check 'no plugin: it is explained' err_has 'sandbox-mosquitto.so is not in /nonexistent'
fails 'unknown chain' 'wants one of: complete, leaf-only' --chain broken
fails 'bad port' 'wants a port' --port 0
fails 'bad token' 'printable ASCII' --token 'a b'
fails 'long token' '1 to 32' --token 123456789012345678901234567890123
fails 'bad JSON' 'wants a JSON object' --shared '[]'
fails 'same port twice' 'already in use' --port "$port" --tls-port "$port"
fails 'directory that cannot be made' 'nonexistent/dir: No such file' --dir /nonexistent/dir
fails 'directory that is a file' 'Not a directory' --dir there/other

"$tools/tbdiag-sandbox" >/dev/full 2>"$err"
status=$?
check 'full disk: exit status' status_is 3
check 'full disk: it is said' err_has 'No space left'
check 'full disk: no files stay' is_empty "$TMPDIR"

done_testing
