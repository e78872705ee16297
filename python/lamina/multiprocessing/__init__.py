"""Python's own multiprocessing: tensors travel by pickle. Source: torch.multiprocessing."""

import multiprocessing as _multiprocessing
from multiprocessing import *  # noqa: F403

__all__ = [*_multiprocessing.__all__, "get_all_sharing_strategies", "get_sharing_strategy", "set_sharing_strategy", "spawn",
           "start_processes", "ProcessContext", "SpawnContext"]

reductions = reducer = _multiprocessing.reducer


def get_all_sharing_strategies():
    """The ways that tensors travel between processes: copies."""
    return {"file_system", "file_descriptor"}


_strategy = "file_descriptor"


def get_sharing_strategy():
    """What set_sharing_strategy set."""
    return _strategy


def set_sharing_strategy(new_strategy):
    """Accepted: tensors travel as copies."""
    global _strategy
    if new_strategy not in get_all_sharing_strategies():
        raise AssertionError(f"unknown sharing strategy {new_strategy!r}")
    _strategy = new_strategy


class ProcessContext:
    """Processes that start_processes started."""

    def __init__(self, processes, errors):
        self.processes, self._errors = processes, errors

    def pids(self):
        """Their process numbers."""
        return [p.pid for p in self.processes]

    def join(self, timeout=None, grace_period=None):
        """True once all have ended; an exception of one ends the others and is raised here as RuntimeError."""
        from multiprocessing.connection import wait

        alive = {p.sentinel: i for i, p in enumerate(self.processes) if p.is_alive()}
        if alive:
            wait(alive.keys(), timeout)
        failed = next((i for i, p in enumerate(self.processes) if p.exitcode), None)
        if failed is None:
            return all(not p.is_alive() for p in self.processes)
        for p in self.processes:
            if p.is_alive():
                p.terminate()
            p.join()
        text = "" if self._errors[failed].empty() else self._errors[failed].get()
        raise RuntimeError(f"Process {failed} terminated with exit code {self.processes[failed].exitcode}\n{text}")


SpawnContext = ProcessContext


def _run(fn, i, args, errors):
    try:
        fn(i, *args)
    except KeyboardInterrupt:
        pass
    except Exception:
        import sys
        import traceback

        errors.put(traceback.format_exc())
        sys.exit(1)


def start_processes(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    """Starts fn(i, *args) in nprocs processes; waits for them, or returns their ProcessContext."""
    context = _multiprocessing.get_context(start_method)
    processes, errors = [], []
    for i in range(nprocs):
        errors.append(context.SimpleQueue())
        processes.append(context.Process(target=_run, args=(fn, i, args, errors[-1]), daemon=daemon))
        processes[-1].start()
    started = ProcessContext(processes, errors)
    if not join:
        return started
    while not started.join():
        pass
    return None


def spawn(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    """start_processes with fresh interpreters."""
    return start_processes(fn, args, nprocs, join, daemon, start_method)
