"""docs/layers/ is what the declarations give, examples and their outputs included."""
import importlib.util
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_pages_are_up_to_date():
    spec = importlib.util.spec_from_file_location("layer_pages", ROOT / "scripts" / "layer_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    wanted = module.pages()
    there = {path.name: path.read_text() for path in module.PAGES.glob("*.md")}
    stale = [name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)]
    assert not stale, f"run scripts/layer_pages.py: {sorted(stale)}"
