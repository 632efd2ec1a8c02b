"""Colours of the page: safe for colour-blind readers, and dark enough on white wherever they carry text."""

from __future__ import annotations

from collections.abc import Sequence

INK = "#1a1a1a"
SOFT = "#595959"
RULE = "#d9d9d9"
PAPER = "#ffffff"

# Okabe and Ito (2008); the first carries truth, the second records, on the whole page.
BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, YELLOW, BLACK = (
    "#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#f0e442", "#000000")
TRUE, RECORDED = BLUE, VERMILLION
REFERENCE = "#767676"
LINES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK, "#7a6a00")
STYLES = ("solid", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))

_KNEE = 0.04045  # of the sRGB curve

# From blue to orange through near-white: Okabe-Ito's two ends, mixed by eye for even steps.
_LESS, _EQUAL, _MORE = (0, 90, 160), (246, 246, 246), (200, 90, 0)


def sequential(share: float) -> str:
    """Cividis from 0 to 1, as a hex colour."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return str(to_hex(colormaps["cividis"](min(max(share, 0.0), 1.0))))


def diverging(share: float) -> str:
    """Blue at -1, near-white at 0, orange at 1, as a hex colour."""
    end = _LESS if share < 0 else _MORE
    weight = min(abs(share), 1.0)
    mixed = (round(a + (b - a) * weight) for a, b in zip(_EQUAL, end, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on the colour: the contrast is never below 4.5."""
    return BLACK if contrast(colour, BLACK) >= contrast(colour, PAPER) else PAPER


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two hex colours by WCAG 2, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels: Sequence[float] = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= _KNEE else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
