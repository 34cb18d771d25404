# SPDX-License-Identifier: MIT
#
# sandbox.sh - sourced after tap.sh by tests that need a sandbox.

sandbox_count=0

# What a text report says first: the worst. That a certificate is asked for goes for every ThingsBoard.
first_finding() { sed -nE '/tls[.]client-cert-wanted/d; s/^(ok|info|warning|critical)  ([a-z0-9-]+\.[a-z0-9-]+)(  .*)?$/\2/p' "$out" | head -n 1; }

# The value of a key of the ready line.
ready() {
  sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$sandbox_line"
}

# sandbox_start OPTION...: start a sandbox and read its ready line; sets what most tests use. Its stderr goes
# to $sandbox_err. Fails when it ends instead.
sandbox_start() {
  sandbox_count=$((sandbox_count + 1))
  sandbox_line=$tap_dir/.ready$sandbox_count
  sandbox_err=$tap_dir/.sandbox$sandbox_count
  mkfifo "$tap_dir/.fifo$sandbox_count"
  # Signals that whoever runs the tests ignores would be ignored by it, too.
  env --default-signal "$tools/tbdiag-sandbox" "$@" >"$tap_dir/.fifo$sandbox_count" 2>"$sandbox_err" </dev/null &
  sandbox_pid=$!
  tap_pids="$tap_pids $sandbox_pid"
  # Comes to an end when a line was written or when the sandbox has ended.
  head -n 1 <"$tap_dir/.fifo$sandbox_count" >"$sandbox_line"
  sandbox_port=$(ready mqtt)
  sandbox_tls_port=$(ready mqtts)
  sandbox_dir=$(ready dir)
  sandbox_ca=$(ready ca_file)
  sandbox_token_file=$(ready token_file)
  sandbox_password_file=$(ready password_file)
  [ -n "$sandbox_port" ]
}

# sandbox_stop [SIGNAL]: its status is in $status.
sandbox_stop() {
  end_of "$sandbox_pid" "${1:-TERM}"
  status=$ended
}
