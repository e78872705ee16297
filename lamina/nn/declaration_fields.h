// The templates behind a Declaration: member pointers to type-erased fields. Included by nn/declaration.h.
#pragma once
#include "lamina/core/scalar.h"
#include "lamina/core/text.h"
#include "lamina/nn/declaration.h"

namespace lamina::nn {

[[noreturn]] void wrong_type(const char* expected, const Value& got);

template <>
struct FieldType<bool> {
  static std::string type() { return "bool"; }
  static bool from(const Value& v);
  static Value to(bool v) { return v; }
};
template <>
struct FieldType<int64_t> {
  static std::string type() { return "int"; }
  static int64_t from(const Value& v);
  static Value to(int64_t v) { return v; }
};
template <>
struct FieldType<double> {
  static std::string type() { return "float"; }
  static double from(const Value& v);
  static Value to(double v) { return v; }
};
template <>
struct FieldType<Scalar> {  // a number that repr shows as it was given: Dropout(1) has p=1
  static std::string type() { return "float"; }
  static Scalar from(const Value& v);
  static Value to(Scalar v);
};
template <>
struct FieldType<std::string> {
  static std::string type() { return "str"; }
  static std::string from(const Value& v);
  static Value to(const std::string& v) { return v; }
};
template <>
struct FieldType<DType> {
  static std::string type() { return "dtype"; }
  static DType from(const Value& v);
  static Value to(DType v) { return v; }
};
template <>
struct FieldType<Device> {  // by its name: "cpu"
  static std::string type() { return "str"; }
  static Device from(const Value& v);
  static Value to(Device) { return std::string("cpu"); }
};
template <>
struct FieldType<Shape> {  // one number stands for a shape of one dimension
  static std::string type() { return "int | Sequence[int]"; }
  static Shape from(const Value& v);
  static Value to(const Shape& v) { return v; }
};
template <>
struct FieldType<Factors> {
  static std::string type() { return "Sequence[float]"; }
  static Factors from(const Value& v);
  static Value to(const Factors& v) { return v; }
};
template <>
struct FieldType<Tensor> {
  static std::string type() { return "Tensor | None"; }
  static Tensor from(const Value& v);
  static Value to(const Tensor& v) { return v.defined() ? Value(v) : Value(); }
};
template <int N>
struct FieldType<Extent<N>> {
  static std::string type() {
    return N == 1 ? "int | tuple[int]" : N == 2 ? "int | tuple[int, int]" : "int | tuple[int, int, int]";
  }
  static Extent<N> from(const Value& v) {
    if (const auto* shape = std::get_if<Shape>(&v)) {
      if (shape->rank() == 1) return Extent<N>((*shape)[0]);
      if (shape->rank() != N) throw OptionError(str("expected one number or ", N, ", got ", *shape));
      Extent<N> e(0);
      std::copy_n(shape->data(), N, e.values);
      return e;
    }
    return Extent<N>(FieldType<int64_t>::from(v));
  }
  static Value to(const Extent<N>& v) { return v.shape(); }
};
template <class T>
struct FieldType<std::optional<T>> {
  static std::string type() { return FieldType<T>::type() + " | None"; }
  static std::optional<T> from(const Value& v) {
    if (std::holds_alternative<std::monostate>(v)) return std::nullopt;
    return FieldType<T>::from(v);
  }
  static Value to(const std::optional<T>& v) { return v ? FieldType<T>::to(*v) : Value(); }
};

/// An argument that every caller gives: a member of the layer.
template <class L>
struct Required {
  Field field;
  template <class T, class Base>
  Required(const char* name, T Base::* member, const char* doc, Show show = Show::Named) {
    using Plain = std::remove_const_t<T>;
    field = {.name = name,
             .doc = doc,
             .type = FieldType<Plain>::type(),
             .required = true,
             .default_value = {},
             .show = show,
             .get = [member](const Module& m) { return FieldType<Plain>::to(static_cast<const L&>(m).*member); },
             .set = nullptr};
    if constexpr (!std::is_const_v<T>)
      field.set = [member](Module& m, const Value& v) { static_cast<L&>(m).*member = FieldType<Plain>::from(v); };
  }
};

/// An argument with a default: a member of the layer's options struct O, of which the layer holds one called `options`.
template <class L, class O>
struct Option {
  Field field;
  std::function<void(O&, const Value&)> assign;
  template <class T, class Base>
  Option(const char* name, T Base::* member, const char* doc, Show show = Show::Named) {
    field = {
        .name = name,
        .doc = doc,
        .type = FieldType<T>::type(),
        .required = false,
        .default_value = FieldType<T>::to(O{}.*member),
        .show = show,
        .get = [member](const Module& m) { return FieldType<T>::to(static_cast<const L&>(m).options.*member); },
        .set = [member](Module& m, const Value& v) { static_cast<L&>(m).options.*member = FieldType<T>::from(v); }};
    assign = [member](O& o, const Value& v) { o.*member = FieldType<T>::from(v); };
  }
};

/// The required arguments, by position, as the constructor of a layer wants them.
class Arguments {
 public:
  Arguments(const Declaration& declaration, const std::vector<Value>& values)
      : declaration_(declaration), values_(values) {}
  template <class T>
  T get(size_t i) const {
    try {
      return FieldType<T>::from(values_[i]);
    } catch (const Error& e) {
      throw DTypeError(str(declaration_.fields[i].name, ": ", e.message()));
    }
  }

 private:
  const Declaration& declaration_;
  const std::vector<Value>& values_;
};

struct NoOptions {};

/// What a layer's declaration function writes down.
template <class L, class O = NoOptions>
struct Declare {
  std::string name, formula, shape, source, notes;
  std::vector<Required<L>> required;
  std::vector<Option<L, O>> options;
  std::function<L*(const Arguments&, const O&)> construct;

  operator Declaration() const {
    Declaration d{.name = name,
                  .formula = formula,
                  .shape = shape,
                  .source = source,
                  .notes = notes,
                  .fields = {},
                  .construct = {}};
    for (const auto& r : required) d.fields.push_back(r.field);
    for (const auto& o : options) d.fields.push_back(o.field);
    d.construct = [first = required.size(), options = options, construct = construct,
                   shown = d](const std::vector<Value>& values) -> Module* {
      try {
        O o;
        for (size_t i = 0; i < options.size(); ++i) {
          try {
            options[i].assign(o, values[first + i]);
          } catch (const Error& e) {
            throw DTypeError(str(options[i].field.name, ": ", e.message()));
          }
        }
        return construct(Arguments(shown, values), o);
      } catch (Error& e) {
        name_layer(e, shown);
        throw;
      }
    };
    return d;
  }
};

}  // namespace lamina::nn
