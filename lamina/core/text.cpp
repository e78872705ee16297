#include "lamina/core/text.h"

#include <charconv>
#include <cmath>

namespace lamina::detail {

void append(std::string& out, double v) {
  if (std::isnan(v)) return append(out, "nan");
  if (std::isinf(v)) return append(out, v < 0 ? "-inf" : "inf");
  const double size = std::fabs(v);
  const bool scientific = size != 0 && (size < 1e-4 || size >= 1e16);  // where Python's repr changes
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v,
                                 scientific ? std::chars_format::scientific : std::chars_format::fixed)
                       .ptr;
  const std::string_view digits(buffer, size_t(end - buffer));
  out.append(digits);
  if (!scientific && digits.find('.') == std::string_view::npos) out.append(".0");
}

}  // namespace lamina::detail
