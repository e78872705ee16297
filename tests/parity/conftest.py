import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from parity.table import Table  # noqa: E402

table = Table()


def pytest_runtest_logreport(report):
    table.note(report)


def pytest_terminal_summary(terminalreporter):
    for line in table.summary():
        terminalreporter.write_line(line)
    if path := os.environ.get("LAMINA_PARITY_TABLE"):
        table.write(path)
