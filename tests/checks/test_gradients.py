"""Every case's gradients against central differences in float64, along random directions and for random cotangents."""
import lamina
import numpy as np
import pytest
from support import cases

STEP = 1e-6


def value(case, direction, step):
    """Σ outputs·cotangents after moving every input and parameter by step·direction."""
    call, parameters, _ = cases.build(lamina, case, lamina.float64)
    inputs = cases.tensors(lamina, case, lamina.float64)
    with lamina.no_grad():
        for name, t in sources(inputs, parameters).items():
            t.copy_(t + lamina.from_numpy(np.array(direction[name])).reshape(t.shape) * step)
        if "seed" in case.spec:
            lamina.manual_seed(case.spec["seed"])
        outputs = cases.outputs_of(call(*inputs, **case.spec.get("call", {})))
    return sum(float((cases.numpy(o) * cases.noise(tuple(o.shape), 999)).sum()) for o in outputs if o.is_floating_point())


def sources(inputs, parameters):
    return {f"input{i}": x for i, x in enumerate(inputs) if x is not None and x.requires_grad} | {
        name: p for name, p in parameters.items() if p.requires_grad}


@pytest.mark.parametrize("case", cases.load("gradients"), ids=lambda c: c.id)
def test_gradients(case):
    found = cases.run(lamina, case, lamina.float64)
    gradients = {name[1:]: g for name, g in found.items() if name.startswith("d") and name[1:] not in found}
    _, parameters, _ = cases.build(lamina, case, lamina.float64)
    everything = sources(cases.tensors(lamina, case, lamina.float64), parameters)
    for k, moved in enumerate(everything):  # one at a time, so that no error hides behind another
        direction = {name: np.zeros(tuple(t.shape)) for name, t in everything.items()}
        direction[moved] = cases.noise(tuple(everything[moved].shape), 55 + k)
        slope = (value(case, direction, STEP) - value(case, direction, -STEP)) / (2 * STEP)
        expected = float((gradients[moved] * direction[moved]).sum()) if moved in gradients else 0.0
        size = max(np.abs(gradients[moved] * direction[moved]).sum() if moved in gradients else 0, abs(slope), 1.0)
        assert abs(slope - expected) <= 1e-6 * size, f"{case}: d{moved}: gradient gives {expected}, differences {slope}"
