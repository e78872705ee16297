// The exceptions that Lamina throws. One message: where it happened, what came, what was expected, the likely fix.
//   throw ShapeError(str("input ", shape, " must end in normalized_shape ", normalized), "Did you mean LayerNorm(512)?");
// A module adds itself while the exception unwinds, so that a good call pays nothing:
//   encoder.0.norm (LayerNorm((768,), eps=1e-05)): input (16, 512) must end in normalized_shape (768,). Did you mean …?
#pragma once
#include <exception>
#include <string>

namespace lamina {

/// Base of every exception that Lamina throws; in Python a RuntimeError.
class Error : public std::exception {
 public:
  explicit Error(std::string message, std::string hint = "");
  const char* what() const noexcept override { return text_.c_str(); }

  /// The message and hint alone, without the module's path.
  const std::string& message() const { return message_; }
  const std::string& path() const { return path_; }
  const std::string& layer() const { return layer_; }
  bool has_layer() const { return !layer_.empty(); }

  /// The function (module is null), then the module whose forward failed say who they are; later calls are ignored.
  void in_layer(const std::string& repr, const void* module);
  /// The first module that failed, as an opaque identity; null when the error came from a plain function.
  const void* origin() const { return origin_; }
  /// An enclosing module says where below itself the failed one is: "encoder.0.norm".
  void set_path(const std::string& path);

 private:
  void compose();
  std::string message_, layer_, path_, text_;
  const void* origin_ = nullptr;
};

/// Sizes that do not fit together; in Python also a ValueError.
class ShapeError : public Error { using Error::Error; };
/// A tensor of the wrong element type; in Python also a TypeError.
class DTypeError : public Error { using Error::Error; };
/// An option outside what it may be; in Python also a ValueError.
class OptionError : public Error { using Error::Error; };
/// An index or id outside its range; in Python also an IndexError.
class IndexError : public Error { using Error::Error; };
/// A name that is not there; in Python also a KeyError.
class KeyError : public Error { using Error::Error; };
/// A file or state that cannot be taken; in Python a RuntimeError.
class LoadError : public Error { using Error::Error; };
/// Something that PyTorch has and Lamina does not; in Python also a NotImplementedError.
class NotImplementedError : public Error { using Error::Error; };

}  // namespace lamina
