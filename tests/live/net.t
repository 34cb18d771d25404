#!/bin/sh
# SPDX-License-Identifier: MIT
#
# net.t - each finding of the stages resolve and connect: text, JSON and exit status.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

# said WHAT SEVERITY ID COMMAND...: what a tool says, in text and JSON, within its deadline and a bit.
said() {
  what=$1 severity=$2 id=$3
  shift 3
  run timeout 20 "$@"
  check "$what: exit status" status_is 2
  check "$what: $id" out_has "$severity  $id"
  check "$what: stderr is empty" err_empty
  cp "$out" text
  run timeout 20 "$@" --format json
  check "$what, JSON: exit status" status_is 2
  check "$what, JSON: fits the schema" out_fits_schema
  check "$what, JSON: $id" out_has "\"id\": \"$id\""
  run "$tbdiag" explain "$id"
  check "explain $id" status_is 0
}

# ---- resolve: glibc knows no way to be told another server, so its call is replaced ------------------

preload="env LD_PRELOAD=$abs_top_builddir/tests/.libs/resolver.so ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS-}"

# shellcheck disable=SC2086
{
  said 'no such name' critical dns.not-found \
    $preload TEST_RESOLVER=no-name "$tbdiag" chain mqtt.thingsbord.cloud
  check 'no such name: the host it looks like' grep -q 'mqtt\.thingsboard\.cloud' text
  said 'no IPv6 address' critical dns.no-address \
    $preload TEST_RESOLVER=no-ipv6 "$tbdiag" verify -6 tb.example.com
  said 'no answer of the DNS' critical dns.timeout \
    $preload TEST_RESOLVER=fails "$tbdiag" chain tb.example.com
  said 'a silent resolver' critical dns.timeout \
    $preload TEST_RESOLVER=silent "$tbdiag" chain --timeout 0.3 tb.example.com
}

# ---- connect ----------------------------------------------------------------------------------------

# A multicast address has no route for TCP: the kernel says so, and nothing is sent.
said 'no route' critical tcp.unreachable "$tbdiag" chain 224.0.0.1

# A socket that behaves so: full, closed, resets.
cat >listener.py <<'PYTHON'
import signal, socket, struct, sys
listener = socket.create_server(("127.0.0.1", 0), backlog=0)
port = listener.getsockname()[1]
waiting = []
if sys.argv[1] == "full":
    # Once the queue is full the kernel drops each SYN, as a firewall does.
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", port))
        waiting.append(client)
elif sys.argv[1] == "closed":
    listener.close()
print(port, flush=True)
while sys.argv[1] == "resets":
    peer, _ = listener.accept()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
signal.pause()
PYTHON
listener() { peer_start /usr/bin/python3 listener.py "$1"; }

listener full
said 'SYN is dropped' critical tcp.timeout "$tbdiag" chain --timeout 0.5 "127.0.0.1:$port"
peer_stop
listener closed
said 'nothing listens' critical tcp.refused "$tbdiag" verify "127.0.0.1:$port"
peer_stop
listener resets
said 'reset at once' critical tcp.reset "$tbdiag" chain "127.0.0.1:$port"
peer_stop

# ---- input ------------------------------------------------------------------------------------------

run "$tbdiag" chain 'mqtts://token@host'
check 'no target: a usage error' status_is 3
check 'no target: which finding' err_has '(input.bad-target)'
check 'no target: says the accepted forms' err_has 'HOST'
check 'no target: no report' out_empty

done_testing
