#!/bin/sh
# SPDX-License-Identifier: MIT
#
# credentials.t - what a device shows of itself over MQTT (token, user name and password, client certificate), and what is
# said when a server refuses it.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

token=Sesame0pen7Token4Xy1
# flat: the text without its line breaks.
flat() { tr -s ' \n' ' ' <"$out" >.flat && mv .flat "$out"; }

# script TYPE=ANSWER...: start a server; its port is in $port.
script() {
  [ -z "${peer_pid-}" ] || peer_stop
  peer_start python mqtt-script.py "$@"
}
roundtrip() {
  run "$tbdiag" roundtrip --timeout 3 "$@"
  flat
}
# The command that a fix proposed, which begins so, with this in place of its target's usual end.
proposed() { grep -oE "tbdiag roundtrip mqtts?://[^ ]+( --[a-z-]+ [^ -][^ ]*)* $1" "$out" | head -n 1; }

suback=subscribe=9003IDID01
suback5=subscribe=9004IDID0001
all3="$suback publish=4002IDID publish:v1/devices/me/attributes/request=4002IDID,RESPONSE publish:v1/devices/me/attributes=STORE,4002IDID"
# The longest beginning counts, so that requests are told from what is written.

# ---- a client certificate ------------------------------------------------------------------------------

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
if command -v openssl >/dev/null; then
  {
    key ca-key.pem && openssl req -x509 -new -key ca-key.pem -subj /CN=ca -days 30 -addext keyUsage=critical,keyCertSign -out ca.pem
    for name in server device expired; do
      key $name-key.pem
      openssl req -new -key $name-key.pem -subj /CN=$name -out $name.csr
    done
    printf 'subjectAltName=DNS:localhost\n' >server.ext
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 20 -extfile server.ext -out server.pem
    openssl x509 -req -in device.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 20 -out device.pem
    openssl x509 -req -in expired.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 0 -out expired.pem
  } >openssl.log 2>&1
  tls=tls=server.pem,server-key.pem,ca.pem
  script "$tls" connect=20020005,FIN connect5=2003008700,e0028700,FIN
  over_tls() { roundtrip --ca-file ca.pem --token $token "$@" "localhost:$port"; }

  over_tls --cert device.pem --key device-key.pem
  check 'live-D4 unknown certificate: exit status' status_is 2
  check 'live-D4 unknown certificate: it is the first cause' out_has 'critical mqtt.client-cert-refused'
  check 'live-D4 unknown certificate: by its name' out_has 'client certificate CN=device in the handshake'
  check 'live-D4 unknown certificate: where it has to be known' out_has 'Manage credentials, X.509'
  check_not 'live-D4 unknown certificate: the token is not blamed' out_has 'Copy the token'
  over_tls --cert device.pem --key device-key.pem --mqtt-version 5
  check 'live-D4 unknown certificate, MQTT 5' out_has 'critical mqtt.client-cert-refused'
  check_not 'live-D4 unknown certificate, MQTT 5: no advice against it' out_has 'Copy the token'
  over_tls --cert device.pem --key device-key.pem --explain-refusal
  check 'live-D4 unknown certificate, --explain-refusal' out_has 'critical mqtt.client-cert-refused'
  # The second in which it ends is still its own.
  ended=$(date -d "$(openssl x509 -in expired.pem -noout -enddate | cut -d = -f 2)" +%s)
  until [ "$(date +%s)" -gt "$ended" ]; do :; done
  over_tls --cert expired.pem --key expired-key.pem
  check 'live-D4 expired certificate: said' out_has 'it expired at'
  check 'live-D4 expired certificate: what to do first' out_has 'Have a new one issued'
  check 'live-D4 the command without --cert' test -n "$(proposed '--ca-file ca.pem')"
  # shellcheck disable=SC2046 # words of the command
  run "$tbdiag" $(proposed '--ca-file ca.pem' | cut -d ' ' -f 2-) --token $token --timeout 3
  flat
  check 'live-D4 without --cert it is the token' out_has 'critical mqtt.not-authorized'

  # A proxy takes the certificate, and ThingsBoard behind it refuses the token.
  script "$tls" connect=20020005,FIN connect5=2003008600,e0028600,FIN
  over_tls --cert device.pem --key device-key.pem --explain-refusal
  check 'live-D4 0x86 is the token' out_has 'critical mqtt.not-authorized'

  # shellcheck disable=SC2086 # words of the script
  script "$tls" connect=20020000 $all3
  over_tls --cert device.pem --key device-key.pem
  check 'live-D4 accepted: exit status' status_is 0
  check 'live-D4 accepted: what' out_has 'accepted the client certificate CN=device: connected with result code 0'
  check 'live-D4 accepted: the token was not' out_has 'at the token ThingsBoard does not look then'
  over_tls
  check 'live-D4 without a certificate it was the token' out_has 'accepted the access token: connected with result code 0'
else
  skip 'live-D4 client certificates' 'openssl is missing'
fi

# ---- user name and password ----------------------------------------------------------------------------

script connect=20020005,FIN connect5=2003008600,e0028600,FIN
plain() { roundtrip "$@" "mqtt://127.0.0.1:$port"; }
printf pass >password
plain --username user --password-file password --explain-refusal
check 'live-D7 0x86 of MQTT Basic: what does not match' out_has 'credentials that do not match: user name, password or client identifier'
check_not 'live-D7 0x86 of MQTT Basic: the user name may exist' out_has 'belongs to no device'
plain --username user --password-file password
check 'ticket-26 the length of a password is called so' out_has 'password_len 4'
check_not 'ticket-26 it is no token' out_has token_len
plain --username tenant@example.com --password-file password
check 'ticket-g01 an e-mail address as user name' out_has 'the login of a user of the web interface is no device'
check 'ticket-g01 where the token goes' out_has 'access token, that is the user name'
plain --token tenant@example.com
check 'ticket-g01 an e-mail address as token' out_has 'form of an e-mail address'
plain --username user --password-file password --client-id $token
check 'ticket-g02 the client identifier looks like a token' out_has 'the client identifier looks like one'
check 'ticket-g02 where the token goes' out_has 'that is the user name, alone'
printf '%s' $token >token.txt
# shellcheck disable=SC2046 # words of the command
run "$tbdiag" $(proposed '--token-file token.txt' | cut -d ' ' -f 2-) --timeout 3
check 'ticket-g02 the command is understood' status_is 2
plain --token $token
check 'ticket-h05 the token of another cluster' out_has 'A token of another server (a cloud, a second cluster'

# ---- what is not sent ----------------------------------------------------------------------------------

for option in --token --client-id --username; do
  set -- "$option" provision
  [ $option = --token ] || [ $option = --username ] || set -- "$@" --token $token
  [ $option != --username ] || set -- "$@" --password-file password
  plain "$@"
  check "live-D9 $option provision: refused" status_is 3
done
printf provision >provision.txt
plain --token-file provision.txt
check 'live-D9 a file with provision: refused' status_is 3
check 'live-D9 a file with provision: why' err_has 'would ask ThingsBoard to make a device'
for keys in '' a,,b , ,a a,; do
  plain --token $token --client-keys "$keys"
  check "live-C3 --client-keys '$keys': refused" status_is 3
  plain --token $token --shared-keys "$keys"
  check "live-C3 --shared-keys '$keys': refused" status_is 3
done
check 'live-C3 why' err_has 'must have keys of'

# ---- another broker ------------------------------------------------------------------------------------

PATH=$PATH:/usr/sbin
if command -v mosquitto >/dev/null && command -v mosquitto_passwd >/dev/null; then
  broker_port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  touch users && chmod 600 users && mosquitto_passwd -b users someone secret
  printf 'listener %s 127.0.0.1\nallow_anonymous false\npassword_file users\nuser root\n' "$broker_port" >broker.conf
  mosquitto -c broker.conf 2>broker.log &
  tap_pids="$tap_pids $!"
  port=$broker_port
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    plain --token $token
    [ "$status" -eq 2 ] && out_has mqtt.not-authorized && break
    sleep 0.2
  done
  check 'ticket-g05 code 5 of a mosquitto with a password file: it is a cause' out_has 'mosquitto with a password file'
  # shellcheck disable=SC2046 # words of the command
  run "$tbdiag" $(proposed --explain-refusal | cut -d ' ' -f 2-) --token $token --timeout 3
  flat
  check 'ticket-g05 MQTT 5 tells' out_has 'see whether another broker answers there'
else
  skip 'ticket-g05 mosquitto with a password file' 'mosquitto is missing'
fi

# ---- the log -------------------------------------------------------------------------------------------

# What a ThingsBoard 4.2.1 writes, and what every TLS client leaves.
cat >thingsboard.log <<'LOG'
2026-11-24 10:00:00 [x] WARN  o.t.s.t.mqtt.MqttTransportHandler - peer not authenticated
2026-11-24 10:00:01 [x] ERROR o.t.s.t.mqtt.MqttTransportHandler - [x] Message decoding failed: MQTT is an unknown protocol name
2026-11-24 10:00:02 [x] INFO  o.t.s.t.mqtt.MqttTransportHandler - Closing current session due to invalid publish msg [a][1]
LOG
script connect=FIN
run "$tbdiag" roundtrip --timeout 3 --token $token "mqtt://127.0.0.1:$port"
grep -oE "^ +grep -E .*" "$out" | sed "s,/var/log/thingsboard/,,; s/^ *//" >command
check 'live-D14 closed: a command for the log' test -s command
sh command >found
check 'live-D14 closed: it finds the line' grep -q 'Message decoding failed' found
check_not 'live-D14 closed: not what is normal' grep -q 'peer not authenticated' found
flat
check 'live-D14 closed: that is called normal' out_has "'peer not authenticated' is normal"
script connect=2003000000 $suback5 "publish=e0028e00,FIN"
plain --token $token --mqtt-version 5
check_not 'live-D14 taken over: no grep for what is not there' out_has thingsboard.log
script connect=20020000 "$suback" publish=4002IDID
plain --token $token
check_not 'live-D14 a request without an answer: no log' out_has thingsboard.log

done_testing
