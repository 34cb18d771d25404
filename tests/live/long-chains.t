#!/bin/sh
# SPDX-License-Identifier: MIT
#
# long-chains.t - chains of up to a hundred certificates, and certificates of more than 64 KiB, are judged as OpenSSL
# judges them, within bounds.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

command -v openssl >/dev/null || {
  echo '1..0 # SKIP openssl is missing'
  exit 0
}

printf '%s\n' 'basicConstraints = critical, CA:TRUE' 'keyUsage = critical, keyCertSign, cRLSign' \
  'subjectKeyIdentifier = hash' 'authorityKeyIdentifier = keyid' >ca.ext
openssl ecparam -name prime256v1 -genkey -noout -out key.pem

# sign NAME ISSUER EXTENSIONS: all have one key, and names of their own.
sign() {
  openssl req -new -key key.pem -subj "/CN=$1" -out sign.csr
  openssl x509 -req -in sign.csr -CA "$2.pem" -CAkey key.pem -set_serial 1 -days 300 -extfile "$3" -out "$1.pem" \
    2>>openssl.log
}

openssl req -x509 -new -key key.pem -subj /CN=root -days 300 -out root.pem -addext basicConstraints=critical,CA:TRUE \
  -addext keyUsage=critical,keyCertSign,cRLSign
above=root
: >cas.pem
for i in $(seq 100); do
  sign "ca$i" $above ca.ext
  cat "ca$i.pem" cas.pem >longer.pem
  mv longer.pem cas.pem
  above=ca$i
  case $i in 16 | 98 | 100)
    printf '%s\n' 'subjectAltName = DNS:localhost' 'authorityKeyIdentifier = keyid' >leaf.ext
    sign leaf "$above" leaf.ext
    cat leaf.pem cas.pem >"chain$i.pem"
    cp leaf.pem "leaf$i.pem"
    cp cas.pem "cas$i.pem"
    ;;
  esac
done

# in_bounds: the last run took less than 64 MB.
in_bounds() { sanitized || [ "$peak" -lt 65536 ]; }

openssl_accepts() { openssl verify -CAfile root.pem -untrusted "cas$1.pem" "leaf$1.pem" >>openssl.log; }

for i in 16 98; do
  check "a chain of $((i + 1)): OpenSSL accepts it" openssl_accepts $i
  run_measured "$tbdiag" verify -v --chain-file "chain$i.pem" --ca-file root.pem localhost
  check "a chain of $((i + 1)): ca.ok" grep -q '^ok  ca.ok\b' "$out"
  check "a chain of $((i + 1)): all of it" out_has "$((i + 1)) certificates"
  check_not "a chain of $((i + 1)): nothing was dropped" out_has dropped
  check "a chain of $((i + 1)): memory" in_bounds
done
run "$tbdiag" verify -v --chain-file chain100.pem --ca-file root.pem localhost
check 'a chain of 101: what was dropped is said' out_has 'more were dropped'

# served TLS: the chain of 99 from a server.
served() {
  rm -f shown
  mkfifo shown
  timeout 60 openssl s_server -www -accept 127.0.0.1:0 -cert leaf98.pem -cert_chain cas98.pem -key key.pem >shown 2>&1 \
    </dev/null &
  peer_pid=$!
  tap_pids="$tap_pids $peer_pid"
  exec 7<shown
  while read -r line; do case $line in ACCEPT*) break ;; esac done <&7
  run_measured "$tbdiag" verify -v --tls-version "$1" --ca-file root.pem "localhost:${line##*:}"
  check "a chain of 99 over TLS $1: ca.ok" grep -q '^ok  ca.ok\b' "$out"
  check "a chain of 99 over TLS $1: memory" in_bounds
  peer_stop
}
served 1.2
served 1.3

# ---- large certificates --------------------------------------------------------------------------

# large COUNT: a leaf with so many names.
large() {
  printf 'authorityKeyIdentifier = keyid\nsubjectAltName = %s\n' "$(seq -s , -f 'DNS:host%g.a-domain-that-is-long.example.test' "$1")" >leaf.ext
  sign large root leaf.ext
  size=$(openssl x509 -in large.pem -outform der | wc -c)
}
large 1900
check 'a leaf of more than 64 KiB' test "$size" -gt 65536
run_measured "$tbdiag" verify -v --chain-file large.pem --ca-file root.pem host7.a-domain-that-is-long.example.test
check 'a leaf of more than 64 KiB: judged' grep -q '^ok  ca.ok\b' "$out"
check 'a leaf of more than 64 KiB: memory' in_bounds
run "$tbdiag" verify -v --chain-file large.pem --ca-file root.pem other.example.test
check 'a leaf of more than 64 KiB, for another host' grep -q '^critical  name.mismatch\b' "$out"
large 7000
check 'a leaf of more than 256 KiB' test "$size" -gt 262144
run_measured "$tbdiag" verify -v --chain-file large.pem --ca-file root.pem host7.a-domain-that-is-long.example.test
check 'a leaf of more than 256 KiB: refused' status_is 2
check 'a leaf of more than 256 KiB: named as what it is' out_has 'larger than 256 KiB'
check 'a leaf of more than 256 KiB: memory' in_bounds

done_testing
