"""There is one process: torch.distributed answers that it is not here, and refuses what needs several."""

import enum as _enum

from lamina._absent import false as is_available
from lamina._absent import false as is_gloo_available
from lamina._absent import false as is_initialized
from lamina._absent import false as is_mpi_available
from lamina._absent import false as is_nccl_available
from lamina._absent import false as is_torchelastic_launched
from lamina._absent import false as is_ucc_available
from lamina._absent import false as is_xccl_available
from lamina.distributed.device_mesh import DeviceMesh, init_device_mesh


class ProcessGroup:
    """Processes that work together: for isinstance and annotations. There is none."""


class Work:
    """Communication under way: for isinstance and annotations."""


class Store:
    """A table that processes share: for isinstance and annotations."""


class Backend(str):
    """The name of a way to communicate."""

    GLOO, MPI, NCCL, UCC, XCCL, UNDEFINED = "gloo", "mpi", "nccl", "ucc", "xccl", "undefined"


class ReduceOp(_enum.Enum):
    """How values of several processes are combined."""

    SUM, AVG, PRODUCT, MIN, MAX, BAND, BOR, BXOR, PREMUL_SUM = range(9)


class group:
    """WORLD: the group of all processes, which is None."""

    WORLD = None


class GroupMember(group):
    """The same."""

    NON_GROUP_MEMBER = -100


class DistError(RuntimeError):
    """An error of communication: for `except`, nothing raises it."""


class DistBackendError(DistError):
    """The same."""


class DistNetworkError(DistError):
    """The same."""


class DistStoreError(DistError):
    """The same."""


def _refused(name):
    def refuse(*args, **kwargs):
        raise ValueError(
            f"torch.distributed.{name}: Lamina trains in one process, on all its cores. "
            "Ask torch.distributed.is_available() or is_initialized() first."
        )

    refuse.__name__ = name
    refuse.__doc__ = "Refused (ValueError): there is one process, and no group of them."
    return refuse


_NEED_A_GROUP = (
    "init_process_group", "destroy_process_group", "new_group", "get_rank", "get_world_size", "get_backend",
    "get_process_group_ranks", "get_global_rank", "get_group_rank", "barrier", "monitored_barrier", "send", "recv",
    "isend", "irecv", "broadcast", "broadcast_object_list", "all_reduce", "reduce", "all_gather", "all_gather_object",
    "all_gather_into_tensor", "all_to_all", "all_to_all_single", "gather", "gather_object", "scatter",
    "scatter_object_list", "reduce_scatter", "reduce_scatter_tensor", "batch_isend_irecv",
)
globals().update({name: _refused(name) for name in _NEED_A_GROUP})


def is_backend_available(backend):
    """False: there is no way to communicate."""
    return False


def get_node_local_rank(fallback_rank=None):
    """fallback_rank: there is one process."""
    if fallback_rank is None:
        raise RuntimeError("LOCAL_RANK is not in the environment: Lamina trains in one process")
    return fallback_rank
