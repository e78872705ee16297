#include "lamina/ops/format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <mutex>
#include <ostream>
#include <vector>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/creation.h"

namespace lamina::ops {

namespace {
std::mutex options_mutex;
PrintOptions the_options;

// As Python's format(v, ".4f") and format(v, ".4e"): correctly rounded, without a locale.
std::string digits(double v, std::chars_format format, int64_t precision) {
  if (std::isnan(v)) return "nan";
  std::string text(size_t(precision) + 320, '\0');  // the largest double has 309 digits before the point
  text.resize(
      size_t(std::to_chars(text.data(), text.data() + text.size(), v, format, int(precision)).ptr - text.data()));
  return text;
}

double real_at(const std::byte* p, DType dtype) {
  return dispatch_floating(dtype, "printing",
                           [&]<class T>() { return double(compute_t<T>(*reinterpret_cast<const T*>(p))); });
}

std::string whole_at(const std::byte* p, DType dtype) {
  return dispatch_all(dtype, [&]<class T>() -> std::string {
    if constexpr (std::is_same_v<T, bool>) return *reinterpret_cast<const T*>(p) ? "True" : "False";
    else return str(int64_t(compute_t<T>(*reinterpret_cast<const T*>(p))));
  });
}

// Prints the values of one tensor in one style: all whole, all scientific, or all with the same digits after the point.
class Printer {
 public:
  Printer(const Tensor& t, const PrintOptions& options)
      : t_(t), options_(options), summarize_(double(t.numel()) > options.threshold) {
    t_.is_floating_point() ? choose_style() : widen_for_wholes();
  }

  std::string text(int64_t indent) const { return rows(0, t_.bytes(), indent); }

 private:
  // Calls f(element) for the elements that are shown: the ends of long dimensions when summarised.
  template <class F>
  void each_shown(int dim, const std::byte* p, const F& f) const {
    if (dim == t_.rank()) return f(p);
    const int64_t size = t_.shape()[dim], edge = options_.edgeitems;
    if (summarize_ && edge == 0 && t_.rank() > 1) return;
    const bool cut = summarize_ && edge > 0 && size > 2 * edge;
    for (int64_t i = 0; i < size; ++i) {
      if (cut && i == edge) i = size - edge;
      each_shown(dim + 1, at(dim, p, i), f);
    }
  }

  void widen_for_wholes() {
    each_shown(0, t_.bytes(), [&](const std::byte* p) { width_ = std::max(width_, whole_at(p, t_.dtype()).size()); });
  }

  void choose_style() {
    std::vector<double> values;  // the finite ones that are not zero decide
    double smallest = 0, largest = 0;
    each_shown(0, t_.bytes(), [&](const std::byte* p) {
      const double v = real_at(p, t_.dtype());
      if (!std::isfinite(v) || v == 0) return;
      smallest = values.empty() ? std::abs(v) : std::min(smallest, std::abs(v));
      largest = std::max(largest, std::abs(v));
      whole_ = whole_ && v == std::ceil(v);
      values.push_back(v);
    });
    if (values.empty()) return;
    scientific_ = options_.sci_mode.value_or(largest / smallest > 1000.0 || largest > 1.0e8 || smallest < 1.0e-4);
    for (const double v : values) width_ = std::max(width_, real(v).size());
  }

  std::string real(double v) const {
    if (scientific_) return digits(v, std::chars_format::scientific, options_.precision);
    if (!whole_) return digits(v, std::chars_format::fixed, options_.precision);
    return digits(v, std::chars_format::fixed, 0) + (std::isfinite(v) ? "." : "");
  }

  std::string element(const std::byte* p) const {
    std::string text = t_.is_floating_point() ? real(real_at(p, t_.dtype())) : whole_at(p, t_.dtype());
    if (text.size() < width_) text.insert(0, width_ - text.size(), ' ');
    return text;
  }

  const std::byte* at(int dim, const std::byte* p, int64_t i) const {
    return p + i * t_.strides()[dim] * element_size(t_.dtype());
  }

  // The last dimension, broken into lines.
  std::string row(const std::byte* p, int64_t indent) const {
    const int dim = t_.rank() - 1;
    const int64_t size = t_.shape()[dim], edge = options_.edgeitems;
    if (summarize_ && edge == 0) return "[...]";
    const int64_t per_line = std::max<int64_t>(1, (options_.linewidth - indent) / (int64_t(width_) + 2));
    const bool cut = summarize_ && size > 2 * edge;
    std::string text = "[";
    int64_t shown = 0;
    const auto add = [&](const std::string& item) {
      if (shown > 0) text += shown % per_line == 0 ? str(",\n", std::string(size_t(indent) + 1, ' ')) : ", ";
      text += item;
      ++shown;
    };
    for (int64_t i = 0; i < size; ++i) {
      if (cut && i == edge) {
        add(" ...");
        i = size - edge;
      }
      add(element(at(dim, p, i)));
    }
    return text + "]";
  }

  std::string rows(int dim, const std::byte* p, int64_t indent) const {
    const int left = t_.rank() - dim;
    if (left == 0) return element(p);
    if (left == 1) return row(p, indent);
    const int64_t size = t_.shape()[dim], edge = options_.edgeitems;
    const bool cut = summarize_ && size > 2 * edge;
    const std::string between = str(",", std::string(size_t(left) - 1, '\n'), std::string(size_t(indent) + 1, ' '));
    std::string text = "[";
    for (int64_t i = 0; i < size; ++i) {
      if (i > 0) text += between;
      if (cut && i == edge) {
        text += "...";
        i = size - edge;
        if (i == size) break;
        text += between;
      }
      text += rows(dim + 1, at(dim, p, i), indent + 1);
    }
    return text + "]";
  }

  const Tensor& t_;
  const PrintOptions& options_;
  const bool summarize_;
  bool whole_ = true, scientific_ = false;
  size_t width_ = 1;
};

std::vector<std::string> suffixes_of(const Tensor& t, const PrintOptions& options) {
  std::vector<std::string> suffixes;
  const bool no_elements = t.numel() == 0;
  if (no_elements ? t.rank() != 1 : options.edgeitems == 0) suffixes.push_back(str("size=", t.shape()));
  const bool known =
      t.dtype() == default_dtype() || (!no_elements && (t.dtype() == DType::Int64 || t.dtype() == DType::Bool));
  if (!known) suffixes.push_back(str("dtype=torch.", name(t.dtype())));
  if (const NodeRef node = t.grad_fn()) suffixes.push_back(str("grad_fn=<", node->name(), ">"));
  else if (t.requires_grad()) suffixes.emplace_back("requires_grad=True");
  return suffixes;
}
}  // namespace

PrintOptions get_printoptions() {
  const std::scoped_lock lock(options_mutex);
  return the_options;
}

void set_printoptions(const PrintOptionChanges& changes) {
  PrintOptions options = get_printoptions();
  if (changes.profile) {
    if (*changes.profile != "default" && *changes.profile != "short" && *changes.profile != "full")
      throw OptionError(str("unknown profile '", *changes.profile, "'"), "Use 'default', 'short' or 'full'");
    options = PrintOptions{};
    if (*changes.profile == "short") options.precision = 2, options.edgeitems = 2;
    if (*changes.profile == "full") options.threshold = INFINITY;
  }
  options.precision = changes.precision.value_or(options.precision);
  options.threshold = changes.threshold.value_or(options.threshold);
  options.edgeitems = changes.edgeitems.value_or(options.edgeitems);
  options.linewidth = changes.linewidth.value_or(options.linewidth);
  options.sci_mode = changes.sci_mode;
  constexpr int64_t most_digits = 10000;
  if (options.precision < 0 || options.precision > most_digits)
    throw OptionError(str("precision must be in [0, ", most_digits, "], but got ", options.precision));
  if (options.edgeitems < 0) throw OptionError(str("edgeitems must not be negative, but got ", options.edgeitems));
  if (std::isnan(options.threshold)) throw OptionError("threshold must be a number, but got nan");
  const std::scoped_lock lock(options_mutex);
  the_options = options;
}

std::string to_string(const Tensor& t, std::string_view type) {
  if (!t.defined()) return "None";
  const PrintOptions options = get_printoptions();
  const int64_t indent = int64_t(type.size()) + 1;
  std::string text = str(type, "(", t.numel() == 0 ? "[]" : Printer(t, options).text(indent));
  const size_t newline = text.rfind('\n');
  // how PyTorch counts the last line: with the newline itself, and two characters for what follows
  int64_t line = newline == std::string::npos ? int64_t(text.size()) + 2 : int64_t(text.size() - newline) + 1;
  for (const std::string& suffix : suffixes_of(t, options)) {
    const auto length = int64_t(suffix.size());
    if (line + length + 2 > options.linewidth) {
      text += str(",\n", std::string(size_t(indent), ' '), suffix);
      line = indent + length;
    } else {
      text += ", " + suffix;
      line += length + 2;
    }
  }
  text += ')';
  if (!t->is_parameter) return text;
  if (type != "tensor") text = str("Parameter(", text, ")");  // a subclass of Parameter
  return str("Parameter containing:\n", text);
}

}  // namespace lamina::ops

namespace lamina {
std::ostream& operator<<(std::ostream& out, const Tensor& t) { return out << ops::to_string(t); }
std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << str(shape); }
}  // namespace lamina
