#!/bin/sh
# SPDX-License-Identifier: MIT
#
# options.t - the dispatcher, --help, wrong options, and the man pages' completeness.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

# usage_error WHAT TEXT COMMAND...: exit 3, nothing on stdout, TEXT on stderr.
usage_error() {
  what=$1 text=$2
  shift 2
  run "$@"
  check "$what: exit status" status_is 3
  check "$what: stdout is empty" out_empty
  check "$what: stderr explains" err_has "$text"
}

usage_error 'no subcommand' 'Usage: tbdiag NAME' "$tbdiag"
check 'newcomer-B4 no subcommand: what to write' err_has "as in 'tbdiag verify HOST'"
usage_error 'newcomer-B4 a host in the place of the subcommand' "'tbdiag verify localhost'" "$tbdiag" localhost
usage_error 'newcomer-B4 a URL there' "'tbdiag verify mqtts://[::1]:8883'" "$tbdiag" mqtts://[::1]:8883
usage_error 'unknown subcommand' "did you mean 'tbdiag explain'" "$tbdiag" explian
usage_error 'subcommand as a path' "there is no 'tbdiag ../tbdiag'" "$tbdiag" ../tbdiag
usage_error 'option before the subcommand' "'--format' stands where" "$tbdiag" --format json

run "$tbdiag" --help
check 'tbdiag --help: exit status' status_is 0
check 'tbdiag --help names verify' out_has 'tbdiag verify'
check 'tbdiag --help: stderr is empty' err_empty
cp "$out" overview
run "$tbdiag" help
check 'tbdiag help is the same' cmp -s overview "$out"

# Only what is there is shown: a build may lack the sandbox, and others may add to it.
mkdir -p tree/tools tree/lib
touch tree/lib/libtbdi.la
cp "$tbdiag" tree/tools/
for name in chain other; do
  printf '#!/bin/sh\necho this is %s\n' "$name" >"tree/tools/tbdiag-$name"
done
chmod +x tree/tools/tbdiag-*
run tree/tools/tbdiag --help
check 'tbdiag --help: what is there' out_has 'tbdiag chain      show'
check 'tbdiag --help: what somebody added' out_has 'tbdiag other'
check_not 'tbdiag --help: not what is missing' out_has sandbox
run tree/tools/tbdiag --list-commands
check 'tbdiag --list-commands' test "$(cut -f1 "$out" | tr '\n' ' ')" = 'chain other '

# For completion: what a value is.
values() { "$tbdiag" roundtrip --list-values "$1" | cut -f1 | tr '\n' ' '; }
check '--list-values: words' test "$(values --mqtt-version)" = 'words 3.1 3.1.1 5 '
check '--list-values: a word beside a name' test "$(values --sni)" = 'words none '
check '--list-values: by letter' test "$(values -o)" = 'files '
check '--list-values: a directory' test "$(values --ca-path)" = 'dirs '
check '--list-values: a host' test "$(values --connect-to)" = 'hosts '
check '--list-values: nothing to offer' test "$(values --token)" = 'words '
check '--list-values: a flag' test "$(values --quiet)" = 'none '
check '--list-values: no such option' test "$(values --nothing)" = 'none '
check '--list-values: an operand' test "$(values '')" = 'hosts '
check '--list-values: no operands' test "$("$tbdiag" version --list-values '')" = none

run "$tbdiag" --version
check 'tbdiag --version: exit status' status_is 0
check 'tbdiag --version names the library' out_has GnuTLS
check 'tbdiag --version names a subcommand' grep -q '^subcommand *explain$' "$out"
usage_error 'operand of version' 'takes no operands' "$tbdiag" version now

# An option that the man page shows, as its own entry.
in_page() { grep -qE -e "^\*(-.\*, \*)?$1\*" page; }

# Only lines to be pasted, which stand deeper than text, may be longer.
too_wide() { grep -vE '^ {6}' "$out" | grep -qE '.{81}'; }

looked_at=0
for program in "$tools"/tbdiag-*; do
  name=${program##*/tbdiag-}
  folder=$abs_top_srcdir/tools page=$abs_top_srcdir/man/tbdiag-$name.1.scd
  if [ "$name" = sandbox ]; then
    folder=$folder/sandbox
    page=$folder/tbdiag-sandbox.1.scd
  fi
  # What another branch has built here before is left out.
  [ -f "$folder/tbdiag-$name.c" ] || continue
  case $name in
  *[!a-z]*) continue ;; # objects of a build in the source tree
  esac
  run "$tbdiag" "$name" --help
  check "$name --help: exit status" status_is 0
  check "$name --help: usage" grep -q "^Usage: tbdiag $name" "$out"
  check "$name --help: stderr is empty" err_empty
  check_not "$name --help fits 80 columns" grep -qE '.{81}' "$out"
  looked_at=$((looked_at + 1))
  awk -f "$abs_top_srcdir/man/include.awk" "$page" >page
  check "$name has a man page" test -s page
  # Where `help` of a build tree looks for it, if pages are made.
  [ ! -s "$abs_top_builddir/man/tbdiag.1" ] ||
    check "$name has its page beside the others" test -s "$abs_top_builddir/man/tbdiag-$name.1"
  run "$tbdiag" "$name" --list-options
  check "$name --list-options: exit status" status_is 0
  cut -f1 "$out" >options
  while read -r option; do
    check "tbdiag-$name(1) has $option" in_page "$option"
  done <options
  usage_error "$name: unknown option" "unknown option '--no-such-thing'" \
    "$tbdiag" "$name" --no-such-thing=secret
  check_not "$name: the value of an unknown option is not shown" err_has secret
  usage_error "$name: flag with argument" "'--help' takes no argument" "$tbdiag" "$name" --help=x
  usage_error "$name: unknown letter" "unknown option '-Z'" "$tbdiag" "$name" -Z
done
built=$(find "$abs_top_srcdir/tools" -name 'tbdiag-*.c' | sed 's,.*/\(.*\)\.c$,\1,' |
  while read -r name; do [ ! -x "$tools/$name" ] || echo "$name"; done | wc -l)
check 'each subcommand was looked at' test "$built" = "$looked_at"

# ---- values and forms -----------------------------------------------------------------------------

verify() { "$tbdiag" verify "$@"; }
for value in '' abc 0 -1 1e3 0x10 inf 1.5.0 3601 '1 '; do
  usage_error "--timeout '$value'" "'--timeout' wants a number of seconds" verify --timeout "$value"
done
for value in '' today 2026-11 2026-02-30 2026-11-24T04:44:42 @x; do
  usage_error "--at '$value'" "'--at' wants 2026-11-24" verify --at "$value"
done
for value in '' x -1 1.5 99999999999; do
  usage_error "--warn-days '$value'" "'--warn-days' wants a number of days" verify --warn-days "$value"
done
usage_error '--crit-days x' "'--crit-days' wants a number of days" verify --crit-days=x
usage_error '--format xml' "'--format' wants one of text|json" verify --format xml
usage_error '--tls-version 1.1' "'--tls-version' wants one of 1.2|1.3" verify --tls-version=1.1
usage_error '--mqtt-version 4' "'--mqtt-version' wants one of 3.1|3.1.1|5" \
  "$tbdiag" roundtrip --mqtt-version=4
usage_error 'empty --ca-file' "'--ca-file' wants an argument" verify --ca-file=
usage_error 'argument missing' "'--sni' wants an argument: NAME|none" verify --sni
usage_error 'argument of a letter missing' "'--output' wants an argument: FILE" verify -o
usage_error 'two targets' 'too many operands' verify one two
usage_error 'a host and a port' 'did you mean HOST:8883?' verify localhost 8883
usage_error 'bad target' 'port' verify host:99999
usage_error 'bad --connect-to' 'port' verify --connect-to host:99999 host
usage_error '--connect-to with a URL' 'HOST[:PORT]' verify --connect-to mqtts://host host
for value in '' localhost 127.0.0.1, '[::1]' localhost:8883:127.0.0.1; do
  usage_error "--resolve '$value'" "'--resolve' wants IPv4 or IPv6 addresses" verify --resolve "$value" host
done
usage_error '--resolve with an address' '127.0.0.1 is an address itself' \
  verify --resolve 127.0.0.2 127.0.0.1
usage_error 'a token that is glued to its option' "unknown option '--token...'" \
  "$tbdiag" roundtrip --tokenPW99
check_not 'a token that is glued to its option is not shown' err_has PW99
usage_error 'unknown letter among letters' "unknown option '-Z'" verify -vZ
usage_error 'option after --' 'too many operands' verify -- host --format

# The same run in all the forms that options have.
cp "$abs_top_srcdir"/tests/data/fixtures/*.pem .
same() {
  what=$1
  shift
  run verify "$@"
  check "$what" cmp -s reference "$out"
}
verify --chain-file full.pem --ca-file root.pem --at 2026-06-01 --quiet wrong.example.com >reference
check 'reference' test -s reference
same 'arguments attached' --chain-file=full.pem --ca-file=root.pem --at=@1780272000 -q wrong.example.com
same 'operand first' wrong.example.com --chain-file full.pem --ca-file root.pem --at 2026-06-01 -q
same '-- before the operand' --chain-file full.pem --ca-file root.pem --at 2026-06-01 -q -- \
  wrong.example.com
same 'the last of a kind counts' --chain-file evil.pem --chain-file full.pem --ca-file root.pem \
  --at 2001-01-01 --at 2026-06-01 -vq wrong.example.com
run verify --chain-file full.pem --ca-file root.pem --at 2026-06-01 -qoreport wrong.example.com
check 'letters joined, argument attached' cmp -s reference report

# ---- explain --------------------------------------------------------------------------------------

usage_error 'nearest option' "did you mean '--list'" "$tbdiag" explain --lits
usage_error 'no operand' 'wants the ID' "$tbdiag" explain
usage_error 'nearest id' "did you mean 'dns.not-found'" "$tbdiag" explain dns.notfound
usage_error 'no such words' "'tbdiag explain --list' lists all" "$tbdiag" explain --list xyzzy
usage_error 'a text and a log' 'not both' "$tbdiag" explain --log - rc=5
run "$tbdiag" explain xyzzy
check 'explain nothing known: exit status' status_is 1
check 'explain nothing known: stdout' out_empty
usage_error 'no word' 'wants the ID' "$tbdiag" explain '!!'

# found_by ID WORD...: words of a device's log lead to the finding.
found_by() {
  id=$1
  shift
  run "$tbdiag" explain "$@"
  check "newcomer-B2 explain $*: exit status" status_is 0
  check "newcomer-B2 explain $*: $id" grep -qE "^$id +[(a-z]" "$out"
}
found_by ca.missing-intermediate 'Unknown CA'
found_by ca.wrong-root Unknown CA
found_by ca.missing-intermediate X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
found_by time.expired X509_V_ERR_CERT_HAS_EXPIRED
found_by ca.wrong-root -0x2700
found_by ca.missing-intermediate -188
found_by mqtt.not-authorized rc=5
found_by ca.missing-intermediate alert 48
found_by tls.client-cert-rejected 'alert 48'
found_by ca.missing-intermediate 'unable to get local issuer certificate'
run "$tbdiag" explain X509_V_ERR_CERT_REVOKED
check 'newcomer-B2 one that fits alone is explained' out_has 'evidence:'
run "$tbdiag" explain --list expired
check 'newcomer-B2 a filter of --list' out_has time.expired
check_not 'newcomer-B2 a filter of --list leaves others out' out_has dns.timeout

run "$tbdiag" explain --list
check 'explain --list: exit status' status_is 0
check 'explain --list has many' test "$(wc -l <"$out")" -gt 10
cut -d' ' -f1 "$out" | grep . >ids
while read -r id; do
  run "$tbdiag" explain "$id"
  check "explain $id" grep -q "^$id (" "$out"
  check_not "explain $id: fits 80 columns" too_wide
done <ids

done_testing
