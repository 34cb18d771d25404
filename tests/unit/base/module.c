/* SPDX-License-Identifier: MIT
 *
 * module.c - transport modules: found, missing, not loadable, not ours.
 */
#include "base/module.h"

#include "tests/unit/check-main.h"

#include <dlfcn.h>
#include <unistd.h>

static char dir[32];
static char path[64];
static char *module_dir; /* of the test run */

static void module_setup(void)
{
	const char *given = getenv("TBDIAG_MODULE_DIR");
	ck_assert_msg(given != NULL, "run me by make check, or set TBDIAG_MODULE_DIR");
	module_dir = strdup(given);
	snprintf(dir, sizeof(dir), "/tmp/tbdiag-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/transport-mqtt.so", dir);
	ck_assert_int_eq(setenv("TBDIAG_MODULE_DIR", dir, 1), 0);
}

static void module_teardown(void)
{
	unlink(path);
	rmdir(dir);
	setenv("TBDIAG_MODULE_DIR", module_dir, 1);
	free(module_dir);
}

static struct tbd_error load_fails(void)
{
	const struct tbdi_transport *transport = NULL;
	struct tbd_error error = { "" };
	ck_assert_int_eq(
		tbdi_module_load(&tbdi_protocols[TBDI_MQTT], &transport, &error), TBD_E_MODULE);
	ck_assert_ptr_null(transport);
	ck_assert_msg(strstr(error.text, "transport-mqtt.so") != NULL, "%s", error.text);
	return error;
}

TEST_GROUP(.setup = module_setup, .teardown = module_teardown);

TEST(missing)
{
	struct tbd_error error = load_fails();
	ck_assert_msg(
		strstr(error.text, "built without libmosquitto-dev") != NULL, "%s", error.text);
	ck_assert_ptr_null(strchr(error.text, '/'));
}

TEST(not_loadable)
{
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fclose(file);
	struct tbd_error error = load_fails();
	ck_assert_msg(strstr(error.text, "install libmosquitto1") != NULL, "%s", error.text);
}

/* A library, but no module. */
TEST(not_ours)
{
	Dl_info libc;
	ck_assert_int_ne(dladdr(dlsym(RTLD_DEFAULT, "qsort"), &libc), 0);
	ck_assert_int_eq(symlink(libc.dli_fname, path), 0);
	struct tbd_error error = load_fails();
	ck_assert_msg(strstr(error.text, "does not belong") != NULL, "%s", error.text);
}

/* The row of this name, or NULL. */
static const struct tbd_component *component_find(
	const struct tbd_component *components, const char *name)
{
	for (; components->name != NULL; components++)
		if (strcmp(components->name, name) == 0)
			return components;
	return NULL;
}

TEST(components_without_module)
{
	struct tbd_component *components = NULL;
	ck_assert_int_eq(tbd_components(&components, NULL), 0);
	const struct tbd_component *mqtt = component_find(components, "mqtt");
	ck_assert_ptr_nonnull(mqtt);
	ck_assert_str_eq(mqtt->kind, "module");
	ck_assert_ptr_null(mqtt->version);
	/* No package brings what was not built. */
	ck_assert_ptr_null(mqtt->package);
	const struct tbd_component *gnutls = component_find(components, "GnuTLS");
	ck_assert_ptr_nonnull(gnutls);
	ck_assert_str_eq(gnutls->kind, "library");
	ck_assert_int_eq(gnutls->version[0], '3');
	free(components);
}

TEST_GROUP();

/* TBDIAG_MODULE_DIR is that of the test run. */
TEST(built)
{
	const struct tbdi_transport *transport = NULL;
	struct tbd_error error = { "" };
	int result = tbdi_module_load(&tbdi_protocols[TBDI_MQTT], &transport, &error);
	ck_assert_msg(result == 0, "%s", error.text);
	ck_assert_str_eq(transport->name, "mqtt");
	struct tbd_component *components = NULL;
	ck_assert_int_eq(tbd_components(&components, NULL), 0);
	const struct tbd_component *mqtt = component_find(components, "mqtt");
	ck_assert_ptr_nonnull(mqtt);
	ck_assert_ptr_nonnull(mqtt->version);
	ck_assert_int_eq(strncmp(mqtt->version, "libmosquitto 2.", 15), 0);
	free(components);
}
