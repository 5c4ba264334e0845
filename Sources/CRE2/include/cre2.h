/* RE2 (https://github.com/google/re2) for Swift: matching in time linear in the text. */
#ifndef CRE2_H
#define CRE2_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_pattern cre2_pattern;

/* Compiles a pattern of UTF-8 text, in RE2's syntax. NULL if it can't be; then `error`, of `error_size`
 * bytes, says why. The automaton and what it caches take at most `memory_max` bytes. */
cre2_pattern *cre2_compile(
    const char *pattern, size_t length, size_t memory_max, char *error, size_t error_size);

void cre2_free(cre2_pattern *pattern);

/* What the compiled automaton takes, without what it caches. */
size_t cre2_program_bytes(const cre2_pattern *pattern);

/* Whether the pattern is found anywhere in the text. Safe from any thread. */
int cre2_search(const cre2_pattern *pattern, const char *text, size_t length);

#ifdef __cplusplus
}
#endif

#endif
