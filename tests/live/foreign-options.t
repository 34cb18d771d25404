#!/bin/sh
# SPDX-License-Identifier: MIT
#
# foreign-options.t - options as mosquitto_pub, openssl, curl and gnutls-cli call them are understood, or answered with the
# right word; they never become a green test of nothing.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

# Nothing listens there: a connection that is tried ends with 2.
dead=127.0.0.1:1
cp "$abs_top_srcdir"/tests/data/fixtures/*.pem .
printf 'sesame' >token

# dialled WHAT TARGET OPTION...: verify takes these options, and has dialled.
dialled() {
  what=$1 target=$2
  shift 2
  run "$tbdiag" verify --format json "$@"
  check "$what: exit status" status_is 2
  check "$what: target" out_has "\"url\": \"mqtts://$target\""
}

# told WHAT TEXT COMMAND...: exit 3, nothing on stdout, and the text on stderr.
told() {
  what=$1 text=$2
  shift 2
  run "$tbdiag" "$@"
  check "$what: exit status" status_is 3
  check "$what: no output" out_empty
  check "$what: the right word" err_has "$text"
  check_not "$what: no argument is repeated" err_has PW99
}

# ---- the target -------------------------------------------------------------------------------------

dialled 'newcomer-A4 -h HOST:PORT' $dead -h $dead
dialled 'newcomer-A4 -h HOST -p PORT' $dead -h 127.0.0.1 -p 1
dialled 'newcomer-A4 -p PORT before -h HOST' $dead -p1 -h 127.0.0.1
dialled 'newcomer-A4 HOST -p PORT' $dead 127.0.0.1 -p 1
dialled 'newcomer-A5 --host HOST --port PORT' $dead --host 127.0.0.1 --port=1
dialled 'newcomer-A5 a port behind an IPv6 address' '[::1]:1' -h ::1 -p 1
dialled 'newcomer-A5 a port behind a URL' $dead mqtts://127.0.0.1 -p 1
dialled 'newcomer-A5 -connect' $dead -connect $dead
dialled 'newcomer-A5 --connect' $dead --connect=$dead
told 'newcomer-A4 -h behind the target' "'-h' wants an argument" verify localhost -h
told 'newcomer-A4 -h before an option' "'-h' wants an argument" verify -h --system
told 'newcomer-A4 -h among letters' "'-h' stands alone" verify -vh localhost
told 'newcomer-A4 -h of a command without target' "'-h' stands alone" explain -h ca.ok
told 'two ports' 'two ports were given' verify localhost:8883 -p 1
told 'a port twice' 'two ports were given' verify localhost -p 1 -p 2
told 'a port alone' 'TARGET is HOST:8883' verify -p 8883
told 'a port that is none' 'the port is not a number' verify localhost -p PW99
told 'two targets' 'too many operands' verify -h one two
for help in -h --help; do
  run "$tbdiag" verify $help
  check "$help alone is help" status_is 0
  check "$help alone: shown" out_has 'Usage: tbdiag verify'
done
run "$tbdiag" verify localhost --help
check '--help is help anywhere' status_is 0

for scheme in ssl:mqtts tls:mqtts SSL:mqtts tcp:mqtt; do
  run "$tbdiag" roundtrip --format json --token-file token "${scheme%:*}://$dead"
  check "newcomer-B4 ${scheme%:*}:// is ${scheme#*:}://" out_has "\"url\": \"${scheme#*:}://$dead\""
  check "newcomer-B4 ${scheme%:*}://: dialled" status_is 2
done
run "$tbdiag" verify --format json ssl://localhost
check 'newcomer-B4 ssl:// has the port of mqtts' out_has '"url": "mqtts://localhost:8883"'
told 'a scheme of nobody' 'unknown scheme "gopher"' verify gopher://localhost
told 'newcomer-B4 a dash is no host' "'--chain-file -' reads a chain" verify -

# ---- trust and TLS ----------------------------------------------------------------------------------

# same WHAT OPTION...: judged as with our own words.
judge() { "$tbdiag" verify --chain-file full.pem --at 2026-06-01 -v "$@" mqtt.example.com; }
mkdir store
cp root.pem "store/$(openssl x509 -hash -noout -in root.pem).0"
judge --ca-file root.pem >by-file
judge --ca-path store >by-path
same() {
  what=$1 as=$2
  shift 2
  run judge "$@"
  check "newcomer-A5 $what: exit status" status_is 0
  check "newcomer-A5 $what: the same" cmp -s "$as" "$out"
}
for option in --cafile --CAfile -CAfile --cacert --x509cafile; do
  same "$option" by-file $option root.pem
done
same '--cacert=' by-file --cacert=root.pem
for option in --capath --CApath -CApath; do
  same "$option" by-path $option store
done
for option in -servername --servername; do
  run "$tbdiag" verify --format json $option other.example $dead
  check "newcomer-A5 $option" status_is 2
done
run judge --ca-file root.pem --json
check 'newcomer-A5 --json' out_has '"schema": "tbdiag-report/1"'
run "$tbdiag" report --format json $dead --CAfile root.pem
check 'newcomer-A5 the command line is shown as it was written' out_has '"--CAfile"'

told 'newcomer-A5 --cacert of a command without CAs' "is '--ca-file' of other subcommands" explain --cacert root.pem
told 'newcomer-A5 -k' '--insecure' roundtrip -k localhost
told 'newcomer-A5 -k of verify' "is '--insecure' of other subcommands" verify -k localhost
told 'newcomer-A5 -d' 'is here: -v' verify -d localhost
told 'newcomer-A5 --tls-max' '--tls-version 1.2|1.3' verify --tls-max 1.2 localhost
told 'openssl: one dash' "did you mean '--cert'" verify -cert root.pem localhost

# ---- secrets ----------------------------------------------------------------------------------------

told 'newcomer-A4 -u TOKEN' '--token-file FILE, or the variable TBDIAG_TOKEN' roundtrip -h localhost -p 8883 -u PW99
told 'newcomer-A4 -uTOKEN' '--token-file FILE' roundtrip localhost -uPW99
told 'newcomer-A5 --access-token' '--token-file FILE' roundtrip --access-token PW99 localhost
told 'newcomer-A5 --access-token=' '--token-file FILE' report --access-token=PW99 localhost
told 'newcomer-A5 -P' '--password-file FILE' roundtrip --username me -P PW99 localhost
told 'newcomer-A4 -u of verify' "is '--token-file' of other subcommands" verify -u PW99 localhost

# Own letters are not taken away.
if [ -x "$tools/tbdiag-sandbox" ]; then
  run "$tbdiag" sandbox -p nothing
  check 'the letters of a command are its own' err_has "'--port' wants a port"
fi

done_testing
