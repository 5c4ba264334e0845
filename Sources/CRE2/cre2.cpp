#include "cre2.h"

#include <cstring>
#include <re2/re2.h>

struct cre2_pattern {
  re2::RE2 expression;

  cre2_pattern(const re2::StringPiece &text, const re2::RE2::Options &options)
      : expression(text, options) {}
};

cre2_pattern *cre2_compile(
    const char *pattern, size_t length, size_t memory_max, char *error, size_t error_size) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(static_cast<int64_t>(memory_max));
  auto *compiled = new cre2_pattern(re2::StringPiece(pattern, length), options);
  if (compiled->expression.ok()) return compiled;
  if (error_size > 0) {
    std::strncpy(error, compiled->expression.error().c_str(), error_size - 1);
    error[error_size - 1] = 0;
  }
  delete compiled;
  return nullptr;
}

void cre2_free(cre2_pattern *pattern) { delete pattern; }

size_t cre2_program_bytes(const cre2_pattern *pattern) {
  /* 16 bytes for each instruction, forwards and backwards. */
  int size = pattern->expression.ProgramSize() + pattern->expression.ReverseProgramSize();
  return size > 0 ? static_cast<size_t>(size) * 16 : 0;
}

int cre2_search(const cre2_pattern *pattern, const char *text, size_t length) {
  return pattern->expression.Match(
      re2::StringPiece(text, length), 0, length, re2::RE2::UNANCHORED, nullptr, 0);
}
