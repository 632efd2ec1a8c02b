"""The site: tutorials executed, every page brought together, built without the network, and a copy for tools that read.

    python docs/build.py            # or `make docs`: build/site

Sources are docs/*.md, docs/tutorials/*.md (run from top to bottom in a folder with nothing but the examples of
extensions, their outputs put in), the ODD, and the docstrings of the public names. What is not one of these pages is
named, not linked. A warning is a fault.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jupytext
import yaml
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

import qicsim

ROOT = Path(__file__).parents[1]
SOURCES, PAGES, SITE = ROOT / "docs", ROOT / "build" / "docs", ROOT / "build" / "site"
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)(#[^)]*)?\)")
TIMEOUT = 300


def main() -> int:
    """Build the site; the number of faults."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # tutorials type commands
    for place in (PAGES, SITE):
        shutil.rmtree(place, ignore_errors=True)
    PAGES.mkdir(parents=True)
    for source in [*SOURCES.glob("*.md"), *SOURCES.glob("*.png")]:
        shutil.copy(source, PAGES)
    (PAGES / "odd.md").write_text((ROOT / "qicsim/model/ODD.md").read_text(encoding="utf-8"), encoding="utf-8")
    (PAGES / "reference.md").write_text(reference(), encoding="utf-8")
    for source in sorted((SOURCES / "tutorials").glob("*.md")):
        print(f"running {source.relative_to(ROOT)}", flush=True)
        run_tutorial(source)
    for page in PAGES.rglob("*.md"):
        page.write_text(with_links(page), encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "zensical", "build", "--clean", "--strict"], cwd=ROOT, check=False,
                          capture_output=True, text=True)
    told = done.stdout + done.stderr
    print(told)
    faults = [line for line in told.splitlines() if "warning" in line.lower() or "error" in line.lower()]
    copy_for_readers()
    return min(len(faults) + done.returncode, 1)


def run_tutorial(source: Path) -> None:
    """Execute a tutorial in an empty folder; write it with its outputs, and as a notebook."""
    notebook = jupytext.read(source)
    with tempfile.TemporaryDirectory() as empty:
        for example in (SOURCES / "extensions").glob("*.py"):
            shutil.copy(example, empty)
        NotebookClient(notebook, timeout=TIMEOUT, kernel_name="python3",
                       resources={"metadata": {"path": empty}}).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":  # progress is no result
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
    place = PAGES / "tutorials"
    place.mkdir(exist_ok=True)
    exporter = MarkdownExporter()
    named = {"unique_key": source.stem, "output_files_dir": source.stem}
    body, resources = exporter.from_notebook_node(notebook, named)
    for name, content in resources["outputs"].items():
        file = place / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
    jupytext.write(notebook, place / f"{source.stem}.ipynb")
    head, _, rest = body.strip().partition("\n")
    told = f"{head}\n\n[This page as a notebook]({source.stem}.ipynb)\n{rest}\n"
    (place / source.name).write_text(told, encoding="utf-8")


def reference() -> str:
    """The page of the public names: each with its docstring, by the module that it comes from."""
    parts = ["# Python", "",
             "The public names of `qicsim`, from their docstrings. Other modules may move between minor versions."]
    parts += [f"\n::: {getattr(qicsim, name).__module__}.{name}" for name in qicsim.__all__]
    return "\n".join(parts) + "\n"


def with_links(page: Path) -> str:
    """A page whose links to files that are no part of the site are names."""
    def kept(found: re.Match[str]) -> str:
        _, words, target, _ = found.groups()
        if "://" in target or (page.parent / target).exists():
            return found.group(0)
        if target.endswith("model/ODD.md"):
            return f"[{words}](odd.md)"
        return words if "`" in words else f"`{words}`"

    return LINK.sub(kept, page.read_text(encoding="utf-8"))


def copy_for_readers() -> None:
    """Every page as it is written beside its HTML, and an index of them all (llms.txt)."""
    told = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    lines = ["# qicsim", "", f"> {told['site_description']}: what plans bring, what they cost, how sure that is.", ""]
    for part in told["nav"]:
        for title, held in part.items():
            pages = [{title: held}] if isinstance(held, str) else held
            lines += [f"## {title}", "", *(f"- [{name}]({place})" for one in pages for name, place in one.items()), ""]
    (SITE / "llms.txt").write_text("\n".join(lines), encoding="utf-8")
    for page in PAGES.rglob("*.md"):
        place = SITE / page.relative_to(PAGES)
        place.parent.mkdir(exist_ok=True)
        shutil.copy(page, place)


if __name__ == "__main__":
    sys.exit(main())
