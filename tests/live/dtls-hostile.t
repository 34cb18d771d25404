#!/bin/sh
# SPDX-License-Identifier: MIT
#
# dtls-hostile.t - servers over UDP that mean no good: each ends in a finding, in time and in bounded memory.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

# meets KIND FINDING TEXT: what it ends in, and a part of its text.
meets() {
  peer_start python dtls-peer.py "$1"
  run_measured "$tools/tbdiag-chain" --timeout 1 "coaps://127.0.0.1:$port"
  check "$1: exit status" status_is 2
  check "$1: $2" has_finding critical "$2"
  check "$1: said" out_has "$3"
  check "$1: in time ($took ms)" test "$took" -lt 2000
  if sanitized; then
    skip "$1: memory" 'the sanitizers give nothing back'
  else
    check "$1: in bounded memory ($peak KiB)" test "$peak" -lt $((20 * 1024))
  fi
  check "$1: stderr is empty" err_empty
  check_not "$1: nothing controls the terminal" grep -q "$(printf '\033')" "$out"
  peer_stop
}

# ---- without end -----------------------------------------------------------------------------------

meets certificate-16mb tls.other-protocol 'The handshake data size is too large'
meets overlapping tls.other-protocol 'broke off'
# On a busy machine the time may be over first.
for kind in endless-hello endless-verify; do
  meets $kind 'tls.(other-protocol|timeout)' 127.0.0.1
done
meets endless-ccs tls.other-protocol 'Too many handshake packets'
meets endless-warnings tls.other-protocol 'broke off'
meets endless-garbage tls.other-protocol 'does not speak TLS'
meets verify-again tls.other-protocol 'HelloVerifyRequest'

# ---- what is no DTLS, or does not hold together ----------------------------------------------------

meets garbage tls.other-protocol 'SSH-2.0-\x1b[31mred'
meets alert tls.cipher '(handshake_failure)'
meets close-notify tls.closed 'close_notify'
meets long-record tls.timeout 'came to no end'
meets lying-fragment tls.timeout 'came to no end'
meets bad-hello tls.other-protocol 'broke off'
meets empty tls.timeout 'UDP is filtered, or no DTLS is'

done_testing
