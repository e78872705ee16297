"""Times small steps of one library: python bench/steps.py lamina|torch. Prints {name: µs} as JSON; bench/overhead alternates it.

The steps are those whose arithmetic takes a few microseconds, so that what is measured is what a call costs.
"""
import importlib
import json
import sys
import time


def median_time(step, repeats):
    """Median over batches of calls, in µs a call."""
    for _ in range(repeats):
        step()
    times = []
    for _ in range(15):
        start = time.perf_counter()
        for _ in range(repeats):
            step()
        times.append((time.perf_counter() - start) / repeats * 1e6)
    return sorted(times)[len(times) // 2]


def main(name):
    start = time.perf_counter()
    torch = importlib.import_module(name)
    nn, optim = importlib.import_module(f"{name}.nn"), importlib.import_module(f"{name}.optim")
    imported = (time.perf_counter() - start) * 1e6
    torch.manual_seed(0)
    a, b = torch.randn(16), torch.randn(16)
    w = torch.randn(16, requires_grad=True)
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    x, target = torch.randn(32, 64), torch.randint(0, 10, (32,))
    loss_of, optimizer = nn.CrossEntropyLoss(), optim.AdamW(net.parameters(), lr=1e-3)
    policy = nn.Sequential(nn.Linear(8, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 2))
    observation = torch.randn(8)

    def train():
        optimizer.zero_grad()
        loss_of(net(x), target).backward()
        optimizer.step()

    def act():
        with torch.no_grad():
            policy(observation)

    print(json.dumps({
        "import": imported,
        "a + b, 16 elements": median_time(lambda: a + b, 2000),
        "w + b with its node": median_time(lambda: w + b, 2000),
        "training step of MLP 64-64-10, batch 32": median_time(train, 200),
        "policy 8-64-64-2, one observation": median_time(act, 500),
    }))


if __name__ == "__main__":
    main(sys.argv[1])
