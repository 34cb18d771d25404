/* SPDX-License-Identifier: MIT
 *
 * mqtt-observer.c - packets of an MQTT connection, in pieces of any size.
 */
#include "net/mqtt-observer.h"

#include "tests/unit/check-main.h"

static struct tbd_report *report;
static struct tbdi_mqtt_observer wire;

static void observer_setup(void)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	ck_assert_int_eq(tbd_report_new(&options, &report, NULL), 0);
	tbdi_mqtt_observer_init(&wire, tbdi_report_of(report), false);
}

static void observer_teardown(void)
{
	tbd_report_free(report);
}

/* CONNECT with the user name "SECRET". */
static const char connect_packet[] = "\x10\x16\x00\x04MQTT\x04\x82\x00\x3c\x00\x02id\x00\x06SECRET";
static const char subscribe_packet[] = "\x82\x0f\x00\x01\x00\x0aresponse/+\x01";
static const char request_packet[] = "\x32\x11\x00\x03req\x00\x02{\"secret\"}";
static const char answers[] = "\x20\x02\x00\x00"
			      "\x90\x03\x00\x01\x01"
			      "\x40\x02\x00\x02"
			      "\x30\x07\x00\x03res{}"
			      "\xd0\x00"
			      "\x32\x09\x00\x03res\x00\x07{}";

static const struct {
	bool sent;
	const char *type;
	size_t len;
	const char *detail;
} expected[] = {
	{ true, "CONNECT", 24, NULL },
	{ true, "SUBSCRIBE", 17, "id 1, response/+" },
	{ true, "PUBLISH", 19, "req, QoS 1, id 2" },
	{ false, "CONNACK", 4, "rc 0" },
	{ false, "SUBACK", 5, "id 1, granted 0x1" },
	{ false, "PUBACK", 4, "id 2" },
	{ false, "PUBLISH", 9, "res, QoS 0" },
	{ false, "PINGRESP", 2, NULL },
	{ false, "PUBLISH", 11, "res, QoS 1, id 7" },
};

static void feed(bool sent, const char *data, size_t len, size_t step)
{
	for (size_t at = 0; at < len; at += step) {
		size_t piece = len - at < step ? len - at : step;
		if (sent)
			tbdi_mqtt_observer_sent(&wire, data + at, piece);
		else
			ck_assert(tbdi_mqtt_observer_received(&wire, data + at, piece));
	}
}

TEST_GROUP(.setup = observer_setup, .teardown = observer_teardown);

TEST_RANGE(pieces, 1, 40)
{
	size_t step = (size_t)_i;
	feed(true, connect_packet, sizeof(connect_packet) - 1, step);
	feed(true, subscribe_packet, sizeof(subscribe_packet) - 1, step);
	feed(true, request_packet, sizeof(request_packet) - 1, step);
	feed(false, answers, sizeof(answers) - 1, step);
	ck_assert_int_eq(wire.puback, 0);
	ck_assert_int_eq(wire.disconnect, -1);
	ck_assert_uint_eq(wire.packets.count, TBDI_COUNT(expected));
	for (size_t i = 0; i < TBDI_COUNT(expected); i++) {
		const struct tbd_packet *packet = wire.packets.items[i];
		ck_assert_int_eq(packet->sent, expected[i].sent);
		ck_assert_str_eq(packet->type, expected[i].type);
		ck_assert_uint_eq(packet->len, expected[i].len);
		ck_assert_pstr_eq(packet->detail, expected[i].detail);
		if (packet->detail != NULL)
			ck_assert_ptr_null(strstr(packet->detail, "secret"));
	}
	ck_assert_int_eq(wire.connack, 0);
	ck_assert_int_eq(wire.suback, 1);
	ck_assert(!wire.not_mqtt && !wire.too_large && !wire.packets_cut);
}

TEST(token_is_not_kept)
{
	tbdi_mqtt_observer_sent(&wire, connect_packet, sizeof(connect_packet) - 2);
	ck_assert_ptr_null(memmem(&wire, sizeof(wire), "SECRE", 5));
	ck_assert_uint_eq(wire.up_len, sizeof(connect_packet) - 2);
}

TEST_TIMES(connack_code, 2)
{
	static const char *const packets[] = { "\x20\x02\x01\x05", "\x20\x03\x00\x84\x00" };
	static const int codes[] = { 5, 0x84 };
	static const char *const details[] = { "rc 5, session present", "rc 132" };
	ck_assert(tbdi_mqtt_observer_received(&wire, packets[_i], 4 + (size_t)_i));
	ck_assert_int_eq(wire.connack, codes[_i]);
	const struct tbd_packet *packet = wire.packets.items[0];
	ck_assert_str_eq(packet->detail, details[_i]);
	ck_assert_ptr_nonnull(tbdi_mqtt_connack_name(codes[_i]));
}

TEST(connack_names)
{
	ck_assert_str_eq(tbdi_mqtt_connack_name(5), "Not authorized");
	ck_assert_ptr_null(tbdi_mqtt_connack_name(6));
	ck_assert_ptr_null(tbdi_mqtt_connack_name(-1));
}

TEST(suback_refused)
{
	feed(true, subscribe_packet, sizeof(subscribe_packet) - 1, 5);
	feed(false, "\x20\x02\x00\x00\x90\x03\x00\x01\x80", 9, 1);
	ck_assert_int_eq(wire.suback, 0x80);
	const struct tbd_packet *packet = wire.packets.items[2];
	ck_assert_str_eq(packet->detail, "id 1, refused 0x80");
}

/* An answer counts for the subscription that was asked for, and for no other. */
TEST(suback_of_another_id)
{
	feed(true, subscribe_packet, sizeof(subscribe_packet) - 1, 5);
	feed(false, "\x20\x02\x00\x00\x90\x03\x00\x02\x01", 9, 1);
	ck_assert_int_eq(wire.suback, -1);
	feed(false, "\x90\x03\x00\x01\x01", 5, 1);
	ck_assert_int_eq(wire.suback, 1);
	feed(false, "\x90\x03\x00\x01\x80", 5, 1);
	ck_assert_int_eq(wire.suback, 1);
}

/* ---- MQTT 5 ---------------------------------------------------------------------------------- */

static const char v5_up[] = "\x82\x10\x00\x01\x00\x00\x0aresponse/+\x01"
			    "\x32\x08\x00\x01t\x00\x02\x00{}"
			    "\x32\x08\x00\x01t\x00\x03\x00{}";
static const char v5_down[] = "\x20\x06\x00\x00\x03\x21\x00\x0a" /* a receive maximum */
			      "\x90\x0a\x00\x01\x06\x1f\x00\x03why\x8f"
			      "\x40\x02\x00\x02"
			      "\x40\x04\x00\x03\x99\x00"
			      "\xe0\x02\x8e\x00";
static const char *const v5_details[] = { "id 1, response/+", "t, QoS 1, id 2", "t, QoS 1, id 3",
	"rc 0", "id 1, refused 0x8f", "id 2", "id 3, reason 0x99", "reason 0x8e" };

TEST_RANGE(v5, 1, 40)
{
	tbdi_mqtt_observer_init(&wire, tbdi_report_of(report), true);
	feed(true, v5_up, sizeof(v5_up) - 1, (size_t)_i);
	ck_assert_uint_eq(wire.unacknowledged, 2);
	feed(false, v5_down, sizeof(v5_down) - 1, (size_t)_i);
	ck_assert_uint_eq(wire.packets.count, TBDI_COUNT(v5_details));
	for (size_t i = 0; i < TBDI_COUNT(v5_details); i++) {
		const struct tbd_packet *packet = wire.packets.items[i];
		ck_assert_pstr_eq(packet->detail, v5_details[i]);
	}
	ck_assert_int_eq(wire.connack, 0);
	ck_assert_int_eq(wire.suback, 0x8f);
	ck_assert_int_eq(wire.puback, 0x99);
	ck_assert_int_eq(wire.disconnect, 0x8e);
	ck_assert_uint_eq(wire.unacknowledged, 0);
}

/* Reason codes are left out for success; before MQTT 5 there are none. */
TEST_TIMES(v5_short_forms, 2)
{
	static const char packets[] = "\x20\x02\x00\x00"
				      "\x40\x03\x00\x01\x90"
				      "\xe0\x00";
	tbdi_mqtt_observer_init(&wire, tbdi_report_of(report), _i == 1);
	feed(true, _i == 1 ? "\x32\x06\x00\x01t\x00\x01\x00" : "\x32\x05\x00\x01t\x00\x01",
		7 + (size_t)_i, 8);
	feed(false, packets, sizeof(packets) - 1, 3);
	ck_assert_int_eq(wire.puback, _i == 1 ? 0x90 : 0);
	ck_assert_int_eq(wire.disconnect, 0);
	ck_assert_uint_eq(wire.unacknowledged, 0);
}

/* Properties that are longer than the packet, or whose length never ends. */
TEST(v5_lying_properties)
{
	static const char lies[] = "\x20\x03\x00\x00\xff"
				   "\x90\x04\x00\x01\x7f\x01"
				   "\x90\x08\x00\x01\xff\xff\xff\xff\xff\x01"
				   "\x90\x03\x00\x01\x80"
				   "\x90\x02\x00\x01"
				   "\x40\x01\x00";
	tbdi_mqtt_observer_init(&wire, tbdi_report_of(report), true);
	feed(true, v5_up, sizeof(v5_up) - 1, 7);
	feed(false, lies, sizeof(lies) - 1, 2);
	ck_assert_uint_eq(wire.packets.count, 3 + 6);
	ck_assert_int_eq(wire.suback, -1);
}

/* A long CONNACK is none of MQTT 3. */
TEST(v5_connack_with_properties)
{
	tbdi_mqtt_observer_init(&wire, tbdi_report_of(report), true);
	ck_assert(tbdi_mqtt_observer_received(&wire, "\x20\x90\x01\x00\x87", 5));
	for (int i = 0; i < 142; i++)
		ck_assert(tbdi_mqtt_observer_received(&wire, "x", 1));
	ck_assert_int_eq(wire.connack, 0x87);
}

TEST(reason_names)
{
	ck_assert_str_eq(tbdi_mqtt_reason_name(0x8e), "Session taken over");
	ck_assert_str_eq(tbdi_mqtt_reason_name(0), "Success");
	ck_assert_ptr_null(tbdi_mqtt_reason_name(5));
	ck_assert_ptr_null(tbdi_mqtt_reason_name(-1));
}

static const struct {
	const char *bytes;
	size_t len;
} strangers[] = {
	{ "HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n", 38 }, { "220 mail ESMTP\r\n", 16 },
	{ "\x00\x00", 2 }, { "\x30\x03\x00\x01x", 5 }, /* MQTT, but no server begins so */
	{ "\x20\x00", 2 },                             /* a CONNACK without a code */
	{ "\x20\x80\x80\x01\x00", 5 },                 /* of 16 KiB */
	{ "\x20\xff\xff\xff\xff\x01", 6 }              /* of no length at all */
};

TEST_EACH(not_mqtt, row, strangers)
{
	bool passed = true;
	for (size_t i = 0; i < row->len; i++)
		passed = tbdi_mqtt_observer_received(&wire, row->bytes + i, 1);
	ck_assert(!passed);
	ck_assert(wire.not_mqtt);
	size_t kept = row->len < TBDI_OBSERVER_FIRST ? row->len : TBDI_OBSERVER_FIRST;
	ck_assert_uint_eq(wire.first_len, kept);
	ck_assert_mem_eq(wire.first_bytes, row->bytes, kept);
	ck_assert_int_eq(wire.connack, -1);
}

TEST(announces_256_mb)
{
	feed(false, "\x20\x02\x00\x00\x30\xff\xff\xff", 8, 1);
	ck_assert(!wire.too_large);
	ck_assert(!tbdi_mqtt_observer_received(&wire, "\x7f", 1));
	ck_assert(wire.too_large);
	ck_assert(!wire.not_mqtt);
	const struct tbd_packet *packet = wire.packets.items[1];
	ck_assert_str_eq(packet->type, "PUBLISH");
	ck_assert_uint_eq(packet->len, 268435455 + 5);
	ck_assert(!tbdi_mqtt_observer_received(&wire, "more", 4));
	ck_assert_uint_eq(wire.packets.count, 2);
}

TEST(flood)
{
	feed(false, "\x20\x02\x00\x00", 4, 4);
	for (int i = 0; i < 2 * TBDI_OBSERVER_PACKETS; i++)
		feed(false, "\xd0\x00", 2, 2);
	ck_assert_uint_eq(wire.packets.count, TBDI_OBSERVER_PACKETS);
	ck_assert(wire.packets_cut);
}

/* Lengths inside packets that do not fit the packets. */
TEST(lying_lengths)
{
	static const char lies[] = "\x20\x02\x00\x00"
				   "\x30\x02\xff\xff"
				   "\x30\x01\x00"
				   "\x30\x00"
				   "\x32\x04\x00\x03re"
				   "\x90\x01\x00"
				   "\x40\x00";
	feed(false, lies, sizeof(lies) - 1, 3);
	ck_assert_uint_eq(wire.packets.count, 7);
	ck_assert_int_eq(wire.suback, -1);
}

/* What the peer must not send once it has begun. */
static const struct {
	const char *bytes;
	size_t len;
} violations[] = {
	{ "\x20\x02\x00\x00", 4 },
	{ "\x10\x00", 2 },
	{ "\x82\x05\x00\x01\xff\xff\x01", 7 },
	{ "\xa2\x00", 2 },
	{ "\xc0\x00", 2 },
	{ "\x00\x00", 2 },
	{ "\xd0\x80\x80\x80\x80\x01", 6 },
};

TEST_EACH(violation, row, violations)
{
	bool passed = true;
	feed(false, "\x20\x02\x00\x00", 4, 4);
	for (size_t i = 0; i < row->len; i++)
		passed = tbdi_mqtt_observer_received(&wire, row->bytes + i, 1);
	ck_assert(!passed);
	ck_assert_ptr_nonnull(wire.broken);
	ck_assert(!wire.not_mqtt);
	ck_assert_int_eq(wire.connack, 0);
	ck_assert(!tbdi_mqtt_observer_received(&wire, "\xd0\x00", 2));
}

/* An acknowledgement counts for a message that is on its way, and once. */
TEST(puback_of_another_id)
{
	tbdi_mqtt_observer_init(&wire, tbdi_report_of(report), true);
	feed(true, v5_up, sizeof(v5_up) - 1, 7);
	feed(false, "\x20\x03\x00\x00\x00\x40\x04\x00\x07\x99\x00\x40\x04\x80\x02\x99\x00", 17, 4);
	ck_assert_int_eq(wire.puback, -1);
	ck_assert_uint_eq(wire.unacknowledged, 2);
	feed(false, "\x40\x02\x00\x02\x40\x04\x00\x02\x99\x00", 10, 4);
	ck_assert_int_eq(wire.puback, 0);
	ck_assert_uint_eq(wire.unacknowledged, 1);
	feed(false, "\x40\x04\x00\x03\x99\x00", 6, 4);
	ck_assert_int_eq(wire.puback, 0x99);
	ck_assert_uint_eq(wire.unacknowledged, 0);
}

/* Bytes cost the peer nothing; packets are counted. */
TEST(packets_without_end)
{
	bool passed = true;
	feed(false, "\x20\x02\x00\x00", 4, 4);
	for (int i = 0; passed && i < 2 * TBDI_OBSERVER_MOST; i++)
		passed = tbdi_mqtt_observer_received(&wire, "\xd0\x00", 2);
	ck_assert(!passed);
	ck_assert_str_eq(wire.broken, "packets without end");
	ck_assert_uint_eq(wire.down_count, TBDI_OBSERVER_MOST + 1);
}
