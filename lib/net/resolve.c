/* SPDX-License-Identifier: MIT
 *
 * resolve.c - name to addresses without blocking, and addresses that need no resolver.
 */
#include "net/connect.h"

#include "base/thread.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool tbdi_address_parse(const char *text, uint16_t port, struct tbdi_address *out)
{
	char copy[INET6_ADDRSTRLEN] = "";
	size_t len = strcspn(text, "%");
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &out->as.ipv4.sin_addr) == 1) {
		out->as.ipv4.sin_family = AF_INET;
		out->as.ipv4.sin_port = htons(port);
		out->len = sizeof(out->as.ipv4);
		return true;
	}
	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	if (inet_pton(AF_INET6, copy, &out->as.ipv6.sin6_addr) != 1)
		return false;
	out->as.ipv6.sin6_family = AF_INET6;
	out->as.ipv6.sin6_port = htons(port);
	out->as.ipv6.sin6_scope_id = text[len] == '%' ? if_nametoindex(text + len + 1) : 0;
	out->len = sizeof(out->as.ipv6);
	return true;
}

void tbdi_address_text(const struct tbdi_address *address, char text[NI_MAXHOST])
{
	if (getnameinfo(
		    &address->as.any, address->len, text, NI_MAXHOST, NULL, 0, NI_NUMERICHOST) != 0)
		snprintf(text, NI_MAXHOST, "?");
}

/* getaddrinfo() knows no deadline, so it runs in a detached thread, which owns one reference of the
 * request: whoever is done last frees it. */
struct tbdi_lookup {
	atomic_int references;
	atomic_bool answered;
	int fd;
	struct tbd_resolver resolver;
	struct addrinfo hints;
	struct tbdi_answer answer;
	struct addrinfo *list;
	char name[];
};

static const struct tbd_resolver system_resolver = { getaddrinfo, freeaddrinfo };

void tbdi_lookup_free(struct tbdi_lookup *lookup)
{
	if (lookup == NULL || atomic_fetch_sub(&lookup->references, 1) > 1)
		return;
	if (lookup->list != NULL)
		lookup->resolver.release(lookup->list);
	close(lookup->fd);
	free(lookup);
}

/* glibc says EAI_NONAME also of a name of /etc/hosts that has addresses of the other family alone. */
static bool exists_in_other_family(const struct tbdi_lookup *lookup)
{
	struct addrinfo hints = lookup->hints;
	struct addrinfo *list = NULL;
	if (hints.ai_family == AF_UNSPEC)
		return false;
	hints.ai_family = AF_UNSPEC;
	if (lookup->resolver.lookup(lookup->name, NULL, &hints, &list) != 0)
		return false;
	lookup->resolver.release(list);
	return true;
}

static void *lookup_thread(void *arg)
{
	struct tbdi_lookup *lookup = arg;
	int code = lookup->resolver.lookup(lookup->name, NULL, &lookup->hints, &lookup->list);
	lookup->answer.system_error = code == EAI_SYSTEM ? errno : 0;
	if (code == EAI_NONAME && exists_in_other_family(lookup))
		code = EAI_ADDRFAMILY;
	lookup->answer.code = code;
	if (code != 0)
		lookup->list = NULL;
	lookup->answer.list = lookup->list;
	atomic_store(&lookup->answered, true);
	/* Cannot fail: nothing else is written to it. */
	(void)!eventfd_write(lookup->fd, 1);
	tbdi_lookup_free(lookup);
	return NULL;
}

/* Returns an errno. */
static int start_thread(struct tbdi_lookup *lookup)
{
	atomic_store(&lookup->references, 2);
	int rc = tbdi_thread_start(lookup_thread, lookup);
	if (rc != 0)
		atomic_store(&lookup->references, 1);
	return rc;
}

int tbdi_lookup_new(const char *name, int family, const struct tbd_resolver *resolver,
	struct tbdi_lookup **out, struct tbd_error *error)
{
	size_t size = strlen(name) + 1;
	struct tbdi_lookup *lookup = calloc(1, sizeof(*lookup) + size);
	if (lookup == NULL)
		return tbdi_fail_nomem(error);
	memcpy(lookup->name, name, size);
	lookup->resolver = resolver != NULL ? *resolver : system_resolver;
	lookup->references = 1;
	/* No AI_ADDRCONFIG: it does not count loopback addresses, so that a machine without network
	 * could not reach its own servers, and a family without a route fails at once anyway. */
	lookup->hints.ai_family = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNSPEC;
	lookup->hints.ai_socktype = SOCK_STREAM;
	lookup->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int rc = lookup->fd < 0 ? errno : start_thread(lookup);
	if (rc != 0) {
		if (lookup->fd >= 0)
			close(lookup->fd);
		free(lookup);
		return tbdi_fail(
			error, TBD_E_SYSTEM, "cannot start the resolver: %s", strerror(rc));
	}
	*out = lookup;
	return 0;
}

int tbdi_lookup_fd(const struct tbdi_lookup *lookup)
{
	return lookup->fd;
}

const struct tbdi_answer *tbdi_lookup_answer(const struct tbdi_lookup *lookup)
{
	return atomic_load(&lookup->answered) ? &lookup->answer : NULL;
}

static bool address_from(const struct addrinfo *info, uint16_t port, struct tbdi_address *out)
{
	if ((info->ai_family != AF_INET && info->ai_family != AF_INET6) ||
		info->ai_addrlen > sizeof(out->as))
		return false;
	memset(out, 0, sizeof(*out));
	memcpy(&out->as, info->ai_addr, info->ai_addrlen);
	out->len = info->ai_addrlen;
	if (info->ai_family == AF_INET)
		out->as.ipv4.sin_port = htons(port);
	else
		out->as.ipv6.sin6_port = htons(port);
	return true;
}

static bool is_known(
	const struct tbdi_address *list, size_t count, const struct tbdi_address *address)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].len == address->len &&
			memcmp(&list[i].as, &address->as, sizeof(address->as)) == 0)
			return true;
	return false;
}

/* The next address of the family (or, with other, of any other family) from *info on. */
static const struct addrinfo *next_of(const struct addrinfo *info, int family, bool other)
{
	while (info != NULL && (info->ai_family == family) == other)
		info = info->ai_next;
	return info;
}

size_t tbdi_addresses_sort(
	const struct addrinfo *list, uint16_t port, struct tbdi_address *out, size_t max)
{
	size_t count = 0;
	int family = list == NULL ? AF_UNSPEC : list->ai_family;
	/* The first family's addresses, and the other's. */
	const struct addrinfo *heads[2] = { list, next_of(list, family, true) };
	for (size_t turn = 0; count < max && (heads[0] != NULL || heads[1] != NULL); turn ^= 1) {
		const struct addrinfo *info = heads[turn];
		if (info == NULL)
			continue;
		heads[turn] = next_of(info->ai_next, family, turn == 1);
		if (address_from(info, port, &out[count]) && !is_known(out, count, &out[count]))
			count++;
	}
	return count;
}
