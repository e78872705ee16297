"""The table of names × passed, failed and left out that a run of the parity tests gives: docs/parity.md.

    LAMINA_PARITY_TABLE=docs/parity.md pytest tests/parity/test_op_samples.py tests/parity/test_module_samples.py
"""
import collections
import pathlib

FILES = {"test_op_samples.py": "operation", "test_module_samples.py": "layer"}


class Table:
    def __init__(self):
        self.counts = {kind: collections.defaultdict(collections.Counter) for kind in FILES.values()}
        self.reasons = {}

    def note(self, report):
        """Counts one test's outcome under the name that its id begins with."""
        kind = FILES.get(pathlib.Path(report.nodeid.split("::")[0]).name)
        if kind is None or "[" not in report.nodeid or report.when not in ("call", "setup"):
            return
        if report.when == "setup" and report.passed:
            return
        name = report.nodeid.split("[", 1)[1].rsplit("]", 1)[0].rsplit("-eval", 1)[0].rpartition("-")[0]
        outcome = "left out" if report.skipped else report.outcome
        self.counts[kind][name][outcome] += 1
        if report.skipped:
            reason = report.wasxfail if hasattr(report, "wasxfail") else report.longrepr[2]
            self.reasons[kind, name] = reason.removeprefix("Skipped: ")

    def absent(self):
        """The names of PyTorch's tables that Lamina does not have."""
        from torch.testing._internal import common_methods_invocations, common_modules

        operations = {f"{op.name}.{op.variant_test_name}" if op.variant_test_name else op.name
                      for op in common_methods_invocations.op_db}
        layers = {info.name.removeprefix("nn.") for info in common_modules.module_db}
        return {"operation": sorted(operations - self.counts["operation"].keys()),
                "layer": sorted(layers - self.counts["layer"].keys())}

    def summary(self):
        lines = []
        for kind, names in self.counts.items():
            if names:
                failed = sum(bool(c["failed"]) for c in names.values())
                passed = sum(bool(c["passed"]) and not c["failed"] for c in names.values())
                lines.append(f"{kind}s: {passed} names pass, {failed} fail, {len(names) - passed - failed} are left out")
        return lines

    def write(self, path):
        parts = ["# Parity with PyTorch, name by name", "Written by a run of `tests/parity` over the tables of samples "
                 "that PyTorch keeps of its layers and operations (`module_db`, `op_db`). A test of an operation is one "
                 "element type with its samples, values and gradients; one of a layer is a sample.", *self.summary()]
        for kind, missing in self.absent().items():
            names = self.counts[kind]
            parts += [f"## {kind.capitalize()}s", f"| {kind} | passed | failed | left out | why |\n|---|---|---|---|---|\n" + "\n".join(
                f"| `{name}` | {c['passed'] or ''} | {c['failed'] or ''} | {c['left out'] or ''} | "
                f"{self.reasons.get((kind, name), '')} |" for name, c in sorted(names.items()))]
            parts += [f"Not there, {len(missing)}: " + (", ".join(f"`{name}`" for name in missing) or "none") + "."]
        pathlib.Path(path).write_text("\n\n".join(parts) + "\n")
