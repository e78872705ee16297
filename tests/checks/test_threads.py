"""The number of threads never changes a bit of a result."""
import lamina
import numpy as np
import pytest
from support import cases


@pytest.fixture(autouse=True)
def restore_threads():
    before = lamina.get_num_threads()
    yield
    lamina.set_num_threads(before)


@pytest.mark.parametrize("case", cases.load("threads"), ids=lambda c: c.id)
def test_threads(case):
    results = []
    for threads in (1, 2, 5):
        lamina.set_num_threads(threads)
        results.append(cases.run(lamina, case, lamina.float32))
    for other in results[1:]:
        for name, values in results[0].items():
            assert np.array_equal(values.view(np.uint8), other[name].view(np.uint8)), f"{case}: {name} depends on the threads"
