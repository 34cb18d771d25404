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

static const struct tbdi_module fetch_http = { "fetch-http.so", "libcurl3-gnutls",
	"libcurl4-gnutls-dev" };

void tbdi_module_build_dir(char *dir, size_t size)
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

static void module_path(const struct tbdi_module *module, char *path, size_t size)
{
	char beside[PATH_MAX];
	const char *dir = secure_getenv("TBDIAG_MODULE_DIR");
	if (dir == NULL) {
		tbdi_module_build_dir(beside, sizeof(beside));
		dir = beside[0] != '\0' ? beside : TBDI_MODULE_DIR;
	}
	snprintf(path, size, "%s/%s", dir, module->file);
}

/* What does not fit this library. */
static int fail_foreign(const struct tbdi_module *module, struct tbd_error *error)
{
	char path[PATH_MAX];
	module_path(module, path, sizeof(path));
	return tbdi_fail(
		error, TBD_E_MODULE, "%s does not belong to tbdiag " PACKAGE_VERSION, path);
}

/* Load a module and find what it exports. It stays loaded. */
static int module_open(const struct tbdi_module *module, const char *name, const void **symbol,
	struct tbd_error *error)
{
	char path[PATH_MAX];
	module_path(module, path, sizeof(path));
	if (access(path, F_OK) < 0)
		return tbdi_fail(error, TBD_E_MODULE,
			"%s is not there: tbdiag was built without %s", module->file,
			module->dev_package);
	/* Never closed: protocol libraries bring exit handlers of their own. */
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		return tbdi_fail(error, TBD_E_MODULE, "%s cannot be loaded (%s): install %s", path,
			dlerror(), module->package);
	*symbol = dlsym(handle, name);
	return *symbol != NULL ? 0 : fail_foreign(module, error);
}

int tbdi_module_load(const struct tbdi_protocol *protocol, const struct tbdi_transport **out,
	struct tbd_error *error)
{
	const void *symbol = NULL;
	int rc = module_open(&protocol->module, TBDI_TRANSPORT_SYMBOL, &symbol, error);
	if (rc < 0)
		return rc;
	const struct tbdi_transport *transport = symbol;
	if (transport->abi != TBDI_TRANSPORT_ABI || strcmp(transport->name, protocol->word) != 0)
		return fail_foreign(&protocol->module, error);
	*out = transport;
	return 0;
}

int tbdi_module_load_fetcher(const struct tbdi_fetcher **out, struct tbd_error *error)
{
	const void *symbol = NULL;
	int rc = module_open(&fetch_http, TBDI_FETCHER_SYMBOL, &symbol, error);
	if (rc < 0)
		return rc;
	const struct tbdi_fetcher *fetcher = symbol;
	if (fetcher->abi != TBDI_FETCHER_ABI)
		return fail_foreign(&fetch_http, error);
	*out = fetcher;
	return 0;
}

static void *preload(void *path)
{
	(void)dlopen(path, RTLD_NOW | RTLD_LOCAL);
	free(path);
	return NULL;
}

void tbdi_module_preload(const struct tbdi_protocol *protocol)
{
	char path[PATH_MAX];
	module_path(&protocol->module, path, sizeof(path));
	char *copy = strdup(path);
	if (copy != NULL && tbdi_thread_start(preload, copy) != 0)
		free(copy);
}

/* That which helps a module that is there and cannot be loaded. */
static const char *package_of(const struct tbdi_module *module)
{
	char path[PATH_MAX];
	module_path(module, path, sizeof(path));
	return access(path, F_OK) == 0 ? module->package : NULL;
}

/* What tbd_components() gives, with the texts that are not static behind it. */
struct component_block {
	struct tbd_component list[2 + TBDI_PROTOCOL_COUNT + 1 + 1];
	char versions[TBDI_PROTOCOL_COUNT + 1][64];
};

int tbd_components(struct tbd_component **out, struct tbd_error *error)
{
	struct component_block *block = calloc(1, sizeof(*block));
	if (block == NULL)
		return tbdi_fail_nomem(error);
	struct tbd_component *next = block->list;
	char(*version)[64] = block->versions;
	*next++ = (struct tbd_component){ "library", "GnuTLS", gnutls_check_version(NULL),
		"libgnutls30" };
	*next++ = (struct tbd_component){ "library", "Jansson", jansson_version_str(),
		"libjansson4" };
	for (size_t i = 0; i < TBDI_PROTOCOL_COUNT; i++) {
		const struct tbdi_protocol *protocol = &tbdi_protocols[i];
		const struct tbdi_transport *transport = NULL;
		(void)!tbdi_module_load(protocol, &transport, NULL);
		if (transport != NULL)
			transport->library(*version, sizeof(*version));
		*next++ = (struct tbd_component){ "module", protocol->word,
			transport != NULL ? *version++ : NULL, package_of(&protocol->module) };
	}
	const struct tbdi_fetcher *fetcher = NULL;
	(void)!tbdi_module_load_fetcher(&fetcher, NULL);
	if (fetcher != NULL)
		fetcher->library(*version, sizeof(*version));
	*next = (struct tbd_component){ "module", "fetch", fetcher != NULL ? *version : NULL,
		package_of(&fetch_http) };
	*out = block->list;
	return 0;
}
