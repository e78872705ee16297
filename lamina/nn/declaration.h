// A layer is declared once: its constructor's arguments with their defaults and texts. The Python class, its docstring,
// repr, pickling, the stub and the docs page come from the declaration. See nn/linear.cpp for one.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lamina/core/types.h"
#include "lamina/nn/module.h"

namespace lamina::nn {

/// Sizes of a window or a step over space: one number for every dimension, or one for each.
///   Conv2d(3, 32, 3) and Conv2d(3, 32, {3, 3}) are the same.
template <int N>
struct Extent {
  int64_t values[N];
  Extent(int64_t all) { std::fill_n(values, N, all); }
  template <class... T>
    requires(sizeof...(T) == N && N > 1)
  Extent(T... each) : values{int64_t(each)...} {}
  int64_t operator[](int i) const { return values[i]; }
  bool operator==(const Extent& o) const { return std::equal(values, values + N, o.values); }
  Shape shape() const { return Shape(values, N); }
};

/// Sizes of which some are None.
using OptionalSizes = std::vector<std::optional<int64_t>>;
/// Numbers with fractions, one for each dimension.
using Factors = std::vector<double>;
/// What an argument of a constructor can be, whatever the language it comes from. monostate is None.
using Value =
    std::variant<std::monostate, bool, int64_t, double, std::string, Shape, DType, Tensor, OptionalSizes, Factors>;
std::string text(const Value& value);  // as Python's repr

/// How repr shows an argument.
enum class Show : uint8_t {
  Named,         // eps=1e-05
  Positional,    // 32
  IfNotDefault,  // named, and only when it differs from the default
  Never,
};

/// Converts between a member's type and a Value. A wrong type is a DTypeError that names the argument.
template <class T>
struct FieldType;  // specialised in nn/declaration_fields.h

struct Field {
  std::string name;
  std::string doc;
  std::string type;  // Python's: "int", "float | None", "int | tuple[int, int]"
  bool required = false;
  Value default_value;  // of an option
  Show show = Show::Named;
  std::function<Value(const Module&)> get;
  std::function<void(Module&, const Value&)> set;  // after construction: drop.p = 0.3
};

class Arguments;

struct Declaration {
  std::string name, formula, shape, source;
  std::string notes;  // what the formula leaves unsaid: behaviour in train and eval, errors, differences
  std::vector<Field> fields;
  /// A new layer from one Value for each field, in order. Throws OptionError, ShapeError or DTypeError.
  std::function<Module*(const std::vector<Value>&)> construct;

  const Field* find(const std::string& field) const;
  /// extra_repr from the fields.
  std::string extra_repr(const Module& module) const;
  /// One Value for each field, from a module: what construct takes to make another like it.
  std::vector<Value> values(const Module& module) const;
};

}  // namespace lamina::nn

#include "lamina/nn/declaration_fields.h"
