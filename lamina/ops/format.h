// Tensors as text, exactly as PyTorch prints them.
//   std::cout << ops::to_string(x) << '\n';   // tensor([[1.0000, 2.5000]], grad_fn=<AddBackward0>)
//   std::cout << x;                           // the same
#pragma once
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// How tensors are printed. Defaults are PyTorch's.
struct PrintOptions {
  int64_t precision = 4;         // digits after the point
  double threshold = 1000;       // more elements than this are summarised
  int64_t edgeitems = 3;         // elements shown at each end of a summarised dimension
  int64_t linewidth = 80;        // characters after which a row of numbers is broken
  std::optional<bool> sci_mode;  // scientific notation; without a value it is chosen by the numbers
};
PrintOptions get_printoptions();

/// What set_printoptions takes by name; what is left out stays as it is, but for sci_mode, which goes back to automatic.
struct PrintOptionChanges {
  std::optional<int64_t> precision = {};
  std::optional<double> threshold = {};
  std::optional<int64_t> edgeitems = {};
  std::optional<int64_t> linewidth = {};
  std::optional<std::string_view> profile = {};  // "default", "short" or "full", applied before the others
  std::optional<bool> sci_mode = {};
};
/// For the whole program. OptionError for negative digits or items, or an unknown profile. Source: torch.set_printoptions.
void set_printoptions(const PrintOptionChanges& changes);

/// "tensor([1., 2.])" with dtype, size, grad_fn or requires_grad where PyTorch's repr has them, and a line "Parameter
/// containing:" before a parameter. `type` is what stands before the parenthesis: the name of a Python subclass.
std::string to_string(const Tensor& t, std::string_view type = "tensor");

}  // namespace lamina::ops

namespace lamina {
std::ostream& operator<<(std::ostream& out, const Tensor& t);
std::ostream& operator<<(std::ostream& out, const Shape& shape);  // (8, 3, 32, 32)
}  // namespace lamina
