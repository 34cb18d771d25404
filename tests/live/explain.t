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
  run "$tbdiag" explain --format json "$@"
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

# Small numbers are anybody's.
for number in 5 62 -2; do
  run "$tbdiag" explain "$number"
  check "explain $number: exit status" status_is 1
  check "explain $number: asks whose it is" err_has 'name it'
done

# ---- what is done instead of being said ---------------------------------------------------------

explained silent --client mosquitto_pub --hangs
explained accepted --client coap-client --silent
explained expired --client mqtt.js --reconnects 'Error: certificate has expired'

# ---- collections -----------------------------------------------------------------------------------

feed cases
check 'the right case comes first' at_least verbatim 74
check 'the right case comes first in a log' at_least 'in a log' 74
feed clients
check 'the fault of what real clients print is among the first three' at_least 'first three' 690
feed others
check 'other versions and makes: the cause comes first' at_least first 240
check 'other versions and makes: it is among the first three' at_least 'first three' 247
feed negative
check 'nothing is known of ordinary lines' at_least 'nothing known' "$(grep -vc '^# ' "$data/negative.tsv")"

# ---- logs --------------------------------------------------------------------------------------------

grep -v '^# ' "$data/negative.tsv" >ordinary.log
run "$tbdiag" explain --log ordinary.log
check 'nothing is known of an ordinary log: exit status' status_is 1
check 'nothing is known of an ordinary log: stdout' out_empty
{
  cat ordinary.log
  echo "mosquitto_pub -u S3cr3tT0k3n -h tb.example.com: certificate has expired"
  echo 'POST /api/v1/S3cr3tT0k3n/telemetry returned -0x2700 with mbedtls, token=S3cr3tT0k3n: 401 Unauthorized'
  printf 'x509: certificate is valid for \033[2J\302\205evil, not other\n'
} >faulty.log
lines=$(wc -l <ordinary.log)
run "$tbdiag" explain --log faulty.log
check 'a log: exit status' status_is 0
check 'a log: the line is named' out_has "line $((lines + 1)): certificate has expired"
check 'a log: another one' out_has "line $((lines + 2)):"
check_not 'a log: no token is repeated' out_has S3cr3tT0k3n
check_not 'a log: nothing commands the terminal' grep -q "$(printf '\033')" "$out"
run "$tbdiag" explain --log faulty.log --format json
check_not 'a log as JSON: no token is repeated' out_has S3cr3tT0k3n
check 'a log as JSON: is JSON' /usr/bin/python3 -m json.tool "$out" /dev/null
run sh -c '"$1" explain --log - <faulty.log' sh "$tbdiag"
check 'a log from standard input' out_has "line $((lines + 1)): certificate has expired"
run "$tbdiag" explain --log nowhere.log
check 'no log: exit status' status_is 3
check 'no log: stderr' err_has 'nowhere.log: No such file'

# Of any size, and with lines that do not end.
i=0
while test "$i" -lt 1000; do
  cat ordinary.log
  i=$((i + 1))
done >large.log
cat faulty.log >>large.log
run_measured "$tools/tbdiag-explain" --log large.log
check 'a large log: the line is named' out_has "line $((lines * 1001 + 1)):"
check 'a large log: memory' test "$peak" -le 65536
{
  tr '\n' ' ' <large.log
  printf 'unable to get local issuer certificate'
} >endless.log
run_measured "$tools/tbdiag-explain" --log endless.log
check 'an endless line: what stands at its end' out_has 'line 1: unable to get local issuer certificate'
check 'an endless line: memory' test "$peak" -le 65536

done_testing
