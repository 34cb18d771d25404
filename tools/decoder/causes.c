/* SPDX-License-Identifier: MIT
 *
 * causes.c - what may be wrong, told once for all who print something about it.
 */
#include "tools/decoder/decoder.h"

#define VERIFY "tbdiag verify --ca-file FILE HOST"
#define CHAIN "tbdiag chain HOST"
#define ROUNDTRIP "tbdiag roundtrip --ca-file FILE --token-file TOKEN HOST"

const struct cause decoder_causes[] = {
	/* ---- for those who do not say more */
	{ "trust",
		"The chain leads to no CA that the device trusts: another root, a self-signed certificate, an intermediate that "
		"is not sent, or somebody in between who answers.",
		"verify with the device's own CA file says which of these it is.",
		"ca.wrong-root ca.self-signed ca.missing-intermediate ca.unknown ca.private-root-sent ca.intercepted "
		"ca.same-name-other-key ca.same-key-other-name ca.name-encoding ca.cross-signed-expired",
		VERIFY },
	{ "dates", "A date: a certificate or the root is over, or the device's clock is wrong.",
		"verify says what is over now; with --at what the device sees at its time.",
		"time.expired ca.anchor-expired time.not-yet-valid time.clock-wrong", VERIFY },
	/* ---- whom the device trusts */
	{ "wrong-ca",
		"The CA that the device trusts is not the one that issued the server's certificate: another "
		"root, one of the same name that was made anew, or the chain changed since.",
		"verify names the root that is missing, and says whether the one in the file only has its "
		"name or its key, or whether somebody in between answers.",
		"ca.wrong-root ca.unknown ca.private-root-sent ca.same-name-other-key ca.same-key-other-name "
		"ca.name-encoding ca.intercepted",
		VERIFY },
	{ "self-signed",
		"The server shows a certificate that it signed itself, and the device was not given that one.",
		"chain shows one certificate whose issuer is itself.", "ca.self-signed", CHAIN },
	{ "private-root",
		"The chain ends in a private root that the server sends along, and the device does not "
		"trust it: what is sent is never trusted for that.",
		"The root stands in the chain that is shown, and not in the file.",
		"ca.private-root-sent ca.wrong-root ca.intercepted", VERIFY },
	{ "intercepted",
		"Somebody in between (a proxy, a security gateway) answers in the place of the server with a "
		"certificate of its own.",
		"The issuer is no CA you know; from another network the server shows another chain.",
		"ca.intercepted", "tbdiag verify HOST" },
	{ "missing-intermediate",
		"The server does not send its intermediate certificates, or sends a path that ends in a root "
		"that is over.",
		"chain shows the leaf alone, or what is missing; browsers hide it, as they fetch or "
		"remember intermediates.",
		"ca.missing-intermediate chain.incomplete ca.cross-signed-expired", CHAIN },
	{ "cross-sign",
		"The path leads to a root that left the trust stores or is over (a cross-signed one), and the "
		"device does not try the shorter path.",
		"chain shows a certificate of a root whose issuer is another, older root.",
		"ca.cross-signed-expired ca.anchor-expired ca.wrong-root", VERIFY },
	{ "wrong-order", "The server sends its certificates out of order.",
		"Most clients sort them; BearSSL and some embedded ones do not.",
		"chain.wrong-order chain.unrelated", CHAIN },
	{ "file-ends-early",
		"The device's CA file has an intermediate, or the server's own certificate, and not the root "
		"above it.",
		"Some clients want the root itself; the file holds no certificate that issued itself.",
		"ca.intermediate-in-store ca.leaf-in-store ca.missing-intermediate-saved ca.old-leaf",
		VERIFY },
	{ "pinned",
		"The device pins the server's certificate or an intermediate that was renewed meanwhile: a "
		"root has to be pinned.",
		"It worked until the server's certificate was renewed, and all devices stopped together.",
		"ca.old-leaf ca.intermediate-in-store ca.wrong-root", VERIFY },
	{ "no-ca", "No CA is configured in the device: neither a certificate nor a bundle.",
		"Its code sets no CA (cert_pem, setCACert, ca_certs, trustStore, crt_bundle_attach), or "
		"the file is not found.",
		"ca.store-missing ca.store-empty", "tbdiag trust --output FILE HOST" },
	{ "file-damaged",
		"The CA file is damaged or in a form that this client does not read: cut off, CRLF or a byte "
		"order mark, DER or PKCS#12 for PEM, a line break lost in source code.",
		"lint names line and byte, and which libraries do not load the file.",
		"ca.store-damaged ca.store-format ca.store-empty ca.store-holds-key",
		"tbdiag lint FILE" },
	{ "file-missing",
		"The file with the CA is not where the client looks, or it may not read it.",
		"The path in its configuration; in a container, what is mounted there.",
		"ca.store-missing ca.store-unhashed", VERIFY },
	{ "system-store",
		"The machine or container has no CA bundle, or one that is too old for today's roots.",
		"The same command with the device's file passes, and without --ca-file it fails.",
		"ca.wrong-root ca.store-missing ca.store-empty", "tbdiag verify --system HOST" },
	{ "old-app-store",
		"The program brings a trust store of its own that is too old; the server's certificate is well.",
		"verify, or another program on the same machine, finds nothing wrong.",
		"ca.cross-signed-expired ca.anchor-expired", "tbdiag verify HOST" },
	{ "stack-drops-root",
		"The library drops the root from the file without a word: its serial number is 0, or it is "
		"out of form for a strict parser.",
		"The file holds the right root, and the library still knows no signer.",
		"policy.strict-only", VERIFY },
	/* ---- time */
	{ "clock",
		"The device's clock is wrong: at its start it says 1970 or the time of the build, and no "
		"certificate is valid then.",
		"The device's own log shows its time; after NTP it works.",
		"time.clock-wrong time.not-yet-valid",
		"tbdiag verify --at 1970-01-02 --ca-file FILE HOST" },
	{ "expired", "A certificate that the server sends is over.",
		"verify says which one and since when; that it was renewed on disk does not mean that the "
		"server was restarted.",
		"time.expired chain.not-renewed", VERIFY },
	{ "root-expired",
		"The root in the device's file is over, or one that the server's chain leads to.",
		"The server's own certificate is valid, and other clients connect.",
		"ca.anchor-expired ca.store-expired-entry ca.cross-signed-expired", VERIFY },
	{ "not-yet-valid",
		"The certificate is not valid yet: it was just issued by a machine whose clock is ahead.",
		"Its notBefore is later than now.", "time.not-yet-valid", VERIFY },
	/* ---- names */
	{ "name",
		"The name that the device connects to is not among the certificate's names: another host, "
		"only a common name, a wildcard that does not reach that deep.",
		"verify lists the names; ThingsBoard Cloud speaks MQTT on mqtt.thingsboard.cloud.",
		"name.mismatch name.wildcard-depth name.cn-only name.cloud-host", VERIFY },
	{ "address",
		"The device connects to an IP address, and the certificate has none: an address as common "
		"name or as DNS name does not count for most clients.",
		"With the host's name in the place of the address it works.",
		"name.ip-not-listed name.ip-as-dns name.address-only name.mismatch",
		"tbdiag verify --ca-file FILE --verify-name ADDRESS HOST" },
	{ "cn-only",
		"The certificate has no subjectAltName; what counts for this client is that alone, never the "
		"common name.",
		NULL, "name.cn-only name.mismatch", VERIFY },
	{ "wrong-host",
		"It is another server than the one for devices: the host or CA of the web interface, or a "
		"default certificate of a proxy for a name it does not know.",
		"The chains of both hosts differ.",
		"name.cloud-host name.mismatch ca.wrong-root tls.proxy-default-certificate",
		CHAIN },
	/* ---- what a certificate may, and its form */
	{ "rules",
		"The certificate breaks a rule: key too small, hash too weak, wrong purpose, a CA that is "
		"none, a path too long, a name outside the constraints, an unknown critical extension.",
		"verify says which rule and of which certificate.",
		"policy.weak-key policy.weak-signature policy.wrong-purpose policy.not-a-ca "
		"policy.path-length policy.name-constraints policy.unknown-critical policy.bad-signature "
		"policy.unknown-algorithm",
		VERIFY },
	{ "purpose",
		"The certificate may not be used for a server: its (extended) key usage says something else, "
		"often that of a client certificate.",
		NULL, "policy.wrong-purpose", VERIFY },
	{ "not-a-ca",
		"A certificate that signed another is no CA: no CA:TRUE, no keyCertSign, or its path length "
		"is exceeded.",
		NULL, "policy.not-a-ca policy.path-length", VERIFY },
	{ "path-length", "The chain is longer than a CA in it allows.", NULL,
		"policy.path-length policy.not-a-ca", VERIFY },
	{ "constraints", "The name lies outside of what the CA may issue for (name constraints).",
		NULL, "policy.name-constraints", VERIFY },
	{ "signature",
		"A signature does not fit: the certificate was changed, or the CA was made anew under the "
		"same name with another key.",
		"verify says which of the two: only the second is mended by another CA file.",
		"policy.bad-signature ca.same-name-other-key", VERIFY },
	{ "weak",
		"A key is too small or a hash too weak for this client: RSA below 2048 bits, SHA-1, MD5.",
		"verify shows key and signature of each certificate; the root's own signature does not "
		"matter.",
		"policy.weak-key policy.weak-signature policy.rare-key policy.rare-signature",
		VERIFY },
	{ "critical", "A critical extension that the client does not know.", NULL,
		"policy.unknown-critical policy.critical-constraints", VERIFY },
	{ "strict",
		"The certificate lacks what a strict client demands by RFC 5280: an authority or subject key "
		"identifier, critical basicConstraints, X.509 version 3.",
		"Python 3.13 and OpenSSL with X509_V_FLAG_X509_STRICT refuse; others do not.",
		"policy.strict-only", "tbdiag verify --profile rfc5280 --ca-file FILE HOST" },
	{ "revoked", "The certificate was revoked.", NULL, "policy.revoked",
		"tbdiag verify --ocsp --ca-file FILE HOST" },
	{ "no-crl",
		"The client looks for revocation, and the list or responder cannot be had; the certificate "
		"itself may be well.",
		"A private CA has none: revocation has to be off there, or a list be given.",
		"policy.revoked", "tbdiag verify --ocsp --ca-file FILE HOST" },
	{ "algorithm", "A key or signature of a kind that the library was built without.",
		"verify shows the algorithms; small devices often have RSA and P-256 only.",
		"policy.unknown-algorithm policy.rare-key policy.rare-signature tls.cipher",
		CHAIN },
	{ "certificate-form", "The certificate itself is damaged or out of form.",
		"chain says what cannot be read.",
		"chain.not-parsable chain.empty policy.strict-only", CHAIN },
	/* ---- certificates of clients */
	{ "client-cert-required",
		"The server wants a client certificate, and the device shows none.",
		"verify says whether the server asks for one, and what it does without.",
		"tls.client-cert-required tls.client-cert-wanted", "tbdiag verify HOST" },
	{ "client-cert-rejected",
		"The server does not accept the client certificate that the device shows: not signed by its "
		"CA, over, or not registered.",
		"The alert comes after the device sent its certificate; without one it does not come.",
		"tls.client-cert-rejected mqtt.client-cert-refused",
		"tbdiag verify --cert CERT --ca-file FILE HOST" },
	{ "client-key",
		"The device's private key does not belong to its certificate, or cannot be read: another "
		"pair, encrypted, another format.",
		"With --cert and --key the tool says whether they match before it connects.",
		"tls.client-cert-rejected", "tbdiag verify --cert CERT --ca-file FILE HOST" },
	{ "client-cert-unregistered",
		"ThingsBoard does not know the device's certificate, or its chain is out of order: leaf first, "
		"then its issuers.",
		"The handshake succeeds and MQTT is refused.",
		"mqtt.client-cert-refused mqtt.not-authorized",
		"tbdiag verify --cert CERT --ca-file FILE HOST" },
	{ "app-ignores-user-ca",
		"An app (Android from version 7 on, Java) trusts the system's CAs or a store of its own "
		"only, not the CA that the user installed.",
		"Another client with the same CA connects.",
		"ca.wrong-root ca.unknown ca.self-signed", VERIFY },
	/* ---- TLS */
	{ "version", "Client and server have no version of TLS in common.",
		"verify makes a second handshake by TLS 1.2.", "tls.version tls.old-version-fails",
		"tbdiag verify --tls-version 1.2 HOST" },
	{ "cipher",
		"Client and server have no cipher suite, curve or signature algorithm in common: often an ECDSA "
		"certificate for a client that has RSA only, or the other way round.",
		"chain shows the kind of key.", "tls.cipher policy.rare-key tls.alert", CHAIN },
	{ "sni",
		"The server needs the host's name in the handshake (SNI), and the device sends none or "
		"another: shared hosts and proxies then show another certificate or end the handshake.",
		"--without-sni shows what such a device is served.",
		"tls.sni-needed tls.sni-rejected tls.proxy-default-certificate",
		"tbdiag verify --without-sni HOST" },
	{ "alpn", "The server wants an application protocol (ALPN) that the device does not offer.",
		NULL, "tls.alpn-needed", "tbdiag verify --alpn mqtt HOST" },
	{ "not-tls",
		"What answers on that port does not speak TLS: plain MQTT (1883), HTTP, or something else.",
		"verify says what speaks there.",
		"tls.plain-mqtt tls.plain-http tls.other-protocol", "tbdiag verify HOST" },
	{ "clear-to-tls", "The client speaks in the clear to a port of TLS.",
		"The port is 8883, 443 or 8443, and the client's URL begins with mqtt://, tcp:// or http://.",
		"tls.plain-mqtt mqtt.closed-before-connack mqtt.no-connack", "tbdiag verify HOST" },
	{ "closed",
		"The server, or a firewall or proxy before it, closes or resets the connection: it has no "
		"certificate loaded, is starting, limits connections, or refuses the device without a word, as one that wants a client certificate may.",
		"verify says after which step it is closed; the server's log has the reason.",
		"tls.closed tcp.reset mqtt.closed-before-connack server.starting proxy.header-expected "
		"proxy.backend-down tls.client-cert-required",
		"tbdiag verify HOST" },
	{ "silent",
		"Nobody answers: the packets are dropped by a firewall, or the server is stuck.",
		"verify says after which step the silence begins.",
		"tls.timeout tcp.timeout mqtt.no-connack http.timeout coap.timeout tls.datagram-lost",
		"tbdiag verify HOST" },
	{ "client-refused-silently",
		"The client itself refused the server, after the handshake and without an alert (Node, "
		"BearSSL do so), so the server only sees the connection end.",
		"The client's log has the reason; verify says whether the chain is well.",
		"ca.wrong-root ca.missing-intermediate ca.self-signed name.mismatch time.expired",
		VERIFY },
	{ "client-refused",
		"The device refused the server's certificate; the server only repeats what it was told.",
		"verify with the device's own CA file shows why.",
		"ca.wrong-root ca.self-signed ca.missing-intermediate name.mismatch time.expired "
		"time.clock-wrong",
		VERIFY },
	{ "memory",
		"The device has not enough memory for the handshake: a chain of many or large certificates, "
		"records of 16 kB.",
		"chain shows how many bytes the server sends.", "chain.large", CHAIN },
	{ "library-bug",
		"A known fault of that version of the client's library; with another version, or with TLS "
		"1.2, it works.",
		"verify finds nothing wrong, also by TLS 1.2.",
		"tls.old-version-fails tls.client-cert-wanted",
		"tbdiag verify --tls-version 1.2 HOST" },
	{ "no-date-check", "The client checks no dates: it was built without, or has no clock.",
		"verify --at shows what it would say at that time.",
		"time.expired time.clock-wrong",
		"tbdiag verify --at 1970-01-02 --ca-file FILE HOST" },
	{ "alert", "The peer ended the handshake with an alert.", "Its log has the reason.",
		"tls.alert", "tbdiag verify HOST" },
	{ "datagrams", "Datagrams of the handshake are lost or too large on the way (DTLS).", NULL,
		"tls.datagram-lost coap.timeout chain.large", "tbdiag verify coaps://HOST" },
	/* ---- the network */
	{ "dns", "The host's name has no address where the device asks.",
		"verify says what the resolver of this machine answers; the device may ask another.",
		"dns.not-found dns.no-address dns.timeout", "tbdiag verify HOST" },
	{ "refused", "Nothing listens on that port, or a firewall says so.",
		"The port: 8883 is MQTT with TLS, 1883 without.", "tcp.refused server.starting",
		"tbdiag verify HOST" },
	{ "unreachable", "There is no way to the server from there.",
		"From another network it can be reached.", "tcp.unreachable tcp.timeout",
		"tbdiag verify HOST" },
	{ "connect-timeout", "No answer to the attempt to connect: a firewall drops the packets.",
		NULL, "tcp.timeout tcp.unreachable dns.timeout", "tbdiag verify HOST" },
	{ "proxy", "A proxy on the way wants credentials, or refuses the target.", NULL,
		"proxy.auth proxy.refused", "tbdiag verify --proxy http://PROXY HOST" },
	/* ---- MQTT, HTTP, CoAP */
	{ "token",
		"ThingsBoard does not know the access token: mistyped, a blank or line end in it, deleted, of "
		"another server, or not sent as user name.",
		"roundtrip says what is odd about it, and whether the server takes it.",
		"mqtt.not-authorized mqtt.bad-credentials token.malformed token.whitespace "
		"token.placeholder token.missing token.is-uuid token.is-jwt http.unauthorized "
		"coap.unauthorized",
		ROUNDTRIP },
	{ "protocol-version", "The server does not speak that version of MQTT.", NULL,
		"mqtt.protocol-version",
		"tbdiag roundtrip --mqtt-version 3.1.1 --token-file TOKEN HOST" },
	{ "client-id",
		"The server does not accept the client identifier; for MQTT Basic credentials it may have to be "
		"a certain one.",
		NULL, "mqtt.client-id mqtt.bad-credentials", ROUNDTRIP },
	{ "unavailable", "The server is starting, overloaded, or limits this device.",
		"It passes by itself, or the log of the server has the reason.",
		"mqtt.unavailable server.starting", ROUNDTRIP },
	{ "refused-mqtt", "The server refuses the CONNECT.",
		"roundtrip --explain-refusal asks for the reason.",
		"mqtt.refused mqtt.not-authorized mqtt.bad-credentials mqtt.protocol-version mqtt.client-id",
		"tbdiag roundtrip --explain-refusal --token-file TOKEN HOST" },
	{ "no-connack", "The server takes the CONNECT and does not answer.",
		"roundtrip says whether the TLS handshake succeeded.",
		"mqtt.no-connack tls.timeout", ROUNDTRIP },
	{ "closed-mqtt", "The server closes the connection after the CONNECT without an answer.",
		"An older ThingsBoard does so for a wrong token; a proxy, when the server behind is away.",
		"mqtt.closed-before-connack mqtt.session-ended tls.closed tcp.reset "
		"tls.client-cert-required",
		ROUNDTRIP },
	{ "closed-on-publish",
		"The server closes the connection on a message: a topic it does not know, no JSON, too "
		"large, too many.",
		"roundtrip publishes what is right by the documentation; if that is kept, the message is at "
		"fault.",
		"mqtt.closed-on-publish mqtt.session-ended mqtt.own-topics", ROUNDTRIP },
	{ "taken-over",
		"Another connection with the same client identifier or token takes over: two devices with one "
		"identity, or one that connects anew before its old session ended.",
		"It connects and is thrown out again and again, at random times.",
		"mqtt.taken-over mqtt.session-ended", ROUNDTRIP },
	{ "subscribe", "The server refuses the subscription: a topic the device has no right to.",
		NULL, "mqtt.suback-refused mqtt.own-topics", ROUNDTRIP },
	{ "publish", "The server refuses the message.", NULL,
		"mqtt.publish-refused mqtt.no-puback mqtt.own-topics", ROUNDTRIP },
	{ "not-mqtt", "What answers does not speak MQTT.",
		"A web server, or a WebSocket path that is missing.",
		"mqtt.not-mqtt ws.not-mqtt ws.upgrade-refused", "tbdiag verify HOST" },
	{ "websocket", "The server does not take MQTT over WebSockets there.",
		"The path is often /mqtt, the subprotocol mqtt.", "ws.upgrade-refused ws.not-mqtt",
		"tbdiag verify wss://HOST" },
	{ "keepalive",
		"Nothing came for one and a half times the keep-alive interval: the device sleeps, or its "
		"network drops idle connections.",
		"The session ends after the same time each time.", "mqtt.session-ended",
		ROUNDTRIP },
	{ "no-response",
		"The server takes the request and sends no answer, or one to another request.",
		"roundtrip waits for its own.",
		"data.no-response data.other-response data.not-stored", ROUNDTRIP },
	{ "http-unauthorized", "The token in the path of the URL is unknown to the server.", NULL,
		"http.unauthorized token.malformed token.placeholder",
		"tbdiag roundtrip --token-file TOKEN https://HOST" },
	{ "not-device-api",
		"What answers is no device API of ThingsBoard: a web page, a redirection, another path.",
		NULL, "http.not-device-api http.redirect",
		"tbdiag roundtrip --token-file TOKEN https://HOST" },
	{ "http-redirect",
		"The server redirects, mostly from http to https, which devices do not follow.",
		NULL, "http.redirect http.not-device-api",
		"tbdiag roundtrip --token-file TOKEN https://HOST" },
	{ "http-error",
		"The server, or a proxy before it whose server is away, answers with an error.",
		"502, 503 and 504 come from a proxy.",
		"http.error proxy.backend-down server.starting",
		"tbdiag roundtrip --token-file TOKEN https://HOST" },
	{ "coap-unauthorized", "The token in the path of the request is unknown to the server.",
		NULL, "coap.unauthorized token.malformed token.placeholder",
		"tbdiag roundtrip --token-file TOKEN coap://HOST" },
	{ "coap-error", "The server answers the request with an error.", "4.04 is a wrong path.",
		"coap.error", "tbdiag roundtrip --token-file TOKEN coap://HOST" },
	{ "coap-silent",
		"No answer to the datagrams: UDP 5683 or 5684 is closed, or they get lost.", NULL,
		"coap.timeout tls.datagram-lost",
		"tbdiag roundtrip --token-file TOKEN coap://HOST" },
	/* ---- at home */
	{ "local",
		"The program was called or configured wrongly, or fails by itself; no server is at fault.",
		"verify and roundtrip find nothing wrong.", "", "tbdiag verify HOST" },
	{ "quoting",
		"The command to the modem is malformed: every string in it has to stand in quotes, the token "
		"too.",
		"The modem answers ERROR at once, without a network.",
		"token.malformed token.missing", ROUNDTRIP },
	{ "modem-file",
		"The file was not stored, not converted or is too large for the modem: the root alone is "
		"enough.",
		"The modem's list of certificates (AT+CCERTLIST, AT+QFLST, AT+CFSGFIS).",
		"chain.large", "tbdiag verify --save-ca FILE HOST" },
	{ "modem-tls",
		"The modem does not say what failed: the CA in it, its clock, the name, SNI, or the network.",
		"verify with the CA file that is in the modem tells all but its clock and its SNI.",
		"ca.wrong-root ca.missing-intermediate ca.self-signed tls.sni-needed name.mismatch "
		"time.clock-wrong tcp.timeout tcp.refused",
		"tbdiag verify --without-sni --ca-file FILE HOST" },
	{ "server-file",
		"ThingsBoard has no file with the certificate to give to devices: the one that "
		"DEVICE_CONNECTIVITY_MQTTS_CA_ROOT_CERT names is missing.",
		"It is about the page with the commands; connections are not affected.", "",
		CHAIN },
	{ "server-config",
		"The server cannot load its own certificate or key: wrong path or format, a key that does not "
		"belong to it, an encrypted one without password.",
		"The server's log at its start; until then it serves nothing on that port.",
		"tls.closed tcp.refused", CHAIN },
	{ "crlf-bearssl",
		"The certificate in the sketch has CRLF line ends or a byte order mark: BearSSL then loads "
		"no anchor and says nothing.",
		"verify says ca.store-format for the same file.",
		"ca.store-format ca.store-damaged", VERIFY },
	{ "accepted", "The client found nothing wrong.",
		"verify looks at what this client does not check.", "", VERIFY },
	{ "not-checked",
		"Something is wrong that this client does not check or does not tell: names, dates, even "
		"the issuer; or it does not wait for the answer.",
		"verify shows it.",
		"name.mismatch name.ip-not-listed name.wildcard-depth name.cn-only time.expired "
		"time.not-yet-valid ca.anchor-expired ca.self-signed policy.wrong-purpose policy.weak-key "
		"chain.wrong-order chain.duplicate chain.root-sent chain.unrelated ca.name-encoding "
		"time.expires-now tls.sni-optional data.no-response",
		VERIFY },
	{ 0 },
};

const struct cause *decoder_cause(const char *key, size_t len)
{
	const struct cause *cause = decoder_causes;
	while (cause->key != NULL &&
		(strncmp(cause->key, key, len) != 0 || cause->key[len] != '\0'))
		cause++;
	return cause->key != NULL ? cause : NULL;
}
