// A distance between vectors that a Python script gives to a triplet loss.
#pragma once
#include "lamina/ops/loss_margin.h"
#include "python/casters.h"

namespace lamina::python {

/// The C++ function that calls it; an empty one for None. TypeError for what cannot be called.
ops::DistanceFunction distance_from(nb::handle callable);

}  // namespace lamina::python
