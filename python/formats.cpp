#include "python/formats.h"

#include <nanobind/stl/string.h>

#include <string>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "python/bind.h"
#include "python/errors.h"

namespace lamina::python {

namespace {

struct Layout { std::string name; };
struct MemoryFormat { std::string name; };

PyObject *strided, *sparse;

}  // namespace

PyObject* strided_layout() { return Py_NewRef(strided); }
PyObject* sparse_layout() { return Py_NewRef(sparse); }

void check_memory_format(PyObject* o) {
  if (o == Py_None) return;
  MemoryFormat* format;
  if (!nb::try_cast(nb::handle(o), format) || !format) {
    PyErr_Format(PyExc_TypeError, "memory_format must be a torch.memory_format, got %.200s", Py_TYPE(o)->tp_name);
    throw nb::python_error();
  }
  if (format->name.starts_with("channels_last"))
    throw NotImplementedError(str("torch.", format->name, " is not there"),
                              "Lamina's kernels take contiguous (N, C, H, W) as it is: leave memory_format out");
}

void bind_formats(nb::module_& m) {
  nb::class_<Layout>(m, "layout", "How a tensor's elements lie in memory.")
      .def("__repr__", [](const Layout& l) { return "torch." + l.name; })
      .def("__reduce__", [](const Layout& l) { return l.name; });
  nb::class_<MemoryFormat>(m, "memory_format", "In which order a new tensor's elements lie.")
      .def("__repr__", [](const MemoryFormat& f) { return "torch." + f.name; })
      .def("__reduce__", [](const MemoryFormat& f) { return f.name; });
  m.attr("strided") = nb::cast(Layout{"strided"});
  m.attr("sparse_coo") = nb::cast(Layout{"sparse_coo"});
  sparse = nb::object(m.attr("sparse_coo")).release().ptr();
  strided = nb::object(m.attr("strided")).release().ptr();
  for (const char* name : {"contiguous_format", "preserve_format", "channels_last", "channels_last_3d"})
    m.attr(name) = nb::cast(MemoryFormat{name});
}

}  // namespace lamina::python
