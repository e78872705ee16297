#include "lamina/core/error.h"

#include "lamina/core/text.h"
#include "lamina/core/types.h"

namespace lamina {

Error::Error(std::string message, std::string hint) : message_(std::move(message)) {
  if (!hint.empty()) {
    if (!message_.empty() && message_.back() != '.') message_ += '.';
    message_ += ' ';
    message_ += hint;
  }
  compose();
}

void Error::in_layer(const std::string& repr, const void* module) {
  if (origin_ || (!layer_.empty() && !module)) return;
  layer_ = layer_.empty() ? repr : str(repr, ": ", layer_);  // a function that failed inside a module's forward
  origin_ = module;
  compose();
}

void Error::set_path(const std::string& path) {
  path_ = path;
  compose();
}

void Error::compose() {
  if (layer_.empty()) text_ = message_;
  else if (path_.empty()) text_ = str(layer_, ": ", message_);
  else text_ = str(path_, " (", layer_, "): ", message_);
}

void throw_unsupported(const char* what, DType dtype) {
  throw DTypeError(str(what, " is not defined for ", name(dtype)));
}

}  // namespace lamina
