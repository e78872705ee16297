#include "lamina/nn/declaration.h"

namespace lamina::nn {

std::string text(const Value& value) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "None"; }
    std::string operator()(bool v) const { return str(v); }
    std::string operator()(int64_t v) const { return str(v); }
    std::string operator()(double v) const { return str(v); }
    std::string operator()(const std::string& v) const { return str("'", v, "'"); }
    std::string operator()(const Shape& v) const { return v.text(); }
    std::string operator()(DType v) const { return str("torch.", lamina::name(v)); }
    std::string operator()(const Tensor& v) const { return str("tensor of shape ", v.shape()); }
    std::string operator()(const OptionalSizes& v) const {
      std::string all = "(";
      for (size_t i = 0; i < v.size(); ++i) all += str(i ? ", " : "", v[i] ? str(*v[i]) : std::string("None"));
      return all + (v.size() == 1 ? ",)" : ")");
    }
    std::string operator()(const Factors& v) const {
      std::string all = "(";
      for (size_t i = 0; i < v.size(); ++i) all += str(i ? ", " : "", v[i]);
      return all + (v.size() == 1 ? ",)" : ")");
    }
  };
  return std::visit(Visitor{}, value);
}

void wrong_type(const char* expected, const Value& got) {
  throw DTypeError(str("expected ", expected, ", got ", text(got)));
}

bool FieldType<bool>::from(const Value& v) {
  if (const auto* b = std::get_if<bool>(&v)) return *b;
  if (const auto* i = std::get_if<int64_t>(&v)) return *i != 0;
  if (std::holds_alternative<std::monostate>(v)) return false;
  wrong_type("a bool", v);
}
int64_t FieldType<int64_t>::from(const Value& v) {
  if (const auto* i = std::get_if<int64_t>(&v)) return *i;
  if (const auto* b = std::get_if<bool>(&v)) return *b;
  wrong_type("an int", v);
}
double FieldType<double>::from(const Value& v) {
  if (const auto* d = std::get_if<double>(&v)) return *d;
  if (const auto* i = std::get_if<int64_t>(&v)) return double(*i);
  if (const auto* b = std::get_if<bool>(&v)) return *b;
  wrong_type("a number", v);
}
Scalar FieldType<Scalar>::from(const Value& v) {
  if (const auto* i = std::get_if<int64_t>(&v)) return *i;
  if (const auto* b = std::get_if<bool>(&v)) return *b;
  return FieldType<double>::from(v);
}
Value FieldType<Scalar>::to(Scalar v) {
  if (v.kind() == Scalar::Kind::Float) return v.to<double>();
  return v.kind() == Scalar::Kind::Int ? Value(v.to<int64_t>()) : Value(v.to<bool>());
}
std::string FieldType<std::string>::from(const Value& v) {
  if (const auto* s = std::get_if<std::string>(&v)) return *s;
  wrong_type("a string", v);
}
Device FieldType<Device>::from(const Value& v) {
  if (const auto* s = std::get_if<std::string>(&v); s && (*s == "cpu" || *s == "cpu:0")) return kCPU;
  throw OptionError(str("expected the device \"cpu\", got ", text(v)), "Lamina runs on the CPU");
}
DType FieldType<DType>::from(const Value& v) {
  if (const auto* d = std::get_if<DType>(&v)) return *d;
  wrong_type("a dtype", v);
}
Shape FieldType<Shape>::from(const Value& v) {
  if (const auto* s = std::get_if<Shape>(&v)) return *s;
  if (const auto* i = std::get_if<int64_t>(&v)) return {*i};
  wrong_type("an int or a sequence of ints", v);
}
Factors FieldType<Factors>::from(const Value& v) {
  if (const auto* f = std::get_if<Factors>(&v)) return *f;
  if (const auto* s = std::get_if<Shape>(&v)) return Factors(s->begin(), s->end());
  wrong_type("a sequence of numbers", v);
}
Tensor FieldType<Tensor>::from(const Value& v) {
  if (const auto* t = std::get_if<Tensor>(&v)) return *t;
  if (std::holds_alternative<std::monostate>(v)) return {};
  wrong_type("a tensor", v);
}

void name_layer(Error& e, const Declaration& declaration) { e.in_layer(declaration.name, nullptr); }

const Field* Declaration::find(const std::string& field) const {
  for (const Field& f : fields)
    if (f.name == field) return &f;
  return nullptr;
}

namespace {
bool is_default(const Value& value, const Value& default_value) {
  if (std::holds_alternative<double>(default_value) && std::holds_alternative<int64_t>(value))  // 2 is 2.0
    return double(std::get<int64_t>(value)) == std::get<double>(default_value);
  return text(value) == text(default_value);
}
}  // namespace

std::string Declaration::extra_repr(const Module& module) const {
  std::string out;
  for (const Field& f : fields) {
    if (f.show == Show::Never) continue;
    Value value = f.get(module);
    // "bias" asks for a parameter of that name: what counts is whether there is one now
    if (std::holds_alternative<bool>(value))
      for (const TensorSlot& slot : module.tensor_slots())
        if (slot.name == f.name) value = slot.value->defined();
    if (f.show == Show::IfNotDefault && is_default(value, f.default_value)) continue;
    const std::string shown = text(value);
    if (!out.empty()) out += ", ";
    out += f.show == Show::Positional
               ? shown
               : str(f.name, "=", std::holds_alternative<std::string>(value) ? std::get<std::string>(value) : shown);
  }
  return out;
}

std::vector<Value> Declaration::values(const Module& module) const {
  std::vector<Value> out;
  for (const Field& f : fields) out.push_back(f.get(module));
  return out;
}

}  // namespace lamina::nn
