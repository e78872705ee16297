"""python -m lamina script.py [arguments]: runs a script that says `import torch` on lamina, unchanged.

usage: python -m lamina script.py [arguments]
       python -m lamina -m module [arguments]
       python -m lamina -c code [arguments]
       python -m lamina - [arguments]             the script comes from the standard input
"""

import builtins
import os
import runpy
import sys
import types

from lamina import _alias

_kept = []  # modules that were __main__ before
_OURS = {__file__, runpy.__file__, "<frozen runpy>"}


def _hide_own_frames(kind, error, traceback):
    """A traceback starts in the user's script, as it does under python itself."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename in _OURS:
        traceback = traceback.tb_next
    sys.__excepthook__(kind, error.with_traceback(traceback), traceback)


def _fresh_main():
    """A new __main__ that stays for the life of the process: threads and exit handlers use its names."""
    main = types.ModuleType("__main__")
    main.__builtins__ = builtins
    _kept.append(sys.modules["__main__"])
    sys.modules["__main__"] = main
    return main


def _first_on_path(folder):
    if not sys.flags.safe_path:
        sys.path[0] = folder


def _run_source(source, name, file=None):
    main = _fresh_main()
    if file is not None:
        from importlib.machinery import SourceFileLoader

        main.__file__, main.__cached__ = file, None
        main.__loader__ = SourceFileLoader("__main__", file)
    exec(compile(source, name, "exec", dont_inherit=True), main.__dict__)


def _run_script(path):
    if os.path.isdir(path) or path.endswith((".pyz", ".zip")):  # holds a __main__.py
        _first_on_path(path)
        _fresh_main()
        runpy._run_module_as_main("__main__", alter_argv=False)
        return
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as e:
        sys.exit(
            _say(f"{sys.executable}: can't open file {os.path.abspath(path)!r}: [Errno {e.errno}] {e.strerror}", 2)
        )
    _first_on_path(os.path.dirname(os.path.realpath(path)))
    _run_source(source, os.path.abspath(path), os.path.abspath(path))


def _say(text, code):
    print(text, file=sys.stderr)
    return code


def main(arguments):
    if not arguments:
        return _say(__doc__.strip(), 2)
    first, rest = arguments[0], arguments[1:]
    if first in ("-h", "--help"):
        print(__doc__.strip())
        return 0
    if first in ("-V", "--version"):
        print("lamina", sys.modules["lamina"].__version__)
        return 0
    if first in ("-m", "-c"):
        if not rest:
            return _say(f"Argument expected for the {first} option\n{__doc__.strip()}", 2)
        value, rest = rest[0], rest[1:]
    elif first.startswith("-") and first != "-":
        return _say(f"unknown option {first}: Python's own options stand before -m lamina\n{__doc__.strip()}", 2)
    _alias.install()
    sys.excepthook = _hide_own_frames
    if first == "-m":
        sys.argv = ["-m", *rest]
        _fresh_main()
        runpy._run_module_as_main(value)  # what `python -m` calls
    elif first == "-c":
        sys.argv = ["-c", *rest]
        _first_on_path("")
        _run_source(value, "<string>")
    elif first == "-":
        sys.argv = ["-", *rest]
        _first_on_path("")
        _run_source(sys.stdin.buffer.read(), "<stdin>")
    else:
        sys.argv = [first, *rest]
        _run_script(first)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
