// String building without a format library: str("input ", shape, " must end in ", sizes).
#pragma once
#include <string>
#include <string_view>

namespace lamina {

namespace detail {
inline void append(std::string& out, std::string_view v) { out.append(v); }
inline void append(std::string& out, const char* v) { out.append(v); }
inline void append(std::string& out, const std::string& v) { out.append(v); }
inline void append(std::string& out, char v) { out.push_back(v); }
inline void append(std::string& out, bool v) { out.append(v ? "True" : "False"); }
inline void append(std::string& out, int v) { out.append(std::to_string(v)); }
inline void append(std::string& out, unsigned v) { out.append(std::to_string(v)); }
inline void append(std::string& out, long v) { out.append(std::to_string(v)); }
inline void append(std::string& out, unsigned long v) { out.append(std::to_string(v)); }
inline void append(std::string& out, long long v) { out.append(std::to_string(v)); }
inline void append(std::string& out, unsigned long long v) { out.append(std::to_string(v)); }
void append(std::string& out, double v);  // the shortest text that reads back as v, as Python's repr: 1e-05, 0.5, 2.0
template <class T>
  requires requires(const T& v) { v.text(); }
void append(std::string& out, const T& v) {
  out.append(v.text());
}
}  // namespace detail

/// The arguments' texts one after another. Numbers and bools as Python writes them.
template <class... Args>
std::string str(const Args&... args) {
  std::string out;
  (detail::append(out, args), ...);
  return out;
}

}  // namespace lamina
