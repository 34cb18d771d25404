#!/bin/sh
# SPDX-License-Identifier: MIT
#
# dtls.t - chains over DTLS: what is found, what is lost on the way, and what is not there.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# has_finding SEVERITY ID

# relay_start PORT RULE...: $relay is its port.
relay_start() {
  peer_start python udp-relay.py "$@"
  relay=$port
}

# json FIELD: of connection.datagrams in $out.
json() {
  /usr/bin/python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["connection"]["datagrams"][sys.argv[2]])' "$out" "$1"
}

sandbox_start
coaps=$(ready coaps)
run "$tbdiag" verify --ca-file "$sandbox_ca" "coaps://localhost:$coaps"
check 'a good chain' status_is 0
check 'a good chain: ca.ok' has_finding ok ca.ok
check 'a good chain: DTLS 1.2' out_has 'DTLS1.2 '
check 'a good chain: phases' grep -qE 'times +dns .*, udp .*, dtls ' "$out"
run "$tbdiag" chain --format json "coaps://127.0.0.1:$coaps"
check 'JSON: exit status' status_is 0
check 'JSON: fits the schema' out_fits_schema
check 'JSON: nothing was lost' test "$(json sent_again) $(json received_again)" = '0 0'
check 'JSON: datagrams were counted' test "$(json received)" -gt 4
check 'JSON: time for a late repeat' out_has '"timeout_ms": 40000'
run "$tbdiag" verify --ca-file "$sandbox_ca" --tls-version 1.3 "coaps://localhost:$coaps"
check 'there is no DTLS 1.3' status_is 3
check 'there is no DTLS 1.3: said' err_has 'only 1.2'
run "$tbdiag" chain "coaps://[::1]:$coaps"
check 'IPv6' status_is 0

run "$tbdiag" chain --keylog keys --resolve 127.0.0.2,127.0.0.1 "coaps://localhost:$coaps"
check 'the first address refuses: the second is used' status_is 0
check 'the first address refuses: the key log has the second session' grep -q ^CLIENT_RANDOM keys
# Sockets that nobody reads are silent.
mkfifo silent
/usr/bin/python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.2", int(sys.argv[1])))
print("bound", flush=True)
sys.stdin.read()' "$coaps" <&0 >silent &
silent_pid=$!
tap_pids="$tap_pids $silent_pid"
read -r _ <silent
begin=$(date +%s%3N)
run "$tbdiag" chain --timeout 2 --resolve 127.0.0.2,127.0.0.1 "coaps://localhost:$coaps"
took=$(($(date +%s%3N) - begin))
check 'the first address is silent: the second is used' status_is 0
check "the first address is silent: within --timeout ($took ms)" test "$took" -lt 2000
end_of "$silent_pid"

# ---- a way that loses what is large ---------------------------------------------------------------

relay_start "$coaps" larger=600
run "$tbdiag" verify --ca-file "$sandbox_ca" --timeout 2 "coaps://localhost:$relay"
check 'MTU black hole: the second try asks for small datagrams' status_is 1
check 'MTU black hole: found' has_finding warning tls.datagram-lost
check 'MTU black hole: verified all the same' has_finding ok ca.ok
check 'MTU black hole: said' out_has 'large datagrams of '
check 'MTU black hole: fix' out_has 'ping -c 1 -M do'
peer_stop

relay_start "$coaps" larger=400
run "$tbdiag" verify --ca-file "$sandbox_ca" --timeout 1 --format json "coaps://127.0.0.1:$relay"
check 'a smaller hole: exit status' status_is 2
check 'a smaller hole: tls.timeout' out_has '"id": "tls.timeout"'
check 'a smaller hole: fits the schema' out_fits_schema
check 'a smaller hole: largest' test "$(json largest_received)" -le 400
peer_stop

relay_start "$coaps" stray
run "$tbdiag" verify --ca-file "$sandbox_ca" "coaps://127.0.0.1:$relay"
check 'datagrams of another address do not matter' status_is 0
peer_stop
sandbox_stop

for fault in leaf-only:ca.missing-intermediate self-signed:ca.self-signed expired:time.expired \
  wrong-host:name.mismatch other-root:ca.wrong-root; do
  sandbox_start --chain "${fault%:*}"
  run "$tbdiag" verify --ca-file "$sandbox_ca" "coaps://localhost:$(ready coaps)"
  check "${fault%:*}: exit status" status_is 2
  check "${fault%:*}: ${fault#*:}" has_finding critical "${fault#*:}"
  sandbox_stop
done

# ---- nothing there --------------------------------------------------------------------------------

run "$tbdiag" chain --timeout 20 "coaps://127.0.0.1:$coaps"
check 'nobody listens: exit status' status_is 2
check 'nobody listens: ICMP says so' has_finding critical tcp.refused
check 'nobody listens: setting' out_has 'COAP_DTLS_ENABLED=true'

sandbox_start --fault coap-silent
run "$tbdiag" chain --timeout 1.5 "coaps://127.0.0.1:$(ready coaps)"
check 'silence: exit status' status_is 2
check 'silence: tls.timeout' has_finding critical tls.timeout
check 'silence: was asked again' out_has 'answered none of 2 datagrams'
sandbox_stop

# A server that is only at 127.0.0.1, by a name that has two addresses: ::1 is tried, and refuses.
# It also repeats what is lost.
command -v gnutls-serv >/dev/null || {
  skip 'a server that repeats' 'no gnutls-serv (package gnutls-bin)'
  done_testing
}
certtool --generate-privkey --key-type ecdsa --outfile key.pem 2>/dev/null
printf 'cn = localhost\ndns_name = localhost\nip_address = 127.0.0.1\ntls_www_server\n' >template
certtool --generate-self-signed --load-privkey key.pem --template template --outfile cert.pem 2>/dev/null

# serv_start: $serv_port; it serves one client at a time.
serv_start() {
  serv_port=$(/usr/bin/python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
  rm -f serv
  mkfifo serv
  gnutls-serv --udp --echo --mtu 400 -p "$serv_port" --x509certfile cert.pem --x509keyfile key.pem \
    >serv 2>&1 &
  serv_pid=$!
  tap_pids="$tap_pids $serv_pid"
  # The rest of what it says must go somewhere.
  sed -n '/listening/q' <serv
  cat <serv >/dev/null &
  tap_pids="$tap_pids $!"
}

# lost WHAT RULE FIELD: after this loss the handshake goes well, and the repeat was counted.
lost() {
  serv_start
  relay_start "$serv_port" "$2"
  run "$tbdiag" chain --format json "coaps://127.0.0.1:$relay"
  check "$1: exit status" status_is 1
  check "$1: tls.datagram-lost" out_has '"id": "tls.datagram-lost"'
  check "$1: counted" test "$(json "$3")" -gt 0
  check "$1: it was not for the size" test "$(json small)" = False
  peer_stop
  end_of "$serv_pid"
}
lost 'our first datagram is lost' up=1 sent_again
lost 'our last flight is lost' up=3 sent_again
lost 'a part of the flight of the server is lost' down=2 received_again

done_testing
