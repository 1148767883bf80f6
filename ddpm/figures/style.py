"""What all figures share: size, fonts, lines that differ without colour, and files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # matplotlib takes half a second to import, so only where something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from PIL import Image

WIDTH = 1600  # pixels
DPI = 96  # one CSS pixel each, so that an SVG has the same size
TEXT, SMALL, TITLE, LEAST = 16, 13, 18, 9  # points
GREY, LIGHT = "#555555", "#dddddd"
LATIN = "DejaVu Sans"  # ships with matplotlib, and has ᾱ, xₜ and x̂₀
CHINESE = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei", "PingFang SC", "Hiragino Sans GB", "Heiti SC", "STHeiti",
    "Microsoft YaHei", "SimHei", "Droid Sans Fallback", "Arial Unicode MS", "Noto Sans CJK JP",
    "Noto Sans CJK TC", "Noto Serif CJK SC",
)  # fmt: skip
# Those of the page's curves, in common.css. Dashes and marks tell lines apart in grey print, and to
# readers who see fewer colours.
COLORS = (
    "#0969c8", "#c2410c", "#0f7b4f", "#a21caf", "#6d4bf0", "#0e7490", "#854d0e", "#be185d",
    "#4d7c0f", "#1f2937",
)  # fmt: skip
DASHES = ("-", "--", "-.", ":", (0, (8, 2, 1, 2, 1, 2)), (0, (3, 2)), (0, (12, 3)))
MARKS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
WORDS: Mapping[str, tuple[str, str]] = {
    "time": ("time t / T", "时间 t / T"),
    "signal": ("ᾱ, the picture's share of the power", "ᾱ：图像信号的功率占比"),
    "snr": ("log-SNR, in decibels", "对数信噪比（分贝）"),
    "density": ("where the steps go, % per dB", "步的分布（每分贝的百分比）"),
    "step": ("training step", "训练步数"),
    "loss": ("loss", "损失"),
    "calls": ("network calls", "网络调用次数"),
    "distance": ("Fréchet distance", "Fréchet 距离"),
    "floor": ("real test images", "真实的测试图片"),
}
LANGUAGES = ("en", "zh")


def word(key: str, language: str) -> str:
    """A label in one of `LANGUAGES`. ValueError for any other."""
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {language!r}")
    return WORDS[key][LANGUAGES.index(language)]


@cache
def families() -> tuple[str, ...]:
    """Fonts in the order in which a character is looked for: DejaVu, then the first Chinese one."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return (LATIN, *[name for name in CHINESE if name in installed][:1])


def has_chinese() -> bool:
    """Whether an installed font has Chinese characters."""
    return len(families()) > 1


def new_figure(height: int, **settings: Any) -> Figure:
    """White, WIDTH × height pixels."""
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor="white", **settings)


def lay(figure: Figure, sheet: Image.Image) -> None:
    """Let a picture WIDTH pixels wide fill the figure, which takes its height."""
    figure.set_size_inches(WIDTH / DPI, sheet.height / DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(sheet.convert("RGBA"), interpolation="nearest", aspect="auto")
    axes.set_axis_off()


class Writer:
    """Puts lines of text on a figure whose height is known only when they are."""

    def __init__(self, figure: Figure):
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        self.figure = figure
        self.renderer = FigureCanvasAgg(figure).get_renderer()

    def __call__(self, text: str, size: float, room: float) -> Text:
        """A text, written smaller if it would take more than `room` pixels, then cut short."""
        line = self.figure.text(
            0, 0, text, fontsize=size, va="center", fontfamily=list(families()), parse_math=False
        )
        if (width := self.width(line)) > room:
            line.set_fontsize(max(LEAST, size * room / width))
        if (width := self.width(line)) > room:
            line.set_text(text[: int(len(text) * room / width) - 2] + "…")
        return line

    def width(self, line: Text) -> float:
        """In pixels."""
        return line.get_window_extent(self.renderer).width

    def place(self, line: Text, x: float, y: float) -> None:
        """Pixels from the left, and from the top to the middle."""
        line.set_position((x / WIDTH, 1 - y / (DPI * self.figure.get_figheight())))


def plots(height: int) -> Figure:
    """A figure for plots, which are kept apart from each other and from its edges."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return new_figure(height, layout=ConstrainedLayoutEngine(w_pad=0.2, h_pad=0.15))


def line_style(k: int) -> dict[str, Any]:
    """Of the k-th of several lines: colour, dashes and marks that differ."""
    return {
        "color": COLORS[k % len(COLORS)],
        "linestyle": DASHES[k % len(DASHES)],
        "marker": MARKS[k % len(MARKS)],
        "markersize": 9,
        "linewidth": 2.6,
    }


def plain(axes: Axes, title: str = "", **labels: Any) -> None:
    """The look of all plots: two axes, a light grid, text that is read from the back of a room."""
    axes.set_title(title, fontsize=TEXT, loc="left", pad=12)
    axes.set(**labels)
    axes.set_xlabel(axes.get_xlabel(), fontsize=TEXT)
    axes.set_ylabel(axes.get_ylabel(), fontsize=TEXT)
    axes.tick_params(labelsize=SMALL, color=GREY)
    axes.grid(color=LIGHT)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def plain_numbers(axes: Axes, which: str) -> None:
    """On a logarithmic axis, "x" or "y": 0.05 and 1,000 in place of powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axis.set_minor_formatter(NullFormatter())


def finished(figure: Figure, lines: Axes | None = None) -> Figure:
    """With the names of these lines, if there are several, below all plots. Give all texts their
    fonts, and take them literally: a name may have dollar signs.

    ValueError if a text is Chinese, and no font is.
    """
    from matplotlib.text import Text

    handles, names = lines.get_legend_handles_labels() if lines is not None else ([], [])
    if len(names) > 1:
        columns = next(k for k in (5, 4, 3, 2, 1) if k == 1 or max(map(len, names)) * k < 90)
        figure.legend(
            handles, names, loc="outside lower center", ncols=min(columns, len(names)),
            frameon=False, fontsize=TEXT, handlelength=4,
        )  # fmt: skip
    for axes in figure.axes:
        axes.tick_params(labelfontfamily=list(families()))
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_fontfamily(list(families()))
        text.set_parse_math(False)
        if not has_chinese() and any("一" <= character <= "鿿" for character in text.get_text()):
            raise ValueError(
                "no installed font has Chinese characters: install one, such as Noto Sans CJK "
                "(fonts-noto-cjk on Debian and Ubuntu)"
            )
    return figure


def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure to `path` as .png or .svg, whose letters are outlines and need no font.

    The same figure gives the same bytes. ValueError for any other kind of file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    path = Path(path)
    if path.suffix == ".png":
        FigureCanvasAgg(figure).print_png(path, metadata={"Software": None})
    elif path.suffix == ".svg":
        figure.set_dpi(72)  # the unit of an SVG's coordinates
        try:
            FigureCanvasSVG(figure).print_svg(path, metadata={"Date": None})
        finally:
            figure.set_dpi(DPI)
    else:
        raise ValueError(f"a figure is saved as .png or .svg, not {path.name!r}")
    return path
