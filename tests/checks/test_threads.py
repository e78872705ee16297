"""The number of threads never changes a bit of a result."""
import lamina
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
            assert values.tobytes() == other[name].tobytes(), f"{case}: {name} depends on the threads"
