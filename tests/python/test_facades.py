"""What programs ask of torch without computing: it is answered, at no cost, or refused with a reason."""
import subprocess
import sys
from importlib import import_module

import lamina as torch
import pytest
from lamina._lazy import ELSEWHERE
from support.scenarios import same


def module(t, name):
    return import_module(f"{t.__name__}.{name}")


def test_every_name_is_there():
    for name in ELSEWHERE:
        assert getattr(torch, name) is not None, name


def test_import_stays_quick():
    code = "import sys, lamina; print([m for m in sys.modules if m.startswith('lamina.') and m.count('.') == 1])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    for name in ("distributions", "amp", "jit", "func", "distributed", "multiprocessing", "hub", "testing"):
        assert f"'lamina.{name}'" not in loaded


@pytest.mark.parametrize("question", [
    lambda t: [getattr(t, d).is_available() for d in ("cuda", "xpu", "mps", "mtia", "accelerator", "cpu")],
    lambda t: [getattr(t, d).device_count() for d in ("cuda", "xpu", "mtia", "accelerator", "cpu")],
    lambda t: (t.cuda.is_initialized(), t.cuda.memory_allocated()),
    lambda t: t.accelerator.current_accelerator(),
    lambda t: module(t, "distributed").is_initialized(),
    lambda t: (t.jit.is_scripting(), t.jit.is_tracing(), t.compiler.is_compiling(), t.compiler.is_exporting()),
    lambda t: (t.backends.cuda.is_built(), t.backends.cudnn.enabled, t.backends.cudnn.benchmark),
    lambda t: (t.backends.mps.is_available(), t.backends.cuda.matmul.allow_tf32),
    lambda t: (t.version.cuda, t.version.hip, t.version.debug),
    lambda t: (str(t.get_default_device()), str(t.get_default_dtype())),
    lambda t: (t.is_anomaly_enabled(), t.is_autocast_enabled(), t.is_autocast_cpu_enabled(), t.is_inference_mode_enabled()),
    lambda t: (t.overrides.is_tensor_like(t.ones(1)), t.overrides.is_tensor_like([1]), t.overrides.has_torch_function([1])),
    lambda t: [isinstance(t.ones(1), c) for c in (t.SymInt, module(t, "fx").Proxy, t.jit.ScriptModule, t.Future)],
    lambda t: [isinstance(3, t.SymInt), t.is_storage(3), t.typename(t.ones(1)), t.typename(3), t.typename([])],
    lambda t: module(t, "fx.experimental.proxy_tensor").get_proxy_mode(),
    lambda t: (module(t, "hub").HASH_REGEX.search("net-0a1b2c.pth").group(1), len(t.backends.cuda.__name__) > 0),
    lambda t: t.get_device_module().__name__.split(".")[-1],
    lambda t: (t.sym_max(2, 3.0), t.sym_min(2, 3), t.sym_int(2.5), t.sym_not(True)),
    lambda t: module(t, "library").custom_op is not None,
])
def test_answers(question):
    same(question)


def test_decorators_cost_nothing():
    def scenario(t):
        def f(x):
            return x + 1

        kept = [
            t.jit.unused(f), t.jit.ignore(f), t.jit.ignore(drop=True)(f), t.jit.export(f), t.compiler.allow_in_graph(f),
            t.compiler.disable(f) if t is torch else f,
        ]
        return [k is f for k in kept], [k(1) for k in kept]

    same(scenario)
    net = torch.nn.Linear(2, 2)
    assert torch.compile(net, mode="max-autotune") is net
    assert torch.compile(fullgraph=True)(net) is net
    with pytest.raises(RuntimeError):
        torch.compile(3)


@pytest.mark.parametrize("use, says", [
    (lambda: torch.jit.script(lambda x: x), "nothing to compile"),
    (lambda: torch.jit.trace(lambda x: x, torch.ones(1)), "nothing to compile"),
    (lambda: torch.jit.load("x.pt"), "nothing to compile"),
    (lambda: module(torch, "fx").symbolic_trace(torch.nn.Linear(1, 1)), "forward hooks"),
    (lambda: torch.cuda.current_device(), "is_available"),
    (lambda: module(torch, "distributed").get_rank(), "one process"),
    (lambda: module(torch, "distributed").init_process_group("gloo"), "one process"),
    (lambda: module(torch, "hub").load_state_dict_from_url("https://example.org/net.pth"), "from the net"),
    (lambda: module(torch, "hub").download_url_to_file("https://example.org/net.pth", "net.pth"), "from the net"),
    (lambda: module(torch, "autograd.graph").saved_tensors_hooks(1, 2), "checkpoint"),
    (lambda: torch.set_default_device("cuda"), "CPU"),
    (lambda: torch.cuda.FloatTensor(3), "CPU"),
])
def test_refusals(use, says):
    with pytest.raises((NotImplementedError, RuntimeError, AssertionError, ValueError, TypeError), match=says):
        use()


def test_settings():
    def scenario(t):
        seen = []
        t.use_deterministic_algorithms(True, warn_only=True)
        seen += [t.are_deterministic_algorithms_enabled(), t.get_deterministic_debug_mode()]
        t.set_deterministic_debug_mode("error")
        seen += [t.get_deterministic_debug_mode(), t.is_deterministic_algorithms_warn_only_enabled()]
        t.use_deterministic_algorithms(False)
        t.set_float32_matmul_precision("high")
        seen += [t.get_deterministic_debug_mode(), t.get_float32_matmul_precision()]
        t.set_float32_matmul_precision("highest")
        t.set_default_tensor_type(t.DoubleTensor)
        seen.append(str(t.ones(1).dtype))
        t.set_default_dtype(t.float32)
        return seen

    same(scenario)


def test_old_tensor_types():
    def scenario(t):
        x = t.FloatTensor([1, 2.5])
        return (
            x.tolist(), t.LongTensor([1, 2]).dtype == t.int64, t.FloatTensor(2, 3).shape == (2, 3), t.IntTensor().shape == (0,),
            isinstance(x, t.FloatTensor), isinstance(x, t.LongTensor), isinstance(t.ones(1).bool(), t.BoolTensor),
            isinstance(x, t.cuda.FloatTensor), t.ByteTensor([3]).tolist(), t.DoubleTensor(x.double()).tolist(),
        )

    same(scenario)


def test_autocast():
    def scenario(t):
        seen = []
        with t.autocast("cpu"):
            seen += [t.is_autocast_enabled(), t.is_autocast_enabled("cpu"), str(t.get_autocast_dtype("cpu"))]
            with t.autocast("cpu", enabled=False):
                seen.append(t.is_autocast_enabled("cpu"))
        with t.amp.autocast(device_type="cpu", dtype=t.float16):
            seen.append(str(t.get_autocast_cpu_dtype()))

        @t.autocast("cpu")
        def f():
            return t.is_autocast_cpu_enabled()

        try:
            t.autocast("toaster")
        except RuntimeError:
            seen.append("refused")
        return seen, f(), t.is_autocast_enabled("cpu"), t.amp.autocast_mode.is_autocast_available("cpu")

    same(scenario)
    with pytest.warns(UserWarning, match="Disabling"), torch.autocast("cuda"):
        assert not torch.is_autocast_enabled()


def test_grad_scaler():
    def scenario(t):
        p = t.nn.Parameter(t.tensor([1.0, 2.0]))
        optimizer = t.optim.SGD([p], lr=0.5)
        scaler = t.amp.GradScaler("cpu", init_scale=8.0, growth_interval=2)
        seen = []
        for step in range(4):
            optimizer.zero_grad()
            loss = (p * t.tensor([1.0, 3.0])).prod() * (float("inf") if step == 1 else 1.0)
            scaler.scale(loss).backward()
            if step == 2:
                scaler.unscale_(optimizer)
            scaler.step(optimizer)
            scaler.update()
            seen.append((p.tolist(), scaler.get_scale()))
        return seen, scaler.state_dict()

    same(scenario)
    with pytest.warns(UserWarning, match="Disabling"):
        scaler = torch.cuda.amp.GradScaler()
    x = torch.ones(1)
    assert scaler.scale(x) is x and scaler.state_dict() == {} and scaler.get_scale() == 1.0


def test_futures():
    def scenario(t):
        first, second, seen = t.futures.Future(), t.futures.Future(), []
        both = t.futures.collect_all([first, second])
        after = first.then(lambda f: f.value() + 1)
        first.add_done_callback(lambda f: seen.append(f.wait()))
        first.set_result(1)
        done = both.done()
        second.set_exception(ValueError("no"))
        both.wait() if t is torch else None
        try:
            second.wait()
        except ValueError as error:
            seen.append(str(error))
        return seen, done, after.wait(), first.done(), t.jit.wait(t.jit.fork(lambda a: a + 1, 2))

    same(scenario)


def test_custom_operations():
    library = module(torch, "library")

    @library.custom_op("tests::cube", mutates_args=())
    def cube(x: torch.Tensor) -> torch.Tensor:
        return x.detach() ** 3

    @cube.register_fake
    def _(x):
        return torch.empty_like(x)

    library.register_autograd(
        "tests::cube", lambda ctx, g: 3 * ctx.saved_tensors[0] ** 2 * g,
        setup_context=lambda ctx, inputs, output: ctx.save_for_backward(inputs[0]),
    )
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    cube(x).backward(torch.tensor([1.0, 2.0]))
    assert x.grad.tolist() == [12.0, 54.0]


def _in_a_process(i, folder):
    if i == 1 and folder is None:
        raise ValueError("number one")
    if folder is not None:
        (folder / str(i)).write_text("done")


def test_multiprocessing(tmp_path):
    processes = module(torch, "multiprocessing")
    processes.start_processes(_in_a_process, (tmp_path,), nprocs=2, start_method="fork")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0", "1"]
    with pytest.raises(RuntimeError, match="number one"):
        processes.start_processes(_in_a_process, (None,), nprocs=2, start_method="fork")
    assert processes.get_sharing_strategy() in processes.get_all_sharing_strategies()


def test_versions():
    def scenario(t):
        version = module(t, "torch_version").TorchVersion("2.13.0+cpu")
        return version >= "2.1", version < (2, 14), version > "1.13.1", isinstance(version, str), version >= "2.13.1"

    same(scenario)


@pytest.mark.parametrize("pair", [
    lambda t: (t.ones(2), t.ones(2) + 1e-7), lambda t: (t.ones(2), t.ones(2) + 1e-3), lambda t: (t.ones(2), t.ones(3)),
    lambda t: (t.ones(2), t.ones(2).double()), lambda t: ([t.ones(2), 1.0], [t.ones(2), 1.0]), lambda t: ({"a": 1}, {"a": 2}),
    lambda t: ({"a": 1}, {"b": 1}), lambda t: (t.tensor([1, 2]), t.tensor([1, 3])), lambda t: (1.0, 1.0 + 1e-9),
    lambda t: (t.tensor(float("nan")), t.tensor(float("nan"))), lambda t: (None, None), lambda t: (t.ones(2), "text"),
])
def test_assert_close(pair):
    def scenario(t):
        try:
            module(t, "testing").assert_close(*pair(t))
        except Exception as error:
            return type(error).__name__, str(error).partition("\n")[0][:20]

    same(scenario)
