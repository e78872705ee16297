"""torch.utils._pytree: nests of containers."""
from collections import OrderedDict, defaultdict, deque, namedtuple
from importlib import import_module

import pytest
from support.scenarios import same

Point = namedtuple("Point", "x y")


def pytree(t):
    return import_module(t.__name__ + ".utils._pytree")


def nests():
    return [
        1, [], (), {}, [1, (2, 3), {"b": 4, "a": [5]}], Point(1, [2, 3]), OrderedDict([("z", 1), ("y", (2,))]),
        deque([1, [2]], maxlen=4), defaultdict(list, {"k": [1, 2]}), {"none": None, 3: {"deep": ((1,),)}},
    ]


def test_round_trip_and_map():
    def scenario(t):
        p, seen = pytree(t), []
        for nest in nests():
            leaves, spec = p.tree_flatten(nest)
            made = p.tree_unflatten(leaves, spec)
            seen.append((leaves, made == nest, type(made) is type(nest), spec.num_leaves, spec.is_leaf(), spec.num_nodes))
            seen.append((repr(p.tree_map(lambda v: (v, 1), nest)), p.tree_leaves(nest), p.tree_structure(nest) == spec))
            seen.append(p.tree_map_only(int, lambda v: v * 2, nest) == nest)
            seen.append([(p.keystr(path), leaf) for path, leaf in p.tree_leaves_with_path(nest)])
        return seen

    same(scenario)


def test_several_trees_and_conditions():
    def scenario(t):
        p = pytree(t)
        seen = [
            p.tree_map(lambda a, b: a + b, {"x": 1, "y": [2]}, {"y": [20], "x": 10}),
            p.tree_map(lambda a, b: (a, b), [1, 2], [[3], [4]]),
            p.tree_all(lambda v: v > 0, [1, 2]), p.tree_any(lambda v: v > 1, (1, 1)),
            p.tree_flatten([[1, 2], 3], is_leaf=lambda v: v == [1, 2])[0],
            p._broadcast_to_and_flatten([0, 1], p.tree_structure([[1, 2], 3])),
            p.tree_map_with_path(lambda path, v: p.keystr(path) + str(v), {"a": [1]}),
            p.tree_is_leaf([]), p.tree_is_leaf(3),
        ]
        for wrong in (lambda: p.tree_map(max, [1, 2], [1]), lambda: p.tree_unflatten([1], p.tree_structure([1, 2])),
                      lambda: p.tree_map(max, [1], (1,)), lambda: p.tree_map(max, {"a": 1}, {"b": 1})):
            try:
                wrong()
            except ValueError:
                seen.append("ValueError")
        return seen

    assert same(scenario)[-4:] == ["ValueError"] * 4


def test_own_containers():
    def scenario(t):
        p = pytree(t)

        class Pair:
            def __init__(self, a, b):
                self.a, self.b = a, b

        p.register_pytree_node(Pair, lambda v: ([v.a, v.b], "context"), lambda children, context: Pair(*children))
        leaves, spec = p.tree_flatten({"pair": Pair(1, [2])})
        doubled = p.tree_map(lambda v: v * 2, Pair(1, [2]))
        with pytest.raises(ValueError):
            p.register_pytree_node(Pair, None, None)
        return leaves, doubled.a, doubled.b, spec.num_leaves, spec.unflatten([5, 6])["pair"].b

    same(scenario)
