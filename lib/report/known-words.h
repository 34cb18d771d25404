/* SPDX-License-Identifier: MIT
 *
 * known-words.h - which words tell nothing about the user: those that we ourselves can say, and those of the
 * libraries, the C library and the usual systems. What is not known is not shown in a redacted report.
 */
#ifndef TBDI_KNOWN_WORDS_H
#define TBDI_KNOWN_WORDS_H

#include "base/common.h"

struct tbdi_vocabulary;

/* more_words: those that only the program says; may be NULL. NULL: out of memory. */
struct tbdi_vocabulary *tbdi_vocabulary_new(const char *more_words);
void tbdi_vocabulary_free(struct tbdi_vocabulary *vocabulary);

/* Only known words, numbers that count or date something, and punctuation. An address is not. */
bool tbdi_vocabulary_knows(const struct tbdi_vocabulary *vocabulary, const char *text, size_t len);

/* A letter or digit, or a byte of one that is not ASCII. */
bool tbdi_is_word_char(char c);

#endif
