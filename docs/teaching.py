"""Plans of a lesson of 45 and of 90 minutes, in English and Chinese, from the page's tour.

    python -m docs.teaching        # writes docs/TEACHING.md and docs/TEACHING.zh.md

The questions and answers are those of page/workshop/tour.yaml; what only a teacher needs stands in
docs/teaching.yaml.
"""

from itertools import accumulate

import yaml

from devtools import ROOT
from page.workshop.nodes import BETWEEN_CHINESE
from page.workshop.tour import OWN

LENGTHS = (45, 90)  # minutes
FILES = {"en": "TEACHING.md", "zh": "TEACHING.zh.md"}  # by language
WORDS = {
    "en": {
        "title": "# Teaching with this page",
        "about": "Two lessons out of the page's tour, one of 45 minutes and one of 90. Open the "
        "page on the projector, press “Tour”, then “Present”: the code in the corner brings the "
        "class to the same step on their phones. Three steps ask the room: press “Ask the room”, "
        "let the phones answer, press “Reveal”. In the others ask first, press “Try it”, and only "
        "then open the answer; with the class open, “Open the wall” shows what the phones draw.",
        "plan": "## {length} minutes",
        "head": "| minute | step | what it is for |",
        "steps": "## The steps",
        "aim": "**Aim.**",
        "ask": "**Ask before anyone looks.**",
        "answer": "**The answer.**",
        "wrong": "**What goes wrong.**",
    },
    "zh": {
        "title": "# 用本页上课",
        "about": "从本页的导览中选出的两节课，一节 45 分钟，一节 90 分钟。在投影上打开页面，"
        "点击“导览”，再点击“演示模式”：学生用手机扫屏幕角上的二维码，就能进入同一步。"
        "有三步会向全班提问：点击“让大家回答”，等手机上的答案到齐，再点击“揭晓”。"
        "其余各步先提问，再点击“试一试”，最后才展开答案；"
        "课堂开启时，点击“打开作品墙”就能展示大家用手机画的图。",
        "plan": "## {length} 分钟",
        "head": "| 分钟 | 步骤 | 目标 |",
        "steps": "## 各步",
        "aim": "**目标。**",
        "ask": "**先问，再看。**",
        "answer": "**答案。**",
        "wrong": "**常见问题。**",
    },
}


def steps() -> list[dict]:
    """The tour's, each with what a teacher needs."""
    tour = yaml.safe_load(OWN.read_text("utf-8"))
    beside = yaml.safe_load((ROOT / "docs" / "teaching.yaml").read_text("utf-8"))
    return [step | beside.pop(step["question"]["en"]) for step in tour]


def plan(language: str) -> str:
    """The document, as Markdown."""
    words, lines = WORDS[language], []
    lines += [words["title"], "", words["about"], ""]
    known = steps()
    for k, length in enumerate(LENGTHS):
        lines += [words["plan"].format(length=length), "", words["head"], "|---|---|---|"]
        ends = accumulate(step["minutes"][k] for step in known)
        for number, (step, end) in enumerate(zip(known, ends, strict=True), 1):
            if minutes := step["minutes"][k]:
                question, aim = step["question"][language], step["aim"][language]
                lines.append(f"| {end - minutes}–{end} | {number}. {question} | {aim} |")
        lines.append("")
    lines += [words["steps"], ""]
    for number, step in enumerate(known, 1):
        lines += [f"### {number}. {step['question'][language]}", ""]
        for part in ("aim", "ask", "answer", "wrong"):
            text = BETWEEN_CHINESE.sub("", step[part][language].strip())
            lines += [f"{words[part]} {text}", ""]
    return "\n".join(lines)


def main() -> None:
    for language, name in FILES.items():
        (ROOT / "docs" / name).write_text(plan(language), "utf-8")


if __name__ == "__main__":
    main()
