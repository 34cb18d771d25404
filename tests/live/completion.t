#!/bin/sh
# SPDX-License-Identifier: MIT
#
# completion.t - what bash, zsh and fish offer for tbdiag, asked in the shells themselves.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

scripts=$abs_top_srcdir/tools/completion
touch needle.pem
mkdir needles .ssh
# One more host than this machine knows, in the form of each shell.
echo '192.0.2.7 broker.example' >hosts
echo 'broker.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA' >.ssh/known_hosts

# What has to be offered at the end of a line, and (!) what must not be.
cat >expected <<'END'
tbdiag |chain
tbdiag |verify
tbdiag ro|roundtrip
tbdiag ro|!verify
tbdiag --|--help
tbdiag --|--version
tbdiag help ro|roundtrip
tbdiag help verify |!chain
tbdiag verify --ca-|--ca-file
tbdiag verify --ca-|--ca-path
tbdiag verify --ca-|!--format
tbdiag verify --all|--all-addresses
tbdiag verify --form|!--list-options
tbdiag verify --format |text
tbdiag verify --format |json
tbdiag verify --format |!needle.pem
tbdiag verify --format j|json
tbdiag verify --format=j|--format=json
tbdiag verify --quiet --format |json
tbdiag verify --sni no|none
tbdiag verify --ca-file need|needle.pem
tbdiag verify --ca-file=need|--ca-file=needle.pem
tbdiag verify -o need|needle.pem
tbdiag verify --ca-path need|needles
tbdiag verify --ca-path need|!needle.pem
tbdiag verify --timeout |!needle.pem
tbdiag verify brok|broker.example
tbdiag verify --quiet brok|broker.example
tbdiag verify --connect-to brok|broker.example
tbdiag verify -- --form|!--format
tbdiag roundtrip --mqtt-version |3.1.1
tbdiag roundtrip --token |!needle.pem
tbdiag explain ca.wr|ca.wrong-root
tbdiag explain --li|--list
tbdiag version --h|--help
END
[ ! -x "$tools/tbdiag-sandbox" ] || cat >>expected <<'END'
tbdiag sandbox --chain self|self-signed
tbdiag sandbox --fault plain|plain-http
tbdiag sandbox --fault close-at=cl|close-at=client-hello
tbdiag sandbox --fault=close-at=cl|--fault=close-at=client-hello
tbdiag sandbox -f visible|visible-after=
END

# Every option and subcommand that there is, whatever will be added to the tables.
"$tbdiag" --list-commands | cut -f1 >commands
check 'there are subcommands' test -s commands
while read -r name; do
  printf 'tbdiag |%s\n' "$name"
  "$tbdiag" "$name" --list-options | sed "s/\t.*//; s/^/tbdiag $name --|/"
done <commands >all
cat all >>expected
cut -d'|' -f1 expected | sort -u >lines

# offers SHELL SCRIPT
offers() {
  shell=$1
  if ! command -v "$shell" >/dev/null || ! /usr/bin/python3 -c ''; then
    skip "$shell" "$shell or python3 is not installed"
    return
  fi
  # Not by run(), which gives no input.
  timeout 300 /usr/bin/python3 "$abs_top_srcdir/tests/live/completion.py" "$shell" "$2" "$tbdiag" \
    <lines >"$out" 2>"$err"
  status=$?
  check "$shell: it answers" status_is 0
  while IFS='|' read -r line candidate; do
    row=$(printf '%s\t%s' "$line" "${candidate#!}")
    case $candidate in
    !*) check_not "$shell: '$line' without ${candidate#!}" grep -qxF -e "$row" "$out" ;;
    *) check "$shell: '$line' with $candidate" grep -qxF -e "$row" "$out" ;;
    esac
  done <expected
}

offers bash "$scripts/bash/tbdiag"
offers zsh "$scripts/zsh/_tbdiag"
offers fish "$scripts/fish/tbdiag.fish"

# An option is a candidate because it stands in a table, and for no other reason.
for script in "$scripts"/*/*; do
  check_not "${script##*/} names no option of its own" grep -E -e '--(ca-file|format|token)' "$script"
done

done_testing
