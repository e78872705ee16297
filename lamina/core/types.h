// Element types: DType, the two 16-bit floats, and dispatch from a DType to a C++ type.
//   dispatch_floating(t.dtype(), "softmax", [&]<class T>() { kernels::softmax(t.data<T>(), …); });
#pragma once
#include <cstdint>
#include <cstring>

namespace lamina {

enum class DType : uint8_t { Float32, Float64, BFloat16, Float16, Int64, Int32, Int16, Int8, UInt8, Bool };
inline constexpr DType kFloat32 = DType::Float32, kFloat64 = DType::Float64, kBFloat16 = DType::BFloat16,
                       kFloat16 = DType::Float16, kInt64 = DType::Int64, kInt32 = DType::Int32, kInt16 = DType::Int16,
                       kInt8 = DType::Int8, kUInt8 = DType::UInt8, kBool = DType::Bool;

/// Where values live.
enum class Device : uint8_t { CPU };
inline constexpr Device kCPU = Device::CPU;

/// IEEE binary16 as storage; arithmetic happens in float.
struct float16 {
  _Float16 value;
  float16() = default;
  float16(float v) : value(_Float16(v)) {}
  operator float() const { return float(value); }
};

/// The upper half of a binary32 as storage, rounded to nearest even; arithmetic happens in float.
struct bfloat16 {
  uint16_t bits;
  bfloat16() = default;
  bfloat16(float v) {
    uint32_t b;
    std::memcpy(&b, &v, 4);
    bits = (b & 0x7fffffffu) > 0x7f800000u ? uint16_t(0x7fc0) : uint16_t((b + 0x7fffu + ((b >> 16) & 1u)) >> 16);
  }
  operator float() const {
    const uint32_t b = uint32_t(bits) << 16;
    float v;
    std::memcpy(&v, &b, 4);
    return v;
  }
};

constexpr bool is_floating_point(DType d) { return d <= DType::Float16; }
constexpr bool is_integral(DType d) { return d > DType::Float16 && d != DType::Bool; }  // bool is neither

constexpr int64_t element_size(DType d) {
  constexpr int64_t sizes[] = {4, 8, 2, 2, 8, 4, 2, 1, 1, 1};
  return sizes[int(d)];
}

/// PyTorch's name without its module: "float32".
constexpr const char* name(DType d) {
  constexpr const char* names[] = {"float32", "float64", "bfloat16", "float16", "int64",
                                   "int32",   "int16",   "int8",     "uint8",   "bool"};
  return names[int(d)];
}

/// The name that older interfaces give a type, as in "expected scalar type Float": "Float", "Long", "BFloat16".
constexpr const char* scalar_type_name(DType d) {
  constexpr const char* names[] = {"Float", "Double", "BFloat16", "Half", "Long",
                                   "Int",   "Short",  "Char",     "Byte", "Bool"};
  return names[int(d)];
}

template <class T>
struct dtype_of;
template <> struct dtype_of<float> { static constexpr DType value = DType::Float32; };
template <> struct dtype_of<double> { static constexpr DType value = DType::Float64; };
template <> struct dtype_of<bfloat16> { static constexpr DType value = DType::BFloat16; };
template <> struct dtype_of<float16> { static constexpr DType value = DType::Float16; };
template <> struct dtype_of<int64_t> { static constexpr DType value = DType::Int64; };
template <> struct dtype_of<int32_t> { static constexpr DType value = DType::Int32; };
template <> struct dtype_of<int16_t> { static constexpr DType value = DType::Int16; };
template <> struct dtype_of<int8_t> { static constexpr DType value = DType::Int8; };
template <> struct dtype_of<uint8_t> { static constexpr DType value = DType::UInt8; };
template <> struct dtype_of<bool> { static constexpr DType value = DType::Bool; };

/// The type in which arithmetic on T happens: float for the 16-bit floats, T itself otherwise.
template <class T> struct compute_type { using type = T; };
template <> struct compute_type<bfloat16> { using type = float; };
template <> struct compute_type<float16> { using type = float; };
template <class T> using compute_t = typename compute_type<T>::type;

[[noreturn]] void throw_unsupported(const char* what, DType dtype);  // DTypeError: "softmax is not defined for int64"

/// Calls f.template operator()<T>() for the C++ type of `d`, any of the ten.
template <class F>
decltype(auto) dispatch_all(DType d, F&& f) {
  switch (d) {
    case DType::Float32: return f.template operator()<float>();
    case DType::Float64: return f.template operator()<double>();
    case DType::BFloat16: return f.template operator()<bfloat16>();
    case DType::Float16: return f.template operator()<float16>();
    case DType::Int64: return f.template operator()<int64_t>();
    case DType::Int32: return f.template operator()<int32_t>();
    case DType::Int16: return f.template operator()<int16_t>();
    case DType::Int8: return f.template operator()<int8_t>();
    case DType::UInt8: return f.template operator()<uint8_t>();
    default: return f.template operator()<bool>();
  }
}

/// The same for the four floating types; any other is a DTypeError that names `what`.
template <class F>
decltype(auto) dispatch_floating(DType d, const char* what, F&& f) {
  switch (d) {
    case DType::Float32: return f.template operator()<float>();
    case DType::Float64: return f.template operator()<double>();
    case DType::BFloat16: return f.template operator()<bfloat16>();
    case DType::Float16: return f.template operator()<float16>();
    default: throw_unsupported(what, d);
  }
}

/// The same for float32 and float64, the types that kernels compute in.
template <class F>
decltype(auto) dispatch_real(DType d, const char* what, F&& f) {
  switch (d) {
    case DType::Float32: return f.template operator()<float>();
    case DType::Float64: return f.template operator()<double>();
    default: throw_unsupported(what, d);
  }
}

/// The same for the two index types, int64 and int32.
template <class F>
decltype(auto) dispatch_index(DType d, const char* what, F&& f) {
  switch (d) {
    case DType::Int64: return f.template operator()<int64_t>();
    case DType::Int32: return f.template operator()<int32_t>();
    default: throw_unsupported(what, d);
  }
}

}  // namespace lamina
