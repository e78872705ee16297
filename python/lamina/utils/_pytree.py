"""Nests of containers, flattened to leaves and made again. Source: torch.utils._pytree."""

import functools as _functools
from collections import OrderedDict, defaultdict, deque, namedtuple
from typing import Any, NamedTuple

__all__ = [
    "DictKey", "GetAttrKey", "KeyEntry", "LeafSpec", "MappingKey", "SequenceKey", "TreeSpec", "keystr",
    "register_constant", "register_dataclass", "register_pytree_node", "tree_all", "tree_all_only", "tree_any",
    "tree_any_only", "tree_flatten", "tree_flatten_with_path", "tree_is_leaf", "tree_iter", "tree_leaves",
    "tree_leaves_with_path", "tree_map", "tree_map_", "tree_map_only", "tree_map_only_", "tree_map_with_path",
    "tree_structure", "tree_unflatten", "treespec_pprint",
]


class NodeDef(NamedTuple):
    """How a container is taken apart, put together, and how its children are called."""

    type: type
    flatten_fn: Any
    unflatten_fn: Any
    flatten_with_keys_fn: Any = None


SUPPORTED_NODES = {}


class MappingKey(NamedTuple):
    """A child by its key."""

    key: Any

    def __str__(self):
        return f"[{self.key!r}]"

    def get(self, mapping):
        return mapping[self.key]


DictKey = MappingKey


class SequenceKey(NamedTuple):
    """A child by its place."""

    idx: int

    def __str__(self):
        return f"[{self.idx}]"

    def get(self, sequence):
        return sequence[self.idx]


class GetAttrKey(NamedTuple):
    """A child by its attribute."""

    name: str

    def __str__(self):
        return f".{self.name}"

    def get(self, obj):
        return getattr(obj, self.name)


KeyEntry = MappingKey | SequenceKey | GetAttrKey


def register_pytree_node(cls, flatten_fn, unflatten_fn, *, serialized_type_name=None, to_dumpable_context=None,
                         from_dumpable_context=None, flatten_with_keys_fn=None, **others):
    """Makes a class a container: flatten_fn(x) → (children, context), unflatten_fn(children, context) → x.

    ValueError when it is one already.
    """
    if cls in SUPPORTED_NODES:
        raise ValueError(f"{cls} is already registered as pytree node.")
    SUPPORTED_NODES[cls] = NodeDef(cls, flatten_fn, unflatten_fn, flatten_with_keys_fn)


_register_pytree_node = register_pytree_node


def _private_register_pytree_node(cls, flatten_fn, unflatten_fn, **others):
    if cls not in SUPPORTED_NODES:
        register_pytree_node(cls, flatten_fn, unflatten_fn, **others)


def _deregister_pytree_node(cls):
    SUPPORTED_NODES.pop(cls, None)


def register_dataclass(cls, *, field_names=None, drop_field_names=None, serialized_type_name=None):
    """Makes a dataclass a container of its fields."""
    import dataclasses

    names = field_names or [f.name for f in dataclasses.fields(cls) if f.init and f.name not in (drop_field_names or ())]
    register_pytree_node(
        cls,
        lambda x: ([getattr(x, n) for n in names], tuple(names)),
        lambda children, names: cls(**dict(zip(names, children))),
        flatten_with_keys_fn=lambda x: ([(GetAttrKey(n), getattr(x, n)) for n in names], tuple(names)),
    )


def register_constant(cls):
    """Makes values of a class part of the structure, not leaves."""
    register_pytree_node(cls, lambda x: ([], x), lambda children, x: x, flatten_with_keys_fn=lambda x: ([], x))


def is_namedtuple(obj):
    """Whether obj, or the class obj, is a namedtuple."""
    return is_namedtuple_class(obj if isinstance(obj, type) else type(obj))


def is_namedtuple_class(cls):
    """Whether a class is a namedtuple."""
    return isinstance(cls, type) and issubclass(cls, tuple) and isinstance(getattr(cls, "_fields", None), tuple)


is_namedtuple_instance = is_namedtuple


def _list_flatten(x):
    return x, None


def _list_unflatten(children, context):
    return list(children)


def _sequence_flatten_with_keys(x):
    return [(SequenceKey(i), v) for i, v in enumerate(x)], None


def _tuple_flatten(x):
    return list(x), None


def _tuple_unflatten(children, context):
    return tuple(children)


def _dict_flatten(x):
    return list(x.values()), list(x)


def _dict_unflatten(children, keys):
    return dict(zip(keys, children))


def _dict_flatten_with_keys(x):
    return [(MappingKey(k), v) for k, v in x.items()], list(x)


def _namedtuple_flatten(x):
    return list(x), type(x)


def _namedtuple_unflatten(children, cls):
    return cls(*children)


def _namedtuple_flatten_with_keys(x):
    return [(GetAttrKey(name), v) for name, v in zip(type(x)._fields, x)], type(x)


def _ordereddict_unflatten(children, keys):
    return OrderedDict(zip(keys, children))


def _defaultdict_flatten(x):
    return list(x.values()), [x.default_factory, list(x)]


def _defaultdict_unflatten(children, context):
    return defaultdict(context[0], zip(context[1], children))


def _deque_flatten(x):
    return list(x), x.maxlen


def _deque_unflatten(children, maxlen):
    return deque(children, maxlen=maxlen)


register_pytree_node(list, _list_flatten, _list_unflatten, flatten_with_keys_fn=_sequence_flatten_with_keys)
register_pytree_node(tuple, _tuple_flatten, _tuple_unflatten, flatten_with_keys_fn=_sequence_flatten_with_keys)
register_pytree_node(dict, _dict_flatten, _dict_unflatten, flatten_with_keys_fn=_dict_flatten_with_keys)
register_pytree_node(
    namedtuple, _namedtuple_flatten, _namedtuple_unflatten, flatten_with_keys_fn=_namedtuple_flatten_with_keys
)
register_pytree_node(
    OrderedDict, _dict_flatten, _ordereddict_unflatten, flatten_with_keys_fn=_dict_flatten_with_keys
)
register_pytree_node(
    defaultdict, _defaultdict_flatten, _defaultdict_unflatten,
    flatten_with_keys_fn=lambda x: ([(MappingKey(k), v) for k, v in x.items()], [x.default_factory, list(x)]),
)
register_pytree_node(
    deque, _deque_flatten, _deque_unflatten, flatten_with_keys_fn=lambda x: (_sequence_flatten_with_keys(x)[0], x.maxlen)
)


def _kind(tree):
    """The class under which a tree's container is registered; None for a leaf."""
    cls = type(tree)
    if cls in SUPPORTED_NODES:
        return cls
    return namedtuple if is_namedtuple_class(cls) else None


class TreeSpec:
    """A structure without its leaves: the container's class, its context, and the structures of its children."""

    def __init__(self, type, context, children):
        self.type, self.context, self.children_specs = type, context, list(children)
        self.num_nodes = 1 + sum(c.num_nodes for c in self.children_specs)
        self.num_leaves = sum(c.num_leaves for c in self.children_specs)
        self.num_children = len(self.children_specs)

    def __eq__(self, other):
        if not isinstance(other, TreeSpec):
            return NotImplemented
        return (self.type, self.context, self.children_specs) == (other.type, other.context, other.children_specs)

    def __hash__(self):
        context = tuple(self.context) if self.type in (dict, OrderedDict) else None
        return hash((self.type, context, tuple(self.children_specs)))

    def __repr__(self):
        inner = ", ".join(map(repr, self.children_specs))
        return f"TreeSpec({getattr(self.type, '__name__', self.type)}, {self.context}, [{inner}])"

    def is_leaf(self):
        """Whether it stands for one leaf."""
        return False

    def children(self):
        """The structures of the children."""
        return list(self.children_specs)

    def child(self, index):
        """The structure of one child."""
        return self.children_specs[index]

    def unflatten(self, leaves):
        """The tree of this structure with these leaves."""
        leaves = list(leaves)
        if len(leaves) != self.num_leaves:
            raise ValueError(
                f"treespec.unflatten(leaves): `leaves` has length {len(leaves)} but the spec refers to a pytree that "
                f"holds {self.num_leaves} items ({self})."
            )
        return self._made(iter(leaves))

    def _made(self, leaves):
        children = [c._made(leaves) for c in self.children_specs]
        return SUPPORTED_NODES[self.type].unflatten_fn(children, self.context)

    def flatten_up_to(self, tree):
        """The parts of a tree that stand where this structure has its leaves."""
        parts = []
        self._collect(tree, parts)
        return parts

    def _collect(self, tree, parts):
        kind = _kind(tree)
        mappings = (dict, OrderedDict, defaultdict)
        if kind is not self.type and not (kind in mappings and self.type in mappings):
            raise ValueError(f"Type mismatch at node: expected {self.type}, got {type(tree)}")
        if self.type in mappings:
            keys = self.context[1] if self.type is defaultdict else self.context
            if set(keys) != set(tree):
                raise ValueError(f"Node keys mismatch: expected {keys}, got {list(tree)}")
            children = [tree[k] for k in keys]
        else:
            children, context = SUPPORTED_NODES[kind].flatten_fn(tree)
            children = list(children)
            if len(children) != self.num_children:
                raise ValueError(f"Node arity mismatch: expected {self.num_children}, but got {len(children)}.")
            if context != self.context:
                raise ValueError(f"Node context mismatch for custom node type {self.type}")
        for spec, child in zip(self.children_specs, children):
            spec._collect(child, parts)


class LeafSpec(TreeSpec):
    """The structure of one leaf."""

    def __init__(self):
        super().__init__(None, None, [])
        self.num_leaves = 1

    def __repr__(self):
        return "*"

    def is_leaf(self):
        return True

    def _made(self, leaves):
        return next(leaves)

    def _collect(self, tree, parts):
        parts.append(tree)


_LEAF = LeafSpec()


def treespec_leaf():
    """The structure of one leaf."""
    return _LEAF


def _flattened(tree, leaves, is_leaf):
    kind = None if is_leaf is not None and is_leaf(tree) else _kind(tree)
    if kind is None:
        leaves.append(tree)
        return _LEAF
    children, context = SUPPORTED_NODES[kind].flatten_fn(tree)
    return TreeSpec(kind, context, [_flattened(c, leaves, is_leaf) for c in children])


def tree_flatten(tree, is_leaf=None):
    """The leaves of a tree in order, and its structure."""
    leaves = []
    spec = _flattened(tree, leaves, is_leaf)
    return leaves, spec


def tree_unflatten(leaves, treespec):
    """The tree of a structure with these leaves."""
    if not isinstance(treespec, TreeSpec):
        raise TypeError(f"tree_unflatten(leaves, treespec): expected a TreeSpec, got {type(treespec)}")
    return treespec.unflatten(leaves)


def tree_iter(tree, is_leaf=None):
    """The leaves of a tree, one by one."""
    yield from tree_flatten(tree, is_leaf)[0]


def tree_leaves(tree, is_leaf=None):
    """The leaves of a tree in order."""
    return tree_flatten(tree, is_leaf)[0]


def tree_structure(tree, is_leaf=None):
    """The structure of a tree."""
    return tree_flatten(tree, is_leaf)[1]


def tree_is_leaf(tree, is_leaf=None):
    """Whether a tree is one leaf."""
    return (is_leaf is not None and is_leaf(tree)) or _kind(tree) is None


def tree_map(func, tree, *rests, is_leaf=None):
    """The tree of func(leaf, …), with the parts of the other trees at its place."""
    leaves, spec = tree_flatten(tree, is_leaf)
    return spec.unflatten(map(func, leaves, *(spec.flatten_up_to(r) for r in rests)))


def tree_map_(func, tree, *rests, is_leaf=None):
    """Calls func(leaf, …) for every leaf; returns the tree."""
    leaves, spec = tree_flatten(tree, is_leaf)
    for arguments in zip(leaves, *(spec.flatten_up_to(r) for r in rests)):
        func(*arguments)
    return tree


def _only(type_or_types, func):
    wanted = type_or_types
    if isinstance(wanted, type) or isinstance(wanted, tuple):
        chosen = lambda x: isinstance(x, wanted)  # noqa: E731
    elif callable(wanted):
        chosen = wanted
    else:  # int | float
        chosen = lambda x: isinstance(x, wanted)  # noqa: E731

    @_functools.wraps(func)
    def wrapper(x):
        return func(x) if chosen(x) else x

    return wrapper


def map_only(type_or_types_or_pred, /):
    """A decorator: the function for leaves of these types, or that fulfil a condition; others stay."""
    return lambda func: _only(type_or_types_or_pred, func)


def tree_map_only(type_or_types_or_pred, /, func, tree, is_leaf=None):
    """tree_map for leaves of these types, or that fulfil a condition; others stay."""
    return tree_map(_only(type_or_types_or_pred, func), tree, is_leaf=is_leaf)


def tree_map_only_(type_or_types_or_pred, /, func, tree, is_leaf=None):
    """tree_map_ for leaves of these types, or that fulfil a condition."""
    return tree_map_(_only(type_or_types_or_pred, func), tree, is_leaf=is_leaf)


def tree_all(pred, tree, is_leaf=None):
    """Whether every leaf fulfils a condition."""
    return all(map(pred, tree_iter(tree, is_leaf)))


def tree_any(pred, tree, is_leaf=None):
    """Whether a leaf fulfils a condition."""
    return any(map(pred, tree_iter(tree, is_leaf)))


def tree_all_only(type_or_types, /, pred, tree, is_leaf=None):
    """Whether every leaf of these types fulfils a condition."""
    return all(pred(x) for x in tree_iter(tree, is_leaf) if isinstance(x, type_or_types))


def tree_any_only(type_or_types, /, pred, tree, is_leaf=None):
    """Whether a leaf of these types fulfils a condition."""
    return any(pred(x) for x in tree_iter(tree, is_leaf) if isinstance(x, type_or_types))


def _broadcast_to_and_flatten(tree, treespec, is_leaf=None):
    """The leaves of a tree that stops early, each repeated for what lies below it; None where it does not fit."""
    if treespec.is_leaf():
        return [tree] if tree_is_leaf(tree, is_leaf) else None
    if tree_is_leaf(tree, is_leaf):
        return [tree] * treespec.num_leaves
    kind = _kind(tree)
    if kind is not treespec.type:
        return None
    children, context = SUPPORTED_NODES[kind].flatten_fn(tree)
    children = list(children)
    if len(children) != treespec.num_children or context != treespec.context:
        return None
    leaves = []
    for child, spec in zip(children, treespec.children_specs):
        part = _broadcast_to_and_flatten(child, spec, is_leaf)
        if part is None:
            return None
        leaves += part
    return leaves


def _with_path(path, tree, is_leaf):
    kind = None if is_leaf is not None and is_leaf(tree) else _kind(tree)
    if kind is None:
        yield path, tree
        return
    with_keys = SUPPORTED_NODES[kind].flatten_with_keys_fn
    if with_keys is None:
        raise ValueError(f"Did not find a flatten_with_keys_fn for type: {kind}")
    for key, child in with_keys(tree)[0]:
        yield from _with_path((*path, key), child, is_leaf)


def tree_leaves_with_path(tree, is_leaf=None):
    """The leaves of a tree, each as (path, leaf)."""
    return list(_with_path((), tree, is_leaf))


def tree_flatten_with_path(tree, is_leaf=None):
    """The leaves of a tree, each as (path, leaf), and its structure."""
    return tree_leaves_with_path(tree, is_leaf), tree_structure(tree, is_leaf)


def tree_map_with_path(func, tree, *rests, is_leaf=None):
    """The tree of func(path, leaf, …)."""
    pairs, spec = tree_flatten_with_path(tree, is_leaf)
    others = [spec.flatten_up_to(r) for r in rests]
    return spec.unflatten(func(path, leaf, *more) for (path, leaf), *more in zip(pairs, *others))


def keystr(kp):
    """A path as text: [0]['name'].field."""
    return "".join(map(str, kp))


def key_get(obj, kp):
    """What stands at a path."""
    for key in kp:
        obj = key.get(obj)
    return obj


def treespec_pprint(treespec):
    """A structure as text, a * for each leaf."""
    return repr(treespec.unflatten([_LEAF] * treespec.num_leaves))
