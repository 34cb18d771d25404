#!/bin/sh
# SPDX-License-Identifier: MIT
#
# explain.t - what devices, libraries and servers print is recognised, and nothing is known of ordinary lines.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

data=$abs_top_srcdir/tests/data/decoder
feed() { run /usr/bin/python3 "$abs_top_srcdir/tests/live/explain.py" "$tools/tbdiag-explain" "$1" "$data/$1.tsv"; }
# at_least WHAT COUNT: "WHAT: RIGHT of ALL" says so.
at_least() { test "$(sed -n "s/^$1: \([0-9]*\) of .*/\1/p" "$out")" -ge "$2"; }

# explained CAUSE TEXT...: the cause comes first.
explained() {
  cause=$1
  shift
  run "$tbdiag" explain --format json -- "$@"
  check "explain $*: exit status" status_is 0
  check "explain $*: $cause" test "$(sed -n 's/^ *"cause": "\(.*\)",/\1/p' "$out" | head -n 1)" = "$cause"
}
explained wrong-ca -0x2700
explained wrong-ca -9984
explained wrong-ca '(-9984) X509 - Certificate verification failed'
explained wrong-ca 'ret = 0xffffd900 mbedtls_ssl_handshake'
explained missing-intermediate 'verify error:num=20'
explained wrong-ca 0x801a
explained wrong-ca '+CMQTTCONNECT: 0,32'
explained token rc=5
explained wrong-ca 'Received fatal alert: unknown_ca'
explained wrong-ca BearSSL 62
explained cipher 'TLS connection error: 296'

feed cases
check 'the right case comes first' at_least verbatim 70
check 'the right case comes first in a log' at_least 'in a log' 70
feed clients
check 'the fault of what real clients print is among the first three' at_least 'first three' 663

done_testing
