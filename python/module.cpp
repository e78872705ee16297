// The extension module lamina._C. What it offers is listed in bind.h.
#include "python/bind.h"

NB_MODULE(_C, m) {
  using namespace lamina::python;
  install_foreign();
  bind_errors(m);
  bind_dtype(m);
  bind_size(m);
  bind_device(m);
  bind_generator(m);
  bind_tensor(m);
}
