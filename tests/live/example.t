#!/bin/sh
# SPDX-License-Identifier: MIT
#
# example.t - the example of libtbdiag(3) was compiled as C99 and does what the page says.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
example=$abs_top_builddir/tests/live/example

run "$example"
check 'no arguments: exit status' status_is 1
check 'no arguments: usage' err_has 'Usage: example'

run "$example" 'user@host' ca.pem
check 'bad target: exit status' status_is 1
check 'bad target: the library says why' test -s "$err"

run "$example" 127.0.0.1 no-such-file.pem
check 'no CA file: exit status' status_is 1
check 'no CA file: the library names it' err_has no-such-file.pem

# Port 1 of the loopback interface: nobody listens there.
: >empty.pem
run "$example" 127.0.0.1:1 empty.pem
check 'refused: exit status' status_is 1
check 'refused: a finding' out_has 'critical: tcp.refused: '
check 'refused: its fix' out_has 'MQTT_SSL_'
check 'refused: no error' err_empty

done_testing
