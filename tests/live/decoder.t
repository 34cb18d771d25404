#!/bin/sh
# SPDX-License-Identifier: MIT
#
# decoder.t - the decoder's numbers are those of the libraries' headers, as far as these are installed, and the commands that
# it names are commands.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

decoder=$abs_top_srcdir/tools/decoder
: "${CC:=cc}"

# rows FILE TABLE PREFIX: "NAME NUMBER" of a table of codes.
rows() {
  sed -n "/^static const struct code $2\[\]/,/^};/p" "$decoder/volume-$1.c" |
    sed -n "s/^\t{ \(.*[^,]\), \"\([A-Za-z0-9_]*\)\",.*/$3\2 \1/p"
}

# same_numbers FILE TABLE PREFIX MINIMUM HEADER...: all names that the headers know have the same number there.
same_numbers() {
  file=$1 table=$2 prefix=$3 minimum=$4
  shift 4
  what="$file: $table as in $1"
  printf '#include <%s>\n' "$@" >headers.c
  if ! $CC $header_flags -E -dD headers.c >known 2>/dev/null; then
    skip "$what" "no $1"
    return
  fi
  rows "$file" "$table" "$prefix" >table
  grep -owE '[A-Za-z_][A-Za-z0-9_]*' known | sort -u >names
  {
    cat headers.c
    awk 'NR == FNR { known[$1]; next } $1 in known {
      name = $1; sub(/^[^ ]* /, ""); printf "_Static_assert((%s) == (%s), \"%s\");\n", name, $0, name }' names table
  } >same.c
  check "$what: enough of them" test "$(grep -c Static_assert same.c)" -ge "$minimum"
  check "$what" $CC $header_flags -fsyntax-only same.c
}
header_flags=
same_numbers openssl verify_errors X509_V_ERR_ 90 openssl/x509_vfy.h
same_numbers openssl reasons SSL_R_ 40 openssl/ssl.h openssl/sslerr.h
same_numbers gnutls errors GNUTLS_E_ 70 gnutls/gnutls.h
same_numbers gnutls status GNUTLS_CERT_ 15 gnutls/gnutls.h
same_numbers bearssl codes BR_ERR_ 50 bearssl.h
same_numbers mbedtls errors MBEDTLS_ERR_ 60 mbedtls/ssl.h mbedtls/x509.h mbedtls/pk.h mbedtls/pem.h mbedtls/net_sockets.h \
  mbedtls/asn1.h mbedtls/ecp.h mbedtls/rsa.h mbedtls/base64.h
same_numbers mbedtls flags MBEDTLS_X509_BADCERT_ 12 mbedtls/x509.h
same_numbers wolfssl errors '' 80 wolfssl/options.h wolfssl/ssl.h wolfssl/wolfcrypt/error-crypt.h
same_numbers mosquitto errors MOSQ_ERR_ 20 mosquitto.h
same_numbers curl errors CURLE_ 20 curl/curl.h

# All of X509_V_ERR that OpenSSL 3.0 has.
if echo '#include <openssl/x509_vfy.h>' | $CC -E -dM - >known 2>/dev/null; then
  awk '$2 ~ /^X509_V_ERR_/ && $3 ~ /^[0-9]+$/ && $3 <= 94 { print $2 }' known | sort >there
  rows openssl verify_errors X509_V_ERR_ | cut -d' ' -f1 | sort | comm -23 there - >"$out"
  check 'openssl: no verify error is missing' out_empty
fi

# ---- commands -------------------------------------------------------------------------------------

cp "$abs_top_srcdir/tests/data/fixtures/root.pem" file.pem
openssl req -x509 -newkey rsa:2048 -nodes -keyout pair.pem -out cert.pem -subj /CN=device 2>/dev/null
cat cert.pem >>pair.pem
$CC -E -P -I"$abs_top_srcdir" -I"$abs_top_srcdir/lib" -I"$abs_top_builddir" -DHAVE_CONFIG_H "$decoder/causes.c" |
  grep -oE '"tbdiag [^"]*"' | tr -d '"' | sort -u >commands
check 'there are commands' test "$(wc -l <commands)" -gt 15
printf 'A1B2C3D4E5F6G7H8I9J0' >token
while read -r command; do
  # Nothing listens there: whatever comes of it, it was understood.
  set -- $(echo "$command" | sed 's,HOST,127.0.0.1:1,; s,http://PROXY,http://127.0.0.1:1,; s,ADDRESS,127.0.0.1,; s,--token-file TOKEN,--token-file token,; s,--save-ca FILE,--save-ca new.pem,; s,--output FILE,--output new.pem,; s,FILE,file.pem,; s,CERT,pair.pem,')
  shift
  if [ "$1" = lint ]; then
    run "$tbdiag" "$@"
    check "$command: is understood" status_is 0
  else
    run "$tbdiag" "$@" --timeout 5
    check "$command: is understood" status_is 2
  fi
done <commands

done_testing
