"""How objects show themselves: in a few lines at a prompt, with a table at the end of a notebook's cell.

An object that inherits `Shown` says with `face` what it is; without one it names its fields, each in a word or two.
No object prints the arrays that it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

LONGEST_TEXT = 60
MOST_FIELDS = 12
MOST_SENTENCES = 8
MOST_ROWS = 20


class Face(NamedTuple):
    """What an object says of itself: a title, sentences, and a table for notebooks."""

    title: str
    sentences: tuple[str, ...] = ()
    table: pd.DataFrame | None = None


class Shown:
    """A record that shows what it says and not what it holds (as a dataclass: with `repr=False`)."""

    def face(self) -> Face:
        """What it says of itself: by default its fields."""
        names = [one.name for one in fields(self)] if is_dataclass(self) else list(vars(self))
        parts = [f"{name}={in_a_word(getattr(self, name))}" for name in names if not name.startswith("_")]
        more = ["..."] if len(parts) > MOST_FIELDS else []
        return Face(f"{type(self).__name__}({', '.join(parts[:MOST_FIELDS] + more)})")

    def __repr__(self) -> str:
        """Title and sentences."""
        said = self.face()
        return "\n".join([said.title, *(f"  {one}" for one in _few(said.sentences))])

    def _repr_html_(self) -> str:
        """Title, sentences, and the first rows of the table."""
        said = self.face()
        words = "".join(f"<li>{escape(one)}</li>" for one in _few(said.sentences))
        return f"<p><b>{escape(said.title)}</b></p>{words and f'<ul>{words}</ul>'}{_rows(said.table)}"


def in_a_word(value: Any) -> str:
    """A value in a word or two."""
    if value is None or isinstance(value, bool | int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        kind = getattr(value, "dtype", "table")
        return f"{'records' if getattr(kind, 'names', None) else kind} {' x '.join(map(str, shape)) or 'scalar'}"
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT] + "...")
    if isinstance(value, Mapping | tuple | list | set | frozenset) and not hasattr(value, "_fields"):
        return _several(value)
    written = "" if isinstance(value, Shown) or is_dataclass(value) else repr(value)
    return written if 0 < len(written) <= LONGEST_TEXT and " at 0x" not in written else type(value).__name__


def _several(values: Any) -> str:
    """How many of what there are; a few short ones themselves."""
    names = list(values)
    if all(isinstance(one, str | int | float) for one in names):
        written = ", ".join(map(str, names))
        if len(written) <= LONGEST_TEXT and not isinstance(values, Mapping):
            return f"[{written}]"
    return f"{len(names)} items"


def _few(sentences: tuple[str, ...]) -> list[str]:
    left = len(sentences) - MOST_SENTENCES
    return [*sentences[:MOST_SENTENCES], *([f"... and {left} more"] if left > 0 else [])]


def _rows(table: pd.DataFrame | None) -> str:
    if table is None or table.empty:
        return ""
    html = table.head(MOST_ROWS).to_html(index=False, border=0, na_rep="", float_format="{:,.4g}".format)
    left = len(table) - MOST_ROWS
    return html + (f"<p>... and {left:,} more rows</p>" if left > 0 else "")
