# SPDX-License-Identifier: MIT
#
# tap.sh - sourced by the shell tests: runs a command with status, stdout and stderr apart, and prints TAP.
# A test ends with `done_testing`. Alone: abs_top_builddir=$PWD/build tests/live/NAME.t

set -u
LC_ALL=C
export LC_ALL
unset NO_COLOR TBDIAG_TARGET TBDIAG_TOKEN 2>/dev/null

: "${abs_top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${abs_top_builddir:=$abs_top_srcdir/build}"
: "${TBDIAG_MODULE_DIR:=$abs_top_builddir/lib/.libs}"
# What is tested does not depend on which TLS stacks there are; the tests of those name the place.
TBDIAG_STACK_DIR=/nonexistent
export TBDIAG_MODULE_DIR TBDIAG_STACK_DIR
tools=$abs_top_builddir/tools
tbdiag=$tools/tbdiag

# A directory of this test alone; it is gone at the end, and so are the processes in $tap_pids.
tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/tbdiag-test.XXXXXX") || exit 99
tap_pids=
tap_clean() {
  for tap_pid in $tap_pids; do
    kill "$tap_pid" 2>/dev/null
    wait "$tap_pid" 2>/dev/null
  done
  rm -rf "$tap_dir"
}
trap tap_clean EXIT
trap 'exit 99' HUP INT TERM
cd "$tap_dir" || exit 99
out=$tap_dir/.out
err=$tap_dir/.err

# end_of PID [SIGNAL]: end a process of $tap_pids; its status is in $ended.
end_of() {
  kill -"${2:-TERM}" "$1"
  wait "$1" 2>/dev/null
  ended=$?
  tap_pids=" $tap_pids "
  tap_pids="${tap_pids%% "$1" *} ${tap_pids#* "$1" }"
}

# peer_start COMMAND...: a peer in the background that says its port first: $port, and $peer_pid. It ends by
# peer_stop, or with the test.
tap_peers=0
peer_start() {
  tap_peers=$((tap_peers + 1))
  mkfifo "$tap_dir/.peer$tap_peers"
  "$@" >"$tap_dir/.peer$tap_peers" &
  peer_pid=$!
  tap_pids="$tap_pids $peer_pid"
  read -r port <"$tap_dir/.peer$tap_peers"
}
peer_stop() { end_of "$peer_pid"; }

# python NAME ARGUMENT...: a peer that is written in Python.
python() {
  tap_script=$abs_top_srcdir/tests/peers/$1
  shift
  exec /usr/bin/python3 "$tap_script" "$@"
}

# Run a command: $status, and the files $out and $err.
run() {
  "$@" >"$out" 2>"$err" </dev/null
  status=$?
}

tap_count=0
tap_failed=0

pass() {
  tap_count=$((tap_count + 1))
  echo "ok $tap_count - $1"
}

# What was seen goes along, as a TAP comment.
fail() {
  tap_count=$((tap_count + 1))
  tap_failed=$((tap_failed + 1))
  echo "not ok $tap_count - $1"
  echo "# status: ${status-none}"
  # awk ends the last line, whether or not the program did.
  [ ! -f "$out" ] || head -n 40 "$out" | awk '{ print "# stdout: " $0 }'
  [ ! -f "$err" ] || head -n 40 "$err" | awk '{ print "# stderr: " $0 }'
}

# check WHAT COMMAND...: the command has to succeed.
check() {
  tap_what=$1
  shift
  if "$@"; then pass "$tap_what"; else fail "$tap_what"; fi
}

# check_not WHAT COMMAND...: the command has to fail.
check_not() {
  tap_what=$1
  shift
  if "$@"; then fail "$tap_what"; else pass "$tap_what"; fi
}

skip() {
  tap_count=$((tap_count + 1))
  echo "ok $tap_count - $1 # SKIP $2"
}

# Run a command as `run` does; how long it took, in ms, is in $took, and its memory at its peak, in KiB, in $peak.
run_measured() {
  tap_begin=$(date +%s%3N)
  run /usr/bin/python3 -c '
import resource, subprocess, sys
status = subprocess.run(sys.argv[2:]).returncode
with open(sys.argv[1], "w") as file:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=file)
sys.exit(status if status >= 0 else 128 - status)' "$tap_dir/.peak" "$@"
  took=$(($(date +%s%3N) - tap_begin))
  peak=$(cat "$tap_dir/.peak")
}

# This build has sanitizers, which need memory of their own.
sanitized() { grep -q '^TBD_SANITIZE_CFLAGS = *-f' "$abs_top_builddir/Makefile"; }

# Conditions for check and check_not.
status_is() { [ "$status" -eq "$1" ]; }
out_has() { grep -qF -e "$1" "$out"; }
# has_finding SEVERITY ID: a text report says so, of whichever host.
has_finding() { grep -qE "^( +therefore )?$1  $2(  |\$)" "$out"; }
err_has() { grep -qF -e "$1" "$err"; }
out_line() { grep -qxF -e "$1" "$out"; }
out_empty() { [ ! -s "$out" ]; }
err_empty() { [ ! -s "$err" ]; }

# The report or set in $out fits its schema; without python3-jsonschema it only has to be JSON.
out_fits_schema() {
  /usr/bin/python3 - "$out" "$abs_top_builddir/tools/schema" <<'PYTHON'
import json, pathlib, sys
with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
try:
    import jsonschema
except ImportError:
    sys.exit(0)
path = pathlib.Path(sys.argv[2], report["schema"].split("/")[0] + ".schema.json")
schema = json.loads(path.read_text(encoding="utf-8"))
jsonschema.Draft202012Validator(schema).validate(report)
PYTHON
}

done_testing() {
  echo "1..$tap_count"
  [ "$tap_failed" -eq 0 ]
  exit
}
