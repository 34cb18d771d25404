/* SPDX-License-Identifier: MIT
 *
 * stack.c - what the programs of all stacks have in common: JSON in and out, limits, and the proof of the clock.
 */
#include "tools/cli/tool.h"

#include "tools/stacks/stack.h"

#include "tools/stacks/base64.h"
#include "tools/stacks/clock.h"
#include "tools/stacks/proof.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	INPUT_MAX = 32 * 1024 * 1024,
	MEMORY_MAX = 1024 * 1024 * 1024,
	CPU_SECONDS_MAX = 20,
};

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fprintf(stderr, "stack-%s: ", stack.name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(STATUS_FAILED);
}

void stack_say(struct stack_verdict *verdict, int code, const char *words)
{
	size_t len = 0;
	for (; len < sizeof(verdict->words) - 1 && words[len] != '\0'; len++)
		verdict->words[len] = words[len] >= ' ' && words[len] <= '~' ? words[len] : ' ';
	while (len > 0 && verdict->words[len - 1] == ' ')
		len--;
	verdict->words[len] = '\0';
	verdict->code = code;
	verdict->has_code = true;
}

/* ---- the question ----------------------------------------------------------------------------- */

static char *read_all(size_t *len)
{
	char *input = malloc(INPUT_MAX);
	size_t got = 0;
	ssize_t part = 1;
	while (input != NULL && part > 0 && got < INPUT_MAX) {
		part = read(STDIN_FILENO, input + got, INPUT_MAX - got);
		if (part > 0)
			got += (size_t)part;
	}
	if (input == NULL || part < 0)
		fail("standard input: %s", strerror(errno));
	if (got == INPUT_MAX)
		fail("more than %d bytes of input", INPUT_MAX);
	*len = got;
	return input;
}

static json_t *read_question(void)
{
	size_t len;
	char *input = read_all(&len);
	json_error_t error;
	json_t *question = json_loadb(input, len, JSON_REJECT_DUPLICATES, &error);
	if (question == NULL)
		fail("line %d: %s", error.line, error.text);
	free(input);
	return question;
}

static struct replay_bytes read_encoded(const json_t *value, const char *what)
{
	struct replay_bytes bytes = { 0 };
	const char *text = json_string_value(value);
	if (text == NULL || (bytes.data = base64_decode(text, &bytes.len)) == NULL)
		fail("%s: not base64", what);
	return bytes;
}

static void read_chain(struct stack_case *test, const json_t *chain)
{
	test->chain_count = json_array_size(chain);
	if (test->chain_count == 0 || test->chain_count > REPLAY_CHAIN_MAX)
		fail("chain: has to be an array of 1 to %d certificates", REPLAY_CHAIN_MAX);
	test->chain = calloc(test->chain_count, sizeof(*test->chain));
	if (test->chain == NULL)
		fail("%s", strerror(errno));
	for (size_t i = 0; i < test->chain_count; i++)
		test->chain[i] = read_encoded(json_array_get(chain, i), "chain");
}

static void set_host(struct stack_case *test, const char *host)
{
	struct in6_addr address;
	test->host = host;
	test->host_is_address =
		inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

static void read_case(struct stack_case *test, const json_t *question, bool needs_chain)
{
	const char *host = json_string_value(json_object_get(question, "host"));
	const json_t *when = json_object_get(question, "time");
	if (host == NULL || *host == '\0')
		fail("host: has to be a name or an address");
	if (!json_is_integer(when) || json_integer_value(when) < 0)
		fail("time: has to be seconds since 1970");
	set_host(test, host);
	test->time = json_integer_value(when);
	test->trust = read_encoded(json_object_get(question, "trust"), "trust");
	if (needs_chain)
		read_chain(test, json_object_get(question, "chain"));
}

static void free_case(struct stack_case *test)
{
	for (size_t i = 0; i < test->chain_count; i++)
		free((void *)(uintptr_t)test->chain[i].data);
	free(test->chain);
	free((void *)(uintptr_t)test->trust.data);
}

/* ---- the answer ------------------------------------------------------------------------------- */

/* A stack that waits for more after the Certificate message has accepted it. */
static bool is_accepted(const struct stack_verdict *verdict)
{
	return verdict->end == STACK_FINISHED ||
		(verdict->end == STACK_WAITS && strcmp(verdict->step, "handshake") == 0);
}

static const char *step_of(const struct stack_verdict *verdict, const struct peer *peer)
{
	if (verdict->end == STACK_CANNOT_LOAD)
		return "trust-file";
	if (verdict->end == STACK_FINISHED)
		return "finished";
	if (peer->replay == NULL)
		return "handshake";
	enum replay_state state = replay_state(peer->replay);
	return state == REPLAY_SHOWN || state == REPLAY_REFUSED ? "handshake" : "hello";
}

static void judge_mode(const struct stack_case *test, const struct stack_mode *mode,
	struct peer *peer, struct stack_verdict *verdict)
{
	*verdict = (struct stack_verdict){ .mode = mode->name, .alert = -1 };
	clock_set(test->time);
	verdict->end = stack.judge(test, mode->variant, peer, verdict);
	verdict->step = step_of(verdict, peer);
	if (peer->replay != NULL && replay_alert(peer->replay) > 0)
		verdict->alert = replay_alert(peer->replay);
}

static void judge_replayed(
	const struct stack_case *test, const struct stack_mode *mode, struct stack_verdict *verdict)
{
	struct peer peer = { .replay = replay_new(test->chain, test->chain_count), .fd = -1 };
	if (peer.replay == NULL)
		fail("chain: %s", strerror(errno));
	judge_mode(test, mode, &peer, verdict);
	replay_free(peer.replay);
}

static void judge_connected(const struct stack_case *test, const struct stack_mode *mode,
	const char *address, struct stack_verdict *verdict)
{
	struct peer peer = { .fd = peer_dial(address) };
	if (peer.fd < 0)
		fail("%s: %s", address, strerror(errno));
	judge_mode(test, mode, &peer, verdict);
	close(peer.fd);
}

static json_t *number_or_null(bool has, int number)
{
	return has ? json_integer(number) : json_null();
}

static json_t *verdict_to_json(const struct stack_verdict *verdict)
{
	bool accepted = is_accepted(verdict);
	return json_pack("{s:s, s:b, s:s, s:o, s:s, s:o, s:i}", "mode", verdict->mode, "accepted",
		accepted, "step", verdict->step, "code",
		number_or_null(verdict->has_code && !accepted, verdict->code), "words",
		accepted ? "" : verdict->words, "alert",
		number_or_null(verdict->alert >= 0, verdict->alert), "anchors_loaded",
		verdict->anchors_loaded);
}

static void print(json_t *answer)
{
	if (answer == NULL || json_dumpf(answer, stdout, JSON_COMPACT) != 0 ||
		putchar('\n') == EOF || fflush(stdout) != 0)
		fail("cannot write the answer");
	json_decref(answer);
}

/* ---- main ------------------------------------------------------------------------------------- */

/* The libraries are other people's, and so are the bytes. Sanitizers need more address space than there is. */
static void limit_resources(void)
{
	static const struct rlimit none = { 0, 0 };
	static const struct rlimit cpu = { CPU_SECONDS_MAX, CPU_SECONDS_MAX };
	int rc = setrlimit(RLIMIT_CORE, &none);
	if (rc == 0)
		rc = setrlimit(RLIMIT_CPU, &cpu);
#ifndef __SANITIZE_ADDRESS__
	static const struct rlimit memory = { MEMORY_MAX, MEMORY_MAX };
	if (rc == 0)
		rc = setrlimit(RLIMIT_AS, &memory);
#endif
	if (rc != 0)
		fail("cannot limit itself: %s", strerror(errno));
}

/* A certificate that has expired is good at its time and bad later; else the stack reads another clock. */
static void prove_clock(void)
{
	size_t len;
	uint8_t *leaf = base64_decode(proof_leaf, &len);
	struct replay_bytes chain = { leaf, len };
	struct stack_case test = { .chain = &chain,
		.chain_count = 1,
		.host = PROOF_HOST,
		.trust = { (const uint8_t *)proof_root, sizeof(proof_root) - 1 } };
	struct stack_verdict valid, expired;
	test.time = PROOF_TIME_VALID;
	judge_replayed(&test, &stack.modes[0], &valid);
	test.time = PROOF_TIME_EXPIRED;
	judge_replayed(&test, &stack.modes[0], &expired);
	if (!is_accepted(&valid))
		fail("its clock cannot be set: a certificate of 2010 is refused in 2010: %s",
			valid.words);
	if (is_accepted(&expired))
		fail("its clock cannot be set: a certificate of 2010 is accepted in 2012");
	free(leaf);
}

static const struct stack_mode *find_mode(const char *name)
{
	const struct stack_mode *mode = stack.modes;
	while (mode->name != NULL && (name == NULL || strcmp(mode->name, name) != 0))
		mode++;
	if (mode->name == NULL)
		fail("modes: it has none of this name");
	return mode;
}

static json_t *all_modes(void)
{
	json_t *modes = json_array();
	for (const struct stack_mode *mode = stack.modes; mode->name != NULL; mode++)
		json_array_append_new(modes, json_string(mode->name));
	return modes;
}

static void judge_modes(const char *address)
{
	struct stack_case test = { 0 };
	json_t *question = read_question();
	read_case(&test, question, address == NULL);
	json_t *modes = json_object_get(question, "modes");
	modes = modes == NULL ? all_modes() : json_incref(modes);
	if (!json_is_array(modes) || json_array_size(modes) > 100)
		fail("modes: has to be a short array");
	prove_clock();
	json_t *verdicts = json_array();
	size_t i;
	json_t *name;
	json_array_foreach(modes, i, name)
	{
		const struct stack_mode *mode = find_mode(json_string_value(name));
		struct stack_verdict verdict;
		if (address == NULL)
			judge_replayed(&test, mode, &verdict);
		else
			judge_connected(&test, mode, address, &verdict);
		json_array_append_new(verdicts, verdict_to_json(&verdict));
	}
	print(json_pack("{s:s, s:s, s:o}", "stack", stack.name, "version", stack.version(),
		"verdicts", verdicts));
	json_decref(modes);
	json_decref(question);
	free_case(&test);
}

int main(int argc, char **argv)
{
	limit_resources();
	if (argc == 1)
		judge_modes(NULL);
	else if (argc == 2 && strcmp(argv[1], "--list") == 0)
		print(json_pack("{s:s, s:s, s:o}", "stack", stack.name, "version", stack.version(),
			"modes", all_modes()));
	else if (argc == 3 && strcmp(argv[1], "--connect") == 0)
		judge_modes(argv[2]);
	else
		fail("usage: stack-%s [--list], which tbdiag runs", stack.name);
	return 0;
}
