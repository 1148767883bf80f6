"""Write ddpm/data/emoji/emoji.webp: the emoji of Noto Color Emoji, 32 × 32, by Unicode's groups.

    apt install fonts-noto-color-emoji unicode-data
    python -m devtools.emoji_sheet

One row of the sheet is 32 pictures on white. Skin tones are left out, which only repeat a picture.
"""

import json
from pathlib import Path

import numpy as np
from einops import rearrange
from PIL import Image, ImageDraw, ImageFont

from ddpm.data.emoji import GROUPS, ROW, SHEET, SIZE

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
TABLE = Path("/usr/share/unicode/emoji/emoji-test.txt")
DRAWN = 109  # the only size of the font's bitmaps
SKIN_TONES = {chr(code) for code in range(0x1F3FB, 0x1F400)}


def listed() -> dict[str, list[str]]:
    """The emoji of each group, in Unicode's order."""
    found: dict[str, list[str]] = {}
    group = ""
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("# group: "):
            group = line.removeprefix("# group: ")
        codes, _, rest = line.partition(";")
        if rest.strip().startswith("fully-qualified") and group != "Component":
            text = "".join(chr(int(code, 16)) for code in codes.split())
            if not SKIN_TONES & set(text):
                found.setdefault(group, []).append(text)
    return found


def drawn(text: str, font: ImageFont.FreeTypeFont) -> np.ndarray | None:
    """(SIZE, SIZE, 3); None if the font has no picture of its own for it."""
    left, top, right, bottom = font.getbbox(text)
    if right - left > 1.2 * DRAWN * 1.25:  # several beside each other
        return None
    side = max(right - left, bottom - top)
    canvas = Image.new("RGB", (side, side), "white")
    at = ((side - right - left) // 2, (side - bottom - top) // 2)
    ImageDraw.Draw(canvas).text(at, text, font=font, embedded_color=True)
    picture = np.asarray(canvas.resize((SIZE, SIZE), Image.Resampling.LANCZOS))
    return None if (picture > 250).mean() > 0.97 else picture  # blank


def main() -> None:
    font = ImageFont.truetype(str(FONT), DRAWN)
    pictures, counts = [], {}
    for group, texts in listed().items():
        known = [picture for text in texts if (picture := drawn(text, font)) is not None]
        counts[group] = len(known)
        pictures += known
    pictures += [np.full((SIZE, SIZE, 3), 255, np.uint8)] * (-len(pictures) % ROW)
    sheet = rearrange(np.stack(pictures), "(r c) h w k -> (r h) (c w) k", c=ROW)
    Image.fromarray(sheet).save(SHEET, lossless=True, method=6)
    GROUPS.write_text(json.dumps(counts, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(f"{sum(counts.values())} emoji, {SHEET.stat().st_size:,} bytes: {counts}")


if __name__ == "__main__":
    main()
