// Scalar: a number whose kind (bool, int, float) takes part in type promotion, as a Python number does.
#pragma once
#include <concepts>
#include <cstdint>
#include <string>

#include "lamina/core/text.h"
#include "lamina/core/types.h"

namespace lamina {

class Scalar {
 public:
  enum class Kind : uint8_t { Bool, Int, Float };
  Scalar(bool v) : kind_(Kind::Bool), int_(v) {}
  template <std::integral T>
  Scalar(T v) : kind_(Kind::Int), int_(int64_t(v)) {}
  template <std::floating_point T>
  Scalar(T v) : kind_(Kind::Float), float_(double(v)) {}

  Kind kind() const { return kind_; }
  template <class T>
  T to() const {
    if (kind_ != Kind::Float) return T(int_);
    if constexpr (std::integral<T>) return T(int64_t(float_));
    return T(float_);
  }
  double to_double() const { return to<double>(); }
  std::string text() const {
    return kind_ == Kind::Float ? str(float_) : kind_ == Kind::Int ? str(int_) : str(int_ != 0);
  }

 private:
  Kind kind_;
  union {
    int64_t int_;
    double float_;
  };
};

}  // namespace lamina
