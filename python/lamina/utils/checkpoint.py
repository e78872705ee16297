"""Computing again in backward what would have to be kept. Source: torch.utils.checkpoint.

    y = checkpoint(block, x, use_reentrant=False)
"""

import contextlib as _contextlib
import warnings as _warnings

import lamina as _lamina
from lamina.autograd import Function as _Function
from lamina.utils import _pytree

__all__ = [
    "CheckpointError", "CheckpointFunction", "checkpoint", "checkpoint_sequential", "get_device_states",
    "noop_context_fn", "set_checkpoint_debug_enabled", "set_device_states",
]


class CheckpointError(RuntimeError):
    """What was computed again is not what was computed first."""


def noop_context_fn():
    """Two context managers that change nothing."""
    return _contextlib.nullcontext(), _contextlib.nullcontext()


def get_device_states(*args):
    """([], []): there is no generator but the CPU's."""
    return [], []


def set_device_states(devices, states, *, device_type=None):
    """Does nothing: there is no generator but the CPU's."""


@_contextlib.contextmanager
def set_checkpoint_debug_enabled(enabled):
    """Accepted: an error says what differed under either setting."""
    yield


def _is_tensor(value):
    return isinstance(value, _lamina.Tensor)


class _Call:
    """A function, its arguments without their tensors, and the random numbers it drew: enough to call it again."""

    def __init__(self, function, args, kwargs, contexts, preserve_rng_state):
        self.function = function
        self.leaves, self.tree = _pytree.tree_flatten((args, kwargs))
        self.first_context, self.second_context = contexts
        self.places = [i for i, leaf in enumerate(self.leaves) if _is_tensor(leaf)]
        self.state = _lamina.get_rng_state() if preserve_rng_state else None

    def take_tensors(self):
        """The tensors among the arguments; they are not kept here."""
        tensors = [self.leaves[i] for i in self.places]
        for i in self.places:
            self.leaves[i] = None
        return tensors

    def __call__(self, tensors, context):
        leaves = list(self.leaves)
        for place, tensor in zip(self.places, tensors):
            leaves[place] = tensor
        args, kwargs = self.tree.unflatten(leaves)
        with context:
            return self.function(*args, **kwargs)

    def again(self, tensors):
        with _lamina.random.fork_rng(enabled=self.state is not None), _lamina.enable_grad():
            if self.state is not None:
                _lamina.set_rng_state(self.state)
            return [o for o in _pytree.tree_leaves(self(tensors, self.second_context)) if _is_tensor(o)]


def _leaves_below(outputs, known):
    """The leaves of the graph below outputs, such as the parameters that a function used, without the known ones."""
    found, seen, waiting = {}, set(), [o.grad_fn for o in outputs if o.grad_fn is not None]
    waiting += [_lamina.Tensor.view_as(o, o).grad_fn for o in outputs if o.requires_grad and o.grad_fn is None]
    kept = []  # nodes are known by id only as long as they live
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        kept.append(node)
        leaf = getattr(node, "variable", None)
        if leaf is None:
            waiting += [next_node for next_node, _ in node.next_functions]
        elif id(leaf) not in known:
            found[id(leaf)] = leaf
    return list(found.values())


class CheckpointFunction(_Function):
    """Hands on what a function gave, keeps its inputs alone; backward calls the function again."""

    @staticmethod
    def forward(ctx, call, outputs, count, *tensors):
        ctx.call, ctx.count = call, count
        ctx.shapes = [o.shape for o in outputs]
        ctx.save_for_backward(*tensors)  # the inputs, then the parameters
        results = [o.detach() for o in outputs]
        ctx.mark_non_differentiable(*[r for r, o in zip(results, outputs) if not o.requires_grad])
        return tuple(results)

    @staticmethod
    def backward(ctx, *grads):
        tensors, twice = ctx.saved_tensors, _lamina.is_grad_enabled()
        inputs, parameters = tensors[: ctx.count], tensors[ctx.count :]
        with _lamina.enable_grad():
            # tensors of their own, so that what leads from one input to another is not counted here
            inputs = [t.view_as(t) if twice else t.detach().requires_grad_(t.requires_grad) for t in inputs]
        outputs = ctx.call.again(inputs)
        if [o.shape for o in outputs] != ctx.shapes:
            raise CheckpointError(
                "torch.utils.checkpoint: the function gave tensors of shapes "
                f"{[tuple(o.shape) for o in outputs]} the second time, {[tuple(s) for s in ctx.shapes]} the first time: "
                "it must do the same both times"
            )
        used = [(o, g) for o, g in zip(outputs, grads) if o.requires_grad and g is not None]
        wanted = [t for t in (*inputs, *parameters) if t.requires_grad]
        found = iter(())
        if used and wanted:
            found = iter(_lamina.autograd.grad(
                [o for o, _ in used], wanted, [g for _, g in used], create_graph=twice, allow_unused=True
            ))
        return (None, None, None, *[next(found, None) if t.requires_grad else None for t in (*inputs, *parameters)])


def checkpoint(function, *args, use_reentrant=None, context_fn=noop_context_fn, determinism_check="default", debug=False,
               early_stop=True, preserve_rng_state=True, **kwargs):
    """function(*args, **kwargs), of which only the inputs are kept: backward calls the function again.

    The second call draws the same random numbers, unless preserve_rng_state=False. Gradients reach the inputs and the
    parameters that the function uses, by backward() and by autograd.grad, under either use_reentrant; with True, one
    of the inputs must require grad.

    CheckpointError in backward when the second call gives tensors of other shapes.
    """
    if use_reentrant is None:
        _warnings.warn("torch.utils.checkpoint: pass use_reentrant=False or True", stacklevel=2)
        use_reentrant = True
    if use_reentrant and kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    if use_reentrant and context_fn is not noop_context_fn:
        raise ValueError("Passing `context_fn` is only supported when use_reentrant=False.")
    call = _Call(function, args, kwargs, context_fn(), preserve_rng_state)
    tensors = call.take_tensors()
    if not _lamina.is_grad_enabled():
        return call(tensors, call.first_context)
    if use_reentrant and not any(t.requires_grad for t in tensors):
        _warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)
        with _lamina.no_grad():
            return call(tensors, call.first_context)
    own = [t.detach().requires_grad_(t.requires_grad) for t in tensors]
    values, tree = _pytree.tree_flatten(call(own, call.first_context))
    places = [i for i, v in enumerate(values) if _is_tensor(v)]
    outputs = [values[i] for i in places]
    parameters = _leaves_below(outputs, {id(t) for t in own})
    if any(o.requires_grad for o in outputs):
        results = CheckpointFunction.apply(call, outputs, len(tensors), *tensors, *parameters)
        for place, result in zip(places, results):
            values[place] = result
    return tree.unflatten(values)


def checkpoint_sequential(functions, segments, input, use_reentrant=None, **kwargs):
    """Calls the modules of a Sequential, or a list of functions, one after another in `segments` checkpointed pieces.

    The last piece is not checkpointed: its backward comes first.
    """
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    if use_reentrant is None:
        _warnings.warn("torch.utils.checkpoint: pass use_reentrant=False or True", stacklevel=2)
        use_reentrant = True
    if isinstance(functions, _lamina.nn.Sequential):
        functions = list(functions.children())

    def run(start, end):
        def piece(x):
            for function in functions[start:end]:
                x = function(x)
            return x

        return piece

    size = len(functions) // segments
    end = 0
    for start in range(0, size * (segments - 1), size):
        end = start + size
        input = checkpoint(run(start, end), input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
    return run(end, len(functions))(input)
