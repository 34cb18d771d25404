# Sourced by the benchmarks: a sandbox to measure against, the programs of the build tree.
# shellcheck shell=sh

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-.}" && pwd) || exit 3
[ -x "$build/tools/.libs/tbdiag-chain" ] || {
	echo "usage: $0 BUILD-DIRECTORY" >&2
	exit 3
}

# The programs themselves, not libtool's wrapper scripts.
LD_LIBRARY_PATH=$build/lib/.libs
TBDIAG_MODULE_DIR=$build/lib/.libs
export LD_LIBRARY_PATH TBDIAG_MODULE_DIR
tool=$build/tools/.libs
bench=$build/tests/bench
work=$(mktemp -d)
children=
trap 'kill $children 2>/dev/null; wait; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Starts the sandbox; its files are in $work/sandbox, its ports in $plain_port and $tls_port.
sandbox_start() {
	mkdir "$work/sandbox"
	mkfifo "$work/ready"
	"$build/tools/tbdiag" sandbox --dir "$work/sandbox" >"$work/ready" &
	children="$children $!"
	read -r ready <"$work/ready"
	plain_port=$(printf '%s' "$ready" | sed -n 's/.*"mqtt": *\([0-9]*\).*/\1/p')
	tls_port=$(printf '%s' "$ready" | sed -n 's/.*"mqtts": *\([0-9]*\).*/\1/p')
}

# wait_for_port PORT: until something listens there, 10 s at most.
wait_for_port() {
	tries=0
	until "$bench/bare-client" 127.0.0.1 "$1" localhost "$work/sandbox/ca.pem" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || exit 1
		sleep 0.1
	done
}
