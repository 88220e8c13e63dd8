#include "core/error.h"

#include <cstdarg>
#include <cstdio>

namespace xllm {

void fail(xllm_status status, const char* format, ...) {
  char text[480];
  va_list args;
  va_start(args, format);
  std::vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  throw Error(status, text);
}

}  // namespace xllm
