"""The recipe's controls without a browser."""

import gradio as gr
import pytest

from devtools.visit import in_both_languages
from page.tabs.train import recipe


@pytest.mark.parametrize(("T", "taken"), [(200, 200), (307, 310), (10, 10), (999, 1000)])
def test_a_drawn_schedule_comes_with_its_T_and_says_so(monkeypatch, T, taken):
    """It filled a field in a closed fold, and left T at 1000; what zero terminal SNR asks for
    went unsaid."""
    said = []
    monkeypatch.setattr(gr, "Info", said.append)
    for form, lines in (("drawn~0_9~1_-9", 2), ("drawn~0_9~1_-9~zero_terminal", 4)):
        value, fold = recipe.of_drawing(form, T)
        assert value == taken and fold.open
        message = said.pop()
        assert f"T = {taken}" in message and message.count("<br>") + 1 == lines
        assert in_both_languages("<br>".join(message.split("<br>")[:2]))
    with pytest.raises(gr.Error, match="from 10 to 1000"):
        recipe.of_drawing("drawn~0_9~1_-9", None)
