#include "python/errors.h"

#include <new>
#include <stdexcept>
#include <typeinfo>

#include "lamina/core/error.h"
#include "lamina/ops/linalg.h"
#include "python/bind.h"

namespace lamina::python {

PyObject *ErrorType, *ShapeErrorType, *DTypeErrorType, *OptionErrorType, *IndexErrorType, *KeyErrorType, *LoadErrorType,
    *NotImplementedErrorType, *LinAlgErrorType;

namespace {

const char kWrongType[] = "an argument, or an element of one, is of a type that this function does not take";

PyObject* type_of(const Error& e) {
  if (dynamic_cast<const ShapeError*>(&e)) return ShapeErrorType;
  if (dynamic_cast<const DTypeError*>(&e)) return DTypeErrorType;
  if (dynamic_cast<const OptionError*>(&e)) return OptionErrorType;
  if (dynamic_cast<const IndexError*>(&e)) return IndexErrorType;
  if (dynamic_cast<const KeyError*>(&e)) return KeyErrorType;
  if (dynamic_cast<const LoadError*>(&e)) return LoadErrorType;
  if (dynamic_cast<const NotImplementedError*>(&e)) return NotImplementedErrorType;
  if (dynamic_cast<const LinAlgError*>(&e)) return LinAlgErrorType;
  return ErrorType;
}

// The Python exception of an Error, with what it knows of its place: e.message, e.layer, e.path.
void set_error(const Error& e) noexcept {
  PyObject* type = type_of(e);
  try {
    const nb::object exception = nb::handle(type)(e.what());
    exception.attr("message") = e.message().c_str();
    exception.attr("layer") = e.layer().c_str();
    exception.attr("path") = e.path().c_str();
    exception.attr("_origin") = checked(PyLong_FromVoidPtr(const_cast<void*>(e.origin())));
    PyErr_SetObject(type, exception.ptr());
  } catch (...) {
    PyErr_SetString(type, e.what());
  }
}

PyObject* builtin_type_of(const nb::builtin_exception& e) {
  switch (e.type()) {
    case nb::exception_type::stop_iteration: return PyExc_StopIteration;
    case nb::exception_type::index_error: return PyExc_IndexError;
    case nb::exception_type::key_error: return PyExc_KeyError;
    case nb::exception_type::value_error: return PyExc_ValueError;
    case nb::exception_type::type_error: return PyExc_TypeError;
    case nb::exception_type::buffer_error: return PyExc_BufferError;
    case nb::exception_type::import_error: return PyExc_ImportError;
    case nb::exception_type::attribute_error: return PyExc_AttributeError;
    default: return PyExc_RuntimeError;
  }
}

PyObject* new_exception(nb::module_& m, const char* name, const char* doc, std::initializer_list<PyObject*> bases) {
  const nb::object tuple = checked(PyTuple_New(Py_ssize_t(bases.size())));
  Py_ssize_t i = 0;
  for (PyObject* base : bases) PyTuple_SET_ITEM(tuple.ptr(), i++, Py_NewRef(base));
  const std::string full = std::string("lamina.") + name;
  nb::object type = checked(PyErr_NewExceptionWithDoc(full.c_str(), doc, tuple.ptr(), nullptr));
  m.attr(name) = type;
  return type.release().ptr();  // lives as long as the process
}

}  // namespace

int translate() noexcept {
  try {
    throw;
  } catch (nb::python_error& e) {
    e.restore();
  } catch (const Error& e) {
    set_error(e);
  } catch (const nb::builtin_exception& e) {
    PyErr_SetString(builtin_type_of(e), e.what());
  } catch (const std::bad_cast&) {  // nb::cast
    PyErr_SetString(PyExc_TypeError, kWrongType);
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& e) {
    PyErr_SetString(PyExc_RuntimeError, e.what());
  } catch (...) {
    PyErr_SetString(PyExc_RuntimeError, "an unknown C++ exception");
  }
  return -1;
}

void bind_errors(nb::module_& m) {
  ErrorType = new_exception(m, "Error", "Base of every exception that Lamina raises.", {PyExc_RuntimeError});
  for (const char* attribute : {"message", "layer", "path"}) nb::setattr(nb::handle(ErrorType), attribute, nb::str(""));
  nb::setattr(nb::handle(ErrorType), "_origin", nb::int_(0));
  ShapeErrorType = new_exception(m, "ShapeError", "Sizes that do not fit together.", {ErrorType, PyExc_ValueError});
  DTypeErrorType = new_exception(m, "DTypeError", "A tensor of the wrong element type.", {ErrorType, PyExc_TypeError});
  OptionErrorType = new_exception(m, "OptionError", "An option outside what it may be.", {ErrorType, PyExc_ValueError});
  IndexErrorType = new_exception(m, "IndexError", "An index or id outside its range.", {ErrorType, PyExc_IndexError});
  KeyErrorType = new_exception(m, "KeyError", "A name that is not there.", {ErrorType, PyExc_KeyError});
  LoadErrorType = new_exception(m, "LoadError", "A file or state that cannot be taken.", {ErrorType});
  NotImplementedErrorType = new_exception(m, "NotImplementedError", "Something that PyTorch has and Lamina does not.",
                                          {ErrorType, PyExc_NotImplementedError});
  LinAlgErrorType = new_exception(m, "LinAlgError", "A matrix for which there is no result.", {ErrorType});
  // the builtin KeyError shows its message in quotes
  nb::setattr(nb::handle(KeyErrorType), "__str__", nb::handle(PyExc_BaseException).attr("__str__"));
  nb::register_exception_translator([](const std::exception_ptr& p, void*) {
    try {
      std::rethrow_exception(p);
    } catch (const Error& e) {
      set_error(e);
    } catch (const std::bad_cast&) {
      PyErr_SetString(PyExc_TypeError, kWrongType);
    }
  });
}

}  // namespace lamina::python
