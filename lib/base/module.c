/* SPDX-License-Identifier: MIT
 *
 * module.c - modules, and the versions of everything the library runs on.
 */
#include "base/module.h"

#include "base/thread.h"

#include <dlfcn.h>
#include <gnutls/gnutls.h>
#include <jansson.h>
#include <limits.h>
#include <unistd.h>

/* The file, the symbol it exports, and Debian's packages of the library that it brings: to run with, and
 * to build with. */
static const struct module {
	const char *name;
	const char *file;
	const char *symbol;
	const char *package;
	const char *dev_package;
} modules[] = {
	{ "mqtt", "transport-mqtt.so", TBDI_TRANSPORT_SYMBOL, "libmosquitto1", "libmosquitto-dev" },
	{ "http", "transport-http.so", TBDI_TRANSPORT_SYMBOL, "libcurl3-gnutls",
		"libcurl4-gnutls-dev" },
	{ "coap", "transport-coap.so", TBDI_TRANSPORT_SYMBOL, "libcoap3", "libcoap3-dev" },
	{ "fetch", "fetch-http.so", TBDI_FETCHER_SYMBOL, "libcurl3-gnutls", "libcurl4-gnutls-dev" },
};

static const struct module *module_find(const char *name)
{
	for (size_t i = 0; i < TBDI_COUNT(modules); i++)
		if (strcmp(modules[i].name, name) == 0)
			return &modules[i];
	return NULL;
}

/* The directory of this very library while it lies in a build tree, where libtool builds into .libs;
 * "" when it does not. */
static void build_dir(char *dir, size_t size)
{
	static const char suffix[] = "/.libs/";
	static const char anchor = 0;
	Dl_info self;
	dir[0] = '\0';
	if (dladdr(&anchor, &self) == 0 || self.dli_fname == NULL)
		return;
	const char *slash = strrchr(self.dli_fname, '/');
	if (slash == NULL)
		return;
	size_t len = (size_t)(slash - self.dli_fname) + 1;
	size_t suffix_len = sizeof(suffix) - 1;
	if (len < suffix_len || memcmp(slash + 1 - suffix_len, suffix, suffix_len) != 0)
		return;
	snprintf(dir, size, "%.*s", (int)(len - 1), self.dli_fname);
}

static void module_path(const struct module *module, char *path, size_t size)
{
	char beside[PATH_MAX];
	const char *dir = secure_getenv("TBDIAG_MODULE_DIR");
	if (dir == NULL) {
		build_dir(beside, sizeof(beside));
		dir = beside[0] != '\0' ? beside : TBDI_MODULE_DIR;
	}
	snprintf(path, size, "%s/%s", dir, module->file);
}

/* What does not fit this library. */
static int fail_foreign(const struct module *module, struct tbd_error *error)
{
	char path[PATH_MAX];
	module_path(module, path, sizeof(path));
	return tbdi_fail(
		error, TBD_E_MODULE, "%s does not belong to tbdiag " PACKAGE_VERSION, path);
}

/* Load a module and find what it exports. It stays loaded. */
static int module_open(const struct module *module, const void **symbol, struct tbd_error *error)
{
	char path[PATH_MAX];
	module_path(module, path, sizeof(path));
	if (access(path, F_OK) < 0)
		return tbdi_fail(error, TBD_E_MODULE,
			"%s is not there: tbdiag was built without %s", path, module->dev_package);
	/* Never closed: protocol libraries bring exit handlers of their own. */
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		return tbdi_fail(error, TBD_E_MODULE, "%s cannot be loaded (%s): install %s", path,
			dlerror(), module->package);
	*symbol = dlsym(handle, module->symbol);
	return *symbol != NULL ? 0 : fail_foreign(module, error);
}

int tbdi_module_load(const char *name, const struct tbdi_transport **out, struct tbd_error *error)
{
	const void *symbol = NULL;
	const struct module *module = module_find(name);
	if (module == NULL || strcmp(module->symbol, TBDI_TRANSPORT_SYMBOL) != 0)
		return tbdi_fail(error, TBD_E_INVALID, "there is no transport \"%s\"", name);
	int rc = module_open(module, &symbol, error);
	if (rc < 0)
		return rc;
	const struct tbdi_transport *transport = symbol;
	if (transport->abi != TBDI_TRANSPORT_ABI || strcmp(transport->name, name) != 0)
		return fail_foreign(module, error);
	*out = transport;
	return 0;
}

int tbdi_module_load_fetcher(const struct tbdi_fetcher **out, struct tbd_error *error)
{
	const void *symbol = NULL;
	const struct module *module = module_find("fetch");
	int rc = module_open(module, &symbol, error);
	if (rc < 0)
		return rc;
	const struct tbdi_fetcher *fetcher = symbol;
	if (fetcher->abi != TBDI_FETCHER_ABI)
		return fail_foreign(module, error);
	*out = fetcher;
	return 0;
}

static void *preload(void *path)
{
	(void)dlopen(path, RTLD_NOW | RTLD_LOCAL);
	free(path);
	return NULL;
}

void tbdi_module_preload(const char *name)
{
	char path[PATH_MAX];
	const struct module *module = module_find(name);
	if (module == NULL)
		return;
	module_path(module, path, sizeof(path));
	char *copy = strdup(path);
	if (copy != NULL && tbdi_thread_start(preload, copy) != 0)
		free(copy);
}

/* The library that a module brings and its version, if the module can be loaded. */
static bool module_library(const struct module *module, char *text, size_t size)
{
	const struct tbdi_transport *transport = NULL;
	const struct tbdi_fetcher *fetcher = NULL;
	if (tbdi_module_load(module->name, &transport, NULL) == 0)
		transport->library(text, size);
	else if (strcmp(module->symbol, TBDI_FETCHER_SYMBOL) == 0 &&
		tbdi_module_load_fetcher(&fetcher, NULL) == 0)
		fetcher->library(text, size);
	return transport != NULL || fetcher != NULL;
}

/* What tbd_components() gives, with the texts that are not static behind it. */
struct component_block {
	struct tbd_component list[2 + TBDI_COUNT(modules) + 1];
	char versions[TBDI_COUNT(modules)][64];
};

int tbd_components(struct tbd_component **out, struct tbd_error *error)
{
	struct component_block *block = calloc(1, sizeof(*block));
	if (block == NULL)
		return tbdi_fail_nomem(error);
	struct tbd_component *next = block->list;
	*next++ = (struct tbd_component){ "library", "GnuTLS", gnutls_check_version(NULL),
		"libgnutls30" };
	*next++ = (struct tbd_component){ "library", "Jansson", jansson_version_str(),
		"libjansson4" };
	for (size_t i = 0; i < TBDI_COUNT(modules); i++) {
		const char *version = NULL;
		if (module_library(&modules[i], block->versions[i], sizeof(block->versions[i])))
			version = block->versions[i];
		*next++ = (struct tbd_component){ "module", modules[i].name, version,
			modules[i].package };
	}
	*out = block->list;
	return 0;
}
