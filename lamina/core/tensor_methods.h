// Part of class Tensor: the operations as methods, defined in ops/methods.cpp. Included inside the class.
