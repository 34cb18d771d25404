#!/bin/sh
# SPDX-License-Identifier: MIT
#
# output.t - where the report goes, how it looks there, and the exit status.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

fixtures=$abs_top_srcdir/tests/data/fixtures

# A run that is fine, and one that is not.
good() {
  "$tbdiag" verify --chain-file "$fixtures/full.pem" --ca-file "$fixtures/root.pem" \
    --at 2026-06-01 mqtt.example.com "$@"
}
bad() {
  "$tbdiag" verify --chain-file "$fixtures/full.pem" --ca-file "$fixtures/other-root.pem" \
    --at 2026-06-01 mqtt.example.com "$@"
}

# ---- exit status ----------------------------------------------------------------------------------

run good
check 'a chain that is fine: 0' status_is 0
check 'stderr is empty' err_empty
run bad
check 'a wrong root: 2' status_is 2
check 'findings come first' sh -c 'head -n 1 "$0" | grep -q "^critical  ca.wrong-root  .*full.pem$"' "$out"
run bad --exit-zero
check '--exit-zero: 0' status_is 0
run good --warn-days 300
check 'ends within --warn-days: 1' status_is 1
run good --crit-days 300
check 'ends within --crit-days: 2' status_is 2
run good --no-such-option --exit-zero
check '--exit-zero does not hide wrong usage' status_is 3

# ---- stdout ---------------------------------------------------------------------------------------

good >plain
# What cannot be written: exit 3 and the reason.
if [ -c /dev/full ]; then
  for format in text json; do
    good --format $format >/dev/full 2>"$err"
    status=$?
    check "/dev/full, $format: exit status" status_is 3
    check "/dev/full, $format: says why" err_has 'cannot write standard output: No space left'
  done
  good --help >/dev/full 2>"$err"
  status=$?
  check '/dev/full, --help: exit status' status_is 3
else
  skip '/dev/full' 'there is none'
fi
good >&- 2>"$err"
status=$?
check 'closed stdout: exit status' status_is 3
check 'closed stdout: says why' err_has 'cannot write standard output: Bad file descriptor'
good <&- >"$out" 2>&-
status=$?
check 'closed stdin and stderr: exit status' status_is 0
check 'closed stdin and stderr: same output' cmp -s plain "$out"

# A reader that went away: quiet death by SIGPIPE, also where a parent ignores the signal.
mkfifo pipe
for trap in - ''; do
  (
    trap "$trap" PIPE
    exec 3<>pipe 4>pipe 3>&-
    good >&4 2>"$err"
    echo $? >status
  ) &
  wait $!
  status=$(cat status)
  check "broken pipe, SIGPIPE ${trap:-ignored}: dies by the signal" status_is 141
  check "broken pipe, SIGPIPE ${trap:-ignored}: quietly" err_empty
done

# ---- --output -------------------------------------------------------------------------------------

# No temporary file may be left beside the report.
only_these() { [ "$(ls -A "$1")" = "$2" ]; }

mkdir dir
run good --output dir/report
check '--output: exit status' status_is 0
check 'newcomer-B4 --output: said where it is, and how it is' err_has 'dir/report: written, ok'
check '--output: stdout is empty' out_empty
check '--output: the report' cmp -s plain dir/report
check '--output: nothing else' only_these dir report
(umask 027 && good --output dir/masked)
check '--output: mode by umask' test "$(stat -c %a dir/masked)" = 640
rm dir/masked
run bad -o dir/report
check 'newcomer-B4 -o: the worst finding is said' err_has 'dir/report: written, critical  ca.wrong-root'
check '--output replaces' grep -q ca.wrong-root dir/report
ln -s report dir/link
run good --output dir/link
check '--output keeps a symbolic link' test -L dir/link
check '--output replaces the file behind it' cmp -s plain dir/report
rm dir/link
run good --output=/dev/stdout
check '--output to a device or pipe' cmp -s plain "$out"

# security-7: what only its owner may read stays so.
chmod 600 dir/report
run good --output dir/report
check 'security-7 --output keeps the mode' test "$(stat -c %a dir/report)" = 600
check 'security-7 --output replaces it' cmp -s plain dir/report
chmod 644 dir/report

# security-4: what is no report of ours, nor a chain, is not ours to overwrite: a key has many forms.
# kept WHAT: as the file "kept" is.
kept() {
  cp kept before
  run good --output kept
  check "security-4 $1: exit status" status_is 3
  check "security-4 $1: says why" err_has 'kept holds neither a report nor a chain, and is not overwritten'
  check "security-4 $1: it stays" cmp -s before kept
}
if command -v openssl >/dev/null; then
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem 2>/dev/null
  cp key.pem kept
  kept PEM
  sed 's/$/\r/' key.pem >kept
  kept 'PEM with CR LF'
  openssl pkey -in key.pem -outform DER -out kept
  kept PKCS8
  openssl ec -in key.pem -outform DER -out kept 2>/dev/null
  kept 'SEC 1'
  openssl pkcs12 -export -nocerts -inkey key.pem -passout pass: -out kept
  kept 'PKCS#12'
  iconv -f ASCII -t UTF-16 key.pem >kept
  kept UTF-16
  { printf '\0' && cat key.pem; } >kept
  kept 'behind a NUL'
  cat "$fixtures/full.pem" key.pem >kept
  kept 'behind a chain'
fi
echo '{"kty":"EC","crv":"P-256","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}' >kept
kept JWK
echo 'PuTTY-User-Key-File-3: ecdsa-sha2-nistp256' >kept
kept PuTTY
printf '\376\355\376\355\0\0\0\2' >kept
kept JKS
printf 'critical infrastructure\n' >kept
kept 'a text'
for options in '--format json' '--format text' '--format text -q' '--format text -v'; do
  # shellcheck disable=SC2086 # a list of words
  bad $options >ours 2>/dev/null
  run good --output ours
  check "security-4 $options: a report is replaced" cmp -s plain ours
done
: >ours
run good --output ours
check 'security-4 an empty file is filled' cmp -s plain ours

# security-10: nobody reads it, and nobody is waited for.
mkfifo lonely
run timeout 10 "$tbdiag" chain --chain-file "$fixtures/full.pem" --output lonely
check 'security-10 a FIFO without a reader: exit status' status_is 3
check 'security-10 a FIFO without a reader: says why' err_has 'cannot write lonely: nobody reads from it'
exec 3<>lonely
run good --output lonely
check 'security-10 a FIFO with a reader: exit status' status_is 0
check 'security-10 a FIFO with a reader: the report' test "$(head -n 1 <&3)" = "$(head -n 1 plain)"
exec 3>&-
rm lonely

# not_written WHAT TEXT FILE: exit 3 and the reason.
not_written() {
  run good --output "$3"
  check "--output, $1: exit status" status_is 3
  check "--output, $1: names the file" err_has "$3"
  check "--output, $1: says why" err_has "$2"
}
not_written 'no directory' 'No such file' nowhere/report
not_written 'a directory' 'Is a directory' dir
not_written 'beneath a file' 'Not a directory' plain/report
ln -s loop loop
not_written 'a loop of links' 'Too many levels' loop
[ ! -c /dev/full ] || not_written 'a full device' 'No space left' /dev/full
# It is said before anything is done: nothing else that is wrong with these comes first.
# too_early WHAT OPTION SUBCOMMAND
too_early() {
  run "$tbdiag" "$3" "$2" nowhere/file host:99999
  check "$1, before the run: exit status" status_is 3
  check "$1, before the run: said" err_has 'cannot write nowhere/file: No such file'
}
too_early 'chain --output' --output chain
too_early 'chain --save' --save chain
too_early 'verify --output' --output verify
too_early 'verify --save-ca' --save-ca verify
too_early 'roundtrip --output' --output roundtrip
run "$tbdiag" verify --output dir/report host:99999
check '--output, a run that fails: exit status' status_is 3
check '--output, a run that fails: the old report stays' cmp -s plain dir/report
check '--output, a run that fails: nothing else' only_these dir report
(
  ulimit -f 0
  trap '' XFSZ
  good --output dir/report 2>"$err"
)
status=$?
check '--output, file too large: exit status' status_is 3
check '--output, file too large: the old report stays' cmp -s plain dir/report
check '--output, file too large: nothing else' only_these dir report

# ---- colours --------------------------------------------------------------------------------------

esc=$(printf '\033')
run good
check_not 'no colours into a file' out_has "$esc"
run good --color=always
check '--color=always' out_has "$esc["
NO_COLOR=1
export NO_COLOR
run good --color=always
unset NO_COLOR
check '--color=always beats NO_COLOR' out_has "$esc["
run good --color=purple
check '--color wants one of three' err_has "option '--color' wants one of auto|always|never"

# On a terminal; script(1) makes one.
on_terminal() {
  run env SHELL=/bin/sh TERM="$1" ${2:+"$2"} script -qec "'$tbdiag' verify $3 \
    --chain-file '$fixtures/full.pem' --ca-file '$fixtures/root.pem' --at 2026-06-01" /dev/null
}
if command -v script >/dev/null; then
  on_terminal xterm '' ''
  check 'terminal: colours' out_has "$esc["
  on_terminal xterm NO_COLOR=1 ''
  check_not 'terminal, NO_COLOR: none' out_has "$esc"
  on_terminal xterm NO_COLOR= ''
  check 'terminal, empty NO_COLOR: colours' out_has "$esc["
  on_terminal xterm '' --color=never
  check_not 'terminal, --color=never: none' out_has "$esc"
  on_terminal dumb '' ''
  check_not 'dumb terminal: none' out_has "$esc"
else
  skip 'colours on a terminal' 'script(1) is missing'
fi

# ---- what is shown --------------------------------------------------------------------------------

run good
check 'by default the chain is shown' out_line 'Chain'
check_not 'by default key usage is not' out_has 'digitalSignature'
run good -v
check '-v adds key usage' out_has 'digitalSignature'
run good -q
check 'newcomer-C2 -q, all is well: exit status' status_is 0
check 'newcomer-C2 -q, all is well: silence' out_empty
run good -qo dir/silent
check 'newcomer-C2 -q, all is well, into a file: silence' err_empty
rm -f dir/silent
run bad -q
check '-q shows what is wrong' sh -c 'head -n 1 "$0" | grep -q "^critical  ca.wrong-root  full.pem$"' "$out"
check '-q shows how it is mended' out_line '  fix:'
check_not '-q shows nothing else' grep -qE '^(Chain|Run|verdict|  seen)' "$out"
run good -vq
check 'the last of -v and -q counts' sh -c '! grep -q "Chain in" "$0"' "$out"

# Lines to be pasted stand deeper than text, and may be longer.
too_wide() { grep -vE '^ {6}' "$out" | grep -qE '.{81}'; }
for chain in full leaf-only with-root wrong-order expired self-signed evil; do
  run "$tbdiag" verify -v --chain-file "$fixtures/$chain.pem" --ca-file "$fixtures/other-root.pem" \
    --at 2026-06-01 mqtt.example.com
  check_not "$chain: fits 80 columns" too_wide
  check_not "$chain: no control characters" grep -qP '[\x00-\x09\x0b-\x1f\x7f]' "$out"
done
run "$tbdiag" chain --chain-file "$fixtures/evil.pem" --at 2026-06-01
check 'a deceptive name is shown escaped' out_has '\x1b[2J\u{202e}evil'
check_not 'a deceptive name forges no finding' out_line 'ok  ca.ok'

# ---- the width of the terminal ----------------------------------------------------------------------

# widest COLUMNS: the longest line of an explanation on a terminal of that many.
widest() {
  env -u COLUMNS /usr/bin/python3 "$abs_top_srcdir/tests/peers/terminal.py" 24 "$1" "$tools/tbdiag-explain" time.clock-wrong >"$out"
  grep -v '^  [a-z]' "$out" | awk '{ if (length > most) most = length } END { print most + 0 }'
}
"$tools/tbdiag-explain" time.clock-wrong >piped
check 'a terminal of 50 columns is not filled beyond' test "$(widest 50)" -le 50
check_not 'and other lines are broken' cmp -s piped "$out"
check 'one of 200 columns is filled up to 80' test "$(widest 200)" -le 80
check 'as in a pipe' cmp -s piped "$out"
check 'one of 3 columns: 40 at least' test "$(widest 3)" -gt 30
COLUMNS=50 "$tools/tbdiag-explain" time.clock-wrong >"$out"
check 'COLUMNS does not count in a pipe' cmp -s piped "$out"

done_testing
