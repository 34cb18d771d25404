/* SPDX-License-Identifier: MIT
 *
 * decoder.c - fuzz what `tbdiag explain` makes of a text: the first byte says how it is cut. However it is cut, the
 * answer is the same, every cause is one, and JSON can be made of it.
 */
#include "tools/decoder/decoder.h"

#include <jansson.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A violated invariant ends the program, so that the fuzzer keeps the input. */
#define MUST(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: " #condition "\n", __FILE__, __LINE__); \
			abort();                                                        \
		}                                                                       \
	} while (0)

static struct index *volumes;

static void fill(struct answer *answer, bool by_lines, const uint8_t *data, size_t size, size_t cut)
{
	struct decoder *decoder = decoder_new(volumes, "mosquitto_pub", by_lines, answer);
	MUST(decoder != NULL);
	for (size_t at = 0; at < size; at += cut)
		decoder_take(decoder, (const char *)data + at, size - at < cut ? size - at : cut);
	decoder_end(decoder);
	decoder_free(decoder);
}

static void check_hit(const struct hit *hit, bool by_lines)
{
	MUST(hit->match.causes != NULL && hit->match.whose != NULL && hit->count > 0);
	MUST(hit->match.meaning != NULL || hit->match.name != NULL);
	MUST(hit->match.first <= hit->match.last && hit->match.strength > 0);
	MUST((hit->line > 0) == by_lines && strlen(hit->excerpt) < EXCERPT_MAX);
}

static void check_shown(const struct answer *answer)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	MUST(out != NULL);
	answer_show_text(answer, out);
	rewind(out);
	MUST(answer_show_json(answer, out) == 0);
	MUST(fclose(out) == 0);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct answer whole, cut;
	if (volumes == NULL)
		volumes = index_new();
	MUST(volumes != NULL);
	if (size == 0)
		return 0;
	bool by_lines = data[0] % 2 == 0;
	fill(&whole, by_lines, data + 1, size - 1, size);
	fill(&cut, by_lines, data + 1, size - 1, 1 + data[0] / 2);
	MUST(whole.hit_count == cut.hit_count && whole.cause_count == cut.cause_count);
	MUST(whole.hit_count <= ANSWER_HITS_MAX &&
		(whole.hit_count == 0) == (whole.cause_count == 0));
	for (size_t i = 0; i < whole.hit_count; i++) {
		check_hit(&whole.hits[i], by_lines);
		MUST(whole.hits[i].match.meaning == cut.hits[i].match.meaning);
		MUST(strcmp(whole.hits[i].excerpt, cut.hits[i].excerpt) == 0);
	}
	for (size_t i = 0; i < whole.cause_count; i++)
		MUST(whole.causes[i] == cut.causes[i] && whole.causes[i] != NULL);
	check_shown(&whole);
	return 0;
}
