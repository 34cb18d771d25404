/* SPDX-License-Identifier: MIT
 *
 * certificate-message.c - the certificates of a Certificate message of TLS.
 */
#include "net/tls.h"

/* Take a vector with a length of prefix_len bytes from the front of *from. False: it is cut short, and
 * *out is what is left. */
static bool take_vector(struct tbd_bytes *from, size_t prefix_len, struct tbd_bytes *out)
{
	size_t len = 0;
	*out = (struct tbd_bytes){ from->data, 0 };
	if (from->len < prefix_len) {
		from->len = 0;
		return false;
	}
	for (size_t i = 0; i < prefix_len; i++)
		len = len << 8 | from->data[i];
	from->data += prefix_len;
	from->len -= prefix_len;
	*out = (struct tbd_bytes){ from->data, len < from->len ? len : from->len };
	from->data += out->len;
	from->len -= out->len;
	return out->len == len;
}

size_t tbdi_certificate_message(
	struct tbd_bytes body, bool is_tls13, struct tbd_bytes *ders, size_t max)
{
	struct tbd_bytes list;
	struct tbd_bytes skipped;
	size_t count = 0;
	if (is_tls13 && !take_vector(&body, 1, &skipped)) /* certificate_request_context */
		return 0;
	(void)!take_vector(&body, 3, &list);
	while (list.len > 0 && count < max) {
		struct tbd_bytes der;
		(void)!take_vector(&list, 3, &der);
		if (der.len > TBDI_CERTIFICATE_MAX)
			der.len = TBDI_CERTIFICATE_MAX;
		if (der.len > 0)
			ders[count++] = der;
		if (is_tls13 && !take_vector(&list, 2, &skipped)) /* extensions */
			break;
	}
	return count;
}
