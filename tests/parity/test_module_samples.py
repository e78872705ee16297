"""The samples that PyTorch keeps of every layer (module_db): outputs, gradients, buffers and state, in training and evaluation."""
import lamina
import numpy as np
import pytest
import torch
from support import cases

common_modules = pytest.importorskip("torch.testing._internal.common_modules")


def samples():
    torch.manual_seed(0)
    for info in common_modules.module_db:
        name = info.name.removeprefix("nn.")
        if not hasattr(lamina.nn, name):
            continue
        for training in (True, False) if info.train_and_eval_differ else (True,):
            try:
                inputs = info.module_inputs_func(info, "cpu", torch.float64, True, training)
            except TypeError:  # a sample that its own author left unfinished
                continue
            for index, sample in enumerate(inputs):
                if sample.forward_input is not None:
                    yield pytest.param(info.module_cls, name, sample, training, id=f"{name}-{index}{'' if training else '-eval'}")


def ours(value, found):
    """A torch value for lamina; tensors that ask for a gradient are listed in `found`."""
    if isinstance(value, torch.nn.utils.rnn.PackedSequence):
        pytest.skip("packed sequences have their own tests")
    if isinstance(value, torch.Tensor):
        copy = lamina.tensor(value.detach().numpy().copy()).requires_grad_(value.requires_grad)
        if value.requires_grad:
            found.append(copy)
        return copy
    if isinstance(value, torch.dtype):
        return getattr(lamina, str(value).removeprefix("torch."))
    if isinstance(value, torch.nn.Module) or (callable(value) and getattr(value, "__module__", "").startswith("torch")):
        pytest.skip("a layer of layers has its own tests")
    if isinstance(value, (tuple, list)):
        return type(value)(ours(v, found) for v in value)
    if isinstance(value, dict):
        return {k: ours(v, found) for k, v in value.items()}
    return value


def theirs(value, found):
    if isinstance(value, torch.Tensor):
        copy = value.detach().clone().requires_grad_(value.requires_grad)
        if value.requires_grad:
            found.append(copy)
        return copy
    if isinstance(value, (tuple, list)):
        return type(value)(theirs(v, found) for v in value)
    if isinstance(value, dict):
        return {k: theirs(v, found) for k, v in value.items()}
    return value


def computed(t, module, arguments, options, sources):
    t.manual_seed(3)
    outputs = cases.outputs_of(module(*arguments, **options))
    found = {f"output{i}": cases.numpy(o) for i, o in enumerate(outputs)}
    differentiable = [o for o in outputs if o.requires_grad]
    sources = {f"input{i}": s for i, s in enumerate(sources)} | dict(module.named_parameters())
    if differentiable and sources:
        cotangents = [t.from_numpy(np.array(cases.noise(tuple(o.shape), 999))).to(o.dtype).reshape(o.shape) for o in differentiable]
        gradients = t.autograd.grad(differentiable, list(sources.values()), cotangents, allow_unused=True)
        found |= {f"d{name}": cases.numpy(g) for name, g in zip(sources, gradients) if g is not None}
    return found | {name: cases.numpy(b) for name, b in module.named_buffers()}


@pytest.mark.parametrize("cls, name, sample, training", list(samples()))
def test_sample(cls, name, sample, training):
    made = sample.constructor_input
    unused = []
    options = {k: v for k, v in made.kwargs.items() if k not in ("device", "dtype")}
    reference = cls(*theirs(made.args, unused), **theirs(options, unused)).double().train(training)
    module = getattr(lamina.nn, name)(*ours(made.args, unused), **ours(options, unused)).double().train(training)
    assert repr(module) == repr(reference)
    if name.startswith("Lazy"):
        reference(*theirs(sample.forward_input.args, unused))
        module(*ours(sample.forward_input.args, unused))
        assert repr(module) == repr(reference)
    state = reference.state_dict()
    assert list(module.state_dict()) == list(state)
    module.load_state_dict({k: lamina.tensor(v.numpy().copy()) for k, v in state.items()})
    results = []
    for t, m, convert in ((lamina, module, ours), (torch, reference, theirs)):
        sources = []
        arguments = convert(sample.forward_input.args, sources)
        keywords = convert(sample.forward_input.kwargs, sources)
        results.append(computed(t, m, arguments, keywords, sources))
    problem = cases.difference(*results, 1e-9, least=1e-3)  # torch's GELU(-6) is of its own rounding
    assert problem is None, problem
