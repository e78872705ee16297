"""float32 against float64: largest error over largest value at most C·√K·2⁻²⁴ for K terms to a sum."""
import math

import lamina
import numpy as np
import pytest
from support import cases

C = 6  # fixed once; a sum of K rounded terms errs by about √K·2⁻²⁴, a normalisation chains several


@pytest.mark.parametrize("case", cases.load("float32"), ids=lambda c: c.id)
def test_float32(case):
    # from numbers that float32 holds exactly: what is measured is the arithmetic, not the rounding of the input
    exact = cases.run(lamina, case, lamina.float64, nearest=lambda values: values.astype(np.float32).astype(np.float64))
    rounded = cases.run(lamina, case, lamina.float32)
    terms = sum(v.size for v in exact.values()) / max(min((v.size for v in exact.values() if v.size), default=1), 1)
    for name, want in exact.items():
        assert rounded[name].dtype == (np.float32 if want.dtype == np.float64 else want.dtype), name
    problem = cases.difference({k: v.astype(exact[k].dtype) for k, v in rounded.items()}, exact, C * math.sqrt(max(terms, 1)) * 2**-24)
    assert problem is None, f"{case}: {problem}"
