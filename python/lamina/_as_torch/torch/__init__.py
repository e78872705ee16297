# What child processes of `python -m lamina` find as torch: this folder's parent stands first in their PYTHONPATH.
import os
import sys

try:
    from lamina import _alias
except ModuleNotFoundError:  # the parent found lamina by its working directory
    sys.path.append(os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3)))
    from lamina import _alias

_alias.install()
