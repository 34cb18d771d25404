/* SPDX-License-Identifier: MIT
 *
 * devices.c - the table of devices: GnuTLS understands what they offer, and their stacks are known.
 */
#include "tests/unit/check-main.h"

#include "base/devices.h"

#include <gnutls/gnutls.h>

static bool has_version(gnutls_priority_t priorities, unsigned wanted)
{
	const unsigned *list = NULL;
	int count = gnutls_priority_protocol_list(priorities, &list);
	bool found = false;
	for (int i = 0; i < count; i++)
		found = found || list[i] == wanted;
	return found;
}

static bool is_stack_mode(const struct tbd_device *device)
{
	size_t count = 0;
	const struct tbd_stack_mode *modes = tbd_stack_modes(&count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(modes[i].stack, device->stack) == 0 &&
			strcmp(modes[i].mode, device->mode) == 0)
			return true;
	return false;
}

TEST(offers)
{
	size_t count = 0;
	for (; tbd_device_at(count) != NULL; count++) {
		const struct tbd_device *device = tbd_device_at(count);
		const char *where = NULL;
		gnutls_priority_t priorities = NULL;
		ck_assert_msg(gnutls_priority_init(&priorities,
				      tbdi_device_find(device->name)->priorities, &where) == 0,
			"%s: %s", device->name, where);
		ck_assert(has_version(priorities, GNUTLS_TLS1_2));
		ck_assert_msg(has_version(priorities, GNUTLS_TLS1_3) ==
				(strstr(device->versions, "1.3") != NULL),
			"%s", device->name);
		gnutls_priority_deinit(priorities);
	}
	ck_assert_uint_gt(count, 10);
}

TEST(stacks)
{
	for (size_t i = 0; tbd_device_at(i) != NULL; i++) {
		const struct tbd_device *device = tbd_device_at(i);
		ck_assert_ptr_nonnull(device->trust);
		ck_assert_msg(device->stack == NULL || is_stack_mode(device), "%s", device->name);
	}
	ck_assert_ptr_null(tbdi_device_find("toaster"));
	ck_assert_ptr_null(tbdi_device_find(NULL));
}
