// The name that somebody most likely meant, for messages.
#pragma once
#include <string>
#include <vector>

namespace lamina::python {

/// ". Did you mean 'padding'?" when one of `known` is close to `name`, else nothing.
std::string did_you_mean(const std::string& name, const std::vector<std::string>& known);

}  // namespace lamina::python
