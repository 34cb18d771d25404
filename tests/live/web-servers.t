#!/bin/sh
# SPDX-License-Identifier: MIT
#
# web-servers.t - what nginx, haproxy and others answer in ThingsBoard's place is told from ThingsBoard's own answers.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

printf %s A1b2C3d4E5f6G7h8I9j0 >token
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem 2>/dev/null || exit 99
cat key.pem cert.pem >both.pem

roundtrip() { run timeout 30 "$tbdiag" roundtrip --token-file token --timeout 5 "$@"; }
flat() { tr -s ' \n' ' ' <"$out"; }
says() { flat | grep -qF -e "$1"; }

# A port that nobody has just now.
free_port() {
  /usr/bin/python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# until_open PORT: wait for a server that says nothing when it is ready.
until_open() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import socket, sys, time
for _ in range(400):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        break
    except OSError:
        time.sleep(0.025)
else:
    sys.exit(1)
PYTHON
}

# answer_with STATUS TYPE BODY [FIELD]: a server that always answers so.
answer_with() {
  printf 'HTTP/1.1 %s\r\nContent-Type: %s\r\n%sContent-Length: %s\r\n\r\n%s' \
    "$1" "$2" "${4-}" "${#3}" "$3" >answer
  peer_start python answer-peer.py answer
}

# nginx_start: by the lines of "server.conf", on $port.
nginx_start() {
  port=$(free_port)
  mkdir -p nginx
  cat >nginx.conf <<CONF
daemon off;
worker_processes 1;
pid $tap_dir/nginx/pid;
error_log $tap_dir/nginx/error.log;
events { }
http {
  access_log off;
  client_body_temp_path $tap_dir/nginx/body;
  proxy_temp_path $tap_dir/nginx/proxy;
  fastcgi_temp_path $tap_dir/nginx/fastcgi;
  uwsgi_temp_path $tap_dir/nginx/uwsgi;
  scgi_temp_path $tap_dir/nginx/scgi;
  ssl_certificate $tap_dir/cert.pem;
  ssl_certificate_key $tap_dir/key.pem;
  server {
    $(sed "s/PORT/$port/" server.conf)
  }
}
CONF
  nginx -e "$tap_dir/nginx/error.log" -p "$tap_dir/nginx" -c "$tap_dir/nginx.conf" >/dev/null 2>&1 &
  peer_pid=$!
  tap_pids="$tap_pids $peer_pid"
  until_open "$port"
}

# ---- nginx ------------------------------------------------------------------------------------------

PATH=$PATH:/usr/sbin:/sbin
if command -v nginx >/dev/null; then
  printf 'listen 127.0.0.1:PORT ssl; ssl_client_certificate %s; ssl_verify_client on;\n' \
    "$tap_dir/cert.pem" >server.conf
  nginx_start
  roundtrip --ca-file cert.pem "https://localhost:$port"
  check 'ticket-h08 a proxy that insists on a client certificate: status' status_is 2
  check 'ticket-h08 says so' says 'it insists on a client certificate: 400 No required SSL certificate was sent'
  check 'ticket-h08 the setting' says 'ssl_verify_client optional;'
  check 'ticket-h08 who says it' says 'this answer is of nginx'
  check_not 'ticket-h08 no word of a slash' says 'encoded slash'
  check_not 'ticket-h08 it does not go on without' says 'goes on without'
  # The setting that is proposed.
  peer_stop
  printf 'listen 127.0.0.1:PORT ssl; ssl_client_certificate %s; ssl_verify_client optional; return 200;\n' \
    "$tap_dir/cert.pem" >server.conf
  nginx_start
  roundtrip --ca-file cert.pem "https://localhost:$port"
  check_not 'ticket-h08 the setting mends it' says 'insists on a client certificate'

  roundtrip "http://localhost:$port"
  check 'ticket-h02 in clear to a port for TLS: status' status_is 2
  check 'ticket-h02 the title is quoted' says '400 The plain HTTP request was sent to HTTPS port'
  check 'ticket-h02 use https' says "tbdiag roundtrip https://localhost:$port"
  check_not 'ticket-h02 no word of a slash' says 'encoded slash'
  peer_stop

  printf 'user:{PLAIN}secret\n' >htpasswd
  printf 'listen 127.0.0.1:PORT ssl; root /; auth_basic "staff only"; auth_basic_user_file %s;\n' \
    "$tap_dir/htpasswd" >server.conf
  nginx_start
  roundtrip --ca-file cert.pem "https://localhost:$port"
  check 'ticket-h06 a login of the proxy: http.error' says 'critical http.error'
  check 'ticket-h06 what it is' says 'it wants a login of its own: 401 Authorization Required'
  check 'ticket-h06 what it wants' says 'Basic realm="staff only"'
  check_not 'ticket-h06 the token is not blamed' says 'Copy the token'
  check 'ticket-h06 status' status_is 2
  run timeout 30 "$tbdiag" roundtrip --token-file token --timeout 5 --ca-file cert.pem \
    --transports "https:$port,http:$port" --allow-plain localhost
  check_not 'ticket-h06 nor is it by several transports' says 'refused it'
  peer_stop

  printf 'listen 127.0.0.1:PORT ssl; location / { proxy_pass http://127.0.0.1:1; }\n' >server.conf
  nginx_start
  roundtrip --ca-file cert.pem "https://localhost:$port"
  check 'ticket-11 502: nobody behind it' says 'a proxy has no server behind it: 502 Bad Gateway'
  check 'ticket-11 502: who says it' says 'this answer is of nginx'
  peer_stop
else
  skip 'ticket-h08 ticket-h02 ticket-h06 nginx' 'nginx is not installed'
fi

# ---- haproxy ----------------------------------------------------------------------------------------

if command -v haproxy >/dev/null; then
  port=$(free_port)
  cat >haproxy.cfg <<CONF
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend in
  bind 127.0.0.1:$port
  default_backend none
backend none
CONF
  haproxy -db -f haproxy.cfg >/dev/null 2>&1 &
  peer_pid=$!
  tap_pids="$tap_pids $peer_pid"
  until_open "$port"
  roundtrip "http://localhost:$port"
  check 'ticket-11 503 of haproxy' says 'answered POST with status 503'
  check 'ticket-11 503 of haproxy: its heading' says '503 Service Unavailable'
  check 'ticket-11 503 of haproxy: who says it' says 'this answer is of haproxy'
  peer_stop
else
  skip 'ticket-11 haproxy' 'haproxy is not installed'
fi

# ---- others, by what they say -----------------------------------------------------------------------

answer_with '404 Not Found' 'text/plain; charset=utf-8' '404 page not found
'
roundtrip "http://localhost:$port"
check 'ticket-11 404 of traefik' says 'this answer is of traefik'
peer_stop
answer_with '404 Not Found' text/plain 'default backend - 404'
roundtrip "http://localhost:$port"
check 'ticket-11 404 of an ingress controller' says 'this answer is of the ingress controller of Kubernetes'
peer_stop
answer_with '503 Service Unavailable' text/html '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>503 Service
 Unavailable</title>
</head><body><address>Apache/2.4.57 (Debian) Server</address></body></html>'
roundtrip "http://localhost:$port"
check 'ticket-11 503 of Apache' says 'this answer is of Apache'
check 'ticket-11 a title of two lines' says ': 503 Service Unavailable'
peer_stop
answer_with '504 Gateway Time-out' text/html '<html><head><title>504 Gateway Time-out</title></head>
<body><center><h1>504 Gateway Time-out</h1></center><hr><center>nginx/1.22.1</center></body></html>'
roundtrip "http://localhost:$port"
check 'ticket-11 504: nobody answers behind it' says 'a proxy waited in vain for the server behind it: 504 Gateway Time-out'
check 'ticket-11 504 of nginx' says 'this answer is of nginx'
peer_stop
answer_with '504 Gateway Time-out' text/html '<html><body><h1>504 Gateway Time-out</h1>
The server didn'"'"'t respond in time.
</body></html>'
roundtrip "http://localhost:$port"
check 'ticket-11 504 of haproxy' says 'this answer is of haproxy'
peer_stop
answer_with '400 ' 'text/plain;charset=UTF-8' 'Bad Request'
roundtrip "http://localhost:$port"
check 'live-D11 in clear to ThingsBoard with SSL_ENABLED' says 'with status 400: the port speaks TLS'
check 'live-D11 the right target' says "tbdiag roundtrip https://localhost:$port"
check_not 'live-D11 no word of a slash' says 'encoded slash'
peer_stop
answer_with '401 ' text/plain ''
roundtrip "http://localhost:$port"
check "ticket-h06 ThingsBoard's own 401 stays" says 'critical http.unauthorized'
peer_stop
answer_with '400 ' application/json '{"message":"Bad Request","errorCode":31,"status":400}'
printf %s 'A1b2;C3' >token
roundtrip "http://localhost:$port"
check 'ticket-11 a slash is spoken of where the token has one' says 'encoded slash'
peer_stop

# ---- a body that arrives as a form ------------------------------------------------------------------

printf %s A1b2C3d4E5f6G7h8I9j0 >token
malformed() {
  answer_with '500 ' 'text/plain;charset=UTF-8' "com.google.gson.stream.MalformedJsonException: Use \
JsonReader.setStrictness(Strictness.LENIENT) to accept malformed JSON at line 1 column $1 path \$"
  roundtrip --telemetry '{"a":1}' "http://localhost:$port"
  peer_stop
}
malformed 99
check 'live-C1 a column beyond what was sent' says 'the JSON arrived as a form'
check 'live-C1 what it should be' says 'Content-Type: application/json'
check 'live-C1 status' status_is 2
malformed 5
check_not 'live-C1 a column within it' says 'arrived as a form'
run "$tbdiag" explain http.error
check 'live-C1 explained' says "curl -d"

# A title that is cut is not cut in the middle of a character.
for before in '' x xx xxx; do
  answer_with '502 Bad Gateway' text/html "<html><title>$before$(printf '\360\237\230\200%.0s' $(seq 40))</title></html>"
  roundtrip --format json "http://127.0.0.1:$port"
  check "a long title behind '$before': exit status" status_is 2
  check "a long title behind '$before': fits the schema" out_fits_schema
  peer_stop
done

done_testing
