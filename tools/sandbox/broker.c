/* SPDX-License-Identifier: MIT
 *
 * broker.c - a mosquitto of our own.
 */
#include "tools/cli/tool.h"

#include "broker.h"

#include "tools/cli/subcommands.h"
#include "tools/cli/process.h"
#include "tools/sandbox/plugin-protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STOP_DEADLINE_MS = 3000 };

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- finding the parts ------------------------------------------------------------------------ */

/* DIR/NAME when it is there and `mode` is allowed, or NULL. */
static char *try_path(const char *dir, size_t dir_len, const char *name, int mode)
{
	char *path = NULL;
	if (dir_len == 0 || asprintf(&path, "%.*s/%s", (int)dir_len, dir, name) < 0)
		return NULL;
	if (access(path, mode) == 0)
		return path;
	free(path);
	return NULL;
}

/* Search a list of directories parted by colons. */
static char *search(const char *dirs, const char *name, int mode)
{
	char *path = NULL;
	while (path == NULL && *dirs != '\0') {
		size_t len = strcspn(dirs, ":");
		path = try_path(dirs, len, name, mode);
		dirs += len + (dirs[len] == ':');
	}
	return path;
}

char *broker_find_program(const char *given)
{
	const char *dirs = getenv("PATH");
	char *path = NULL;
	if (given != NULL)
		path = access(given, X_OK) == 0 ? strdup(given) : NULL;
	else
		path = search(dirs != NULL ? dirs : "", "mosquitto", X_OK);
	/* Debian keeps it out of a plain user's PATH. */
	if (path == NULL && given == NULL)
		path = search("/usr/local/sbin:/usr/sbin", "mosquitto", X_OK);
	if (path == NULL)
		complain("%s cannot be run: install the Debian package mosquitto",
			given != NULL ? given : "mosquitto");
	return path;
}

/* Where modules are: in the build tree when we run from it. */
static char *module_dir(void)
{
	const char *given = secure_getenv("TBDIAG_MODULE_DIR");
	struct place place = { 0 };
	char *dir = NULL;
	if (given != NULL)
		return strdup(given);
	if (place_find(&place) == 0 &&
		(!place.is_built || asprintf(&dir, "%s/../lib/.libs", place.dir) < 0))
		dir = strdup(SANDBOX_MODULE_DIR);
	place_free(&place);
	return dir;
}

char *broker_find_plugin(void)
{
	static const char name[] = "sandbox-mosquitto.so";
	char *dir = module_dir();
	char *path = dir != NULL ? try_path(dir, strlen(dir), name, R_OK) : NULL;
	if (path == NULL)
		complain("%s is not in %s: tbdiag was built without it", name,
			dir != NULL ? dir : SANDBOX_MODULE_DIR);
	free(dir);
	return path;
}

/* ---- configuration ---------------------------------------------------------------------------- */

static void put_settings(FILE *out, const struct broker_settings *settings, int channel)
{
	/* As root it would become another user, for no use. */
	if (geteuid() == 0)
		fputs("user root\n", out);
	/* Without set_tcp_nodelay an answer waits 43 ms for an acknowledgement. Messages about clients
	 * would show tokens. The packet limit is that of ThingsBoard and a byte, as mosquitto counts. ThingsBoard does
	 * not wait for a PUBACK before it sends more, and neither does a device: mosquitto 2.0.21 ends a session for which
	 * more answers wait than may be queued. A device's session ends the one before, when its token is the
	 * client id. */
	fprintf(out,
		"log_dest stderr\nlog_type error\nlog_type warning\nlog_timestamp false\n"
		"connection_messages false\npersistence false\nsys_interval 0\nset_tcp_nodelay true\n"
		"max_packet_size 65537\nmax_inflight_messages 0\nmax_queued_messages 65535\n"
		"allow_anonymous false\n"
		"plugin %s\nplugin_opt_channel %d\n"
		"listener %u 127.0.0.1\nuse_username_as_clientid true\nmax_qos 1\n",
		settings->plugin, channel, settings->port);
}

/* A file without a name, so that nothing of it is left behind. */
static int make_memory(const char *name, const char *text)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	size_t len = strlen(text);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		close_fd(&fd);
	return fd;
}

static int make_config(const struct broker_settings *settings, int channel)
{
	char *text = NULL;
	size_t len = 0;
	int fd = -1;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL)
		return -1;
	put_settings(out, settings, channel);
	if (fclose(out) == 0)
		fd = make_memory("mosquitto.conf", text);
	free(text);
	return fd;
}

/* ---- the process ------------------------------------------------------------------------------ */

/* What the child needs; all of it is closed in the parent. */
struct inheritance {
	int channel;
	int log;
	int config;
};

static bool keep_open(int fd)
{
	return fcntl(fd, F_SETFD, 0) == 0;
}

static _Noreturn void become_broker(
	const struct broker_settings *settings, const struct inheritance *from, pid_t parent)
{
	char config[32];
	snprintf(config, sizeof(config), "/proc/self/fd/%d", from->config);
	int null = open("/dev/null", O_RDONLY);
	/* A group of its own: an interrupt key on the terminal is for us to act on. */
	bool done = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && setpgid(0, 0) == 0 && null >= 0 &&
		dup2(null, 0) == 0 && dup2(from->log, 1) == 1 && dup2(from->log, 2) == 2 &&
		keep_open(from->channel) && keep_open(from->config) &&
		sigprocmask(SIG_SETMASK, &settings->signals, NULL) == 0;
	/* The parent may have died before the prctl(). */
	if (done && getppid() == parent)
		execl(settings->program, settings->program, "-c", config, (char *)NULL);
	dprintf(2, "%s: %s\n", settings->program, strerror(errno));
	_exit(STATUS_FAILED);
}

static bool inherit(
	struct broker *broker, struct inheritance *to, const struct broker_settings *settings)
{
	int channel[2];
	int log[2];
	if (wire_pair(channel) < 0)
		return false;
	broker->channel = channel[0];
	to->channel = channel[1];
	if (pipe2(log, O_CLOEXEC) < 0)
		return false;
	broker->log = log[0];
	to->log = log[1];
	to->config = make_config(settings, to->channel);
	return to->config >= 0 && fcntl(broker->log, F_SETFL, O_NONBLOCK) == 0;
}

int broker_start(struct broker *broker, const struct broker_settings *settings)
{
	struct inheritance to = { -1, -1, -1 };
	pid_t parent = getpid();
	*broker = (struct broker){ .pid = -1, .channel = -1, .log = -1 };
	if (inherit(broker, &to, settings))
		broker->pid = fork();
	if (broker->pid == 0)
		become_broker(settings, &to, parent);
	if (broker->pid < 0)
		complain("cannot start %s: %s", settings->program, strerror(errno));
	close_fd(&to.channel);
	close_fd(&to.log);
	close_fd(&to.config);
	return broker->pid < 0 ? -1 : 0;
}

void broker_listen(struct broker *broker)
{
	char text[256];
	ssize_t len = read(broker->log, text, sizeof(text));
	if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&broker->log);
	if (len <= 0)
		return;
	size_t room = sizeof(broker->words) - 1;
	size_t drop =
		broker->words_len + (size_t)len > room ? broker->words_len + (size_t)len - room : 0;
	for (ssize_t i = 0; i < len; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	memmove(broker->words, broker->words + drop, broker->words_len - drop);
	broker->words_len -= drop;
	memcpy(broker->words + broker->words_len, text, (size_t)len);
	broker->words_len += (size_t)len;
	broker->words[broker->words_len] = '\0';
}

void broker_stop(struct broker *broker)
{
	if (broker->pid > 0) {
		kill(broker->pid, SIGTERM);
		/* Its end of the log closes when it ends. */
		struct pollfd ends = { .fd = broker->log, .events = POLLIN };
		while (broker->log >= 0 && poll(&ends, 1, STOP_DEADLINE_MS) == 1)
			broker_listen(broker);
		if (broker->log >= 0)
			kill(broker->pid, SIGKILL);
		waitpid(broker->pid, NULL, 0);
		broker->pid = -1;
	}
	close_fd(&broker->channel);
	close_fd(&broker->log);
}
