"""The Blocks: head, theme, three tabs, and what passes between them."""

from pathlib import Path

import gradio as gr
from gradio.themes.utils.sizes import Size

from page.in_browser import files
from page.models.registry import drawn_in_browser
from page.server.limits import LIMITS
from page.server.patches.gradio_patches import locale_module
from page.tabs.generate import tab as generate_tab
from page.tabs.noise import tab as noise_tab
from page.tabs.train import tab as train_tab
from page.widgets.first_sight.first_sight import first_sight
from page.widgets.header.header import header
from page.widgets.instrument import COMMON_CSS
from page.workshop import opening, sharing, tour
from page.workshop.links import LINKED

HERE = Path(__file__).parent
STYLES = ("layout.css", "controls.css", "phone.css", "one_screen.css")
CSS = "\n".join((HERE / name).read_text("utf-8") for name in STYLES)
# Of the page and of the static edition. They weigh as much as an id, which each instrument has for
# its own styles; these come later. Not in CSS: Gradio adds a heavier copy of a rule that has .dark
INSTRUMENTS = f":is(#each, .html-container > .prose, .instrument) {{\n{COMMON_CSS}\n}}"
SCRIPTS = [path.read_text("utf-8") for path in sorted((HERE / "scripts").glob("*.js"))]
GIVEN = [
    f'const LOCALE_MODULE = "{locale_module()}";',
    # by their keys, those that Gradio has for its own labels
    "const sentences = (language) => gradio_config.i18n_translations[language.slice(0, 2)];",
    f"const LOST_MS = {1000 * LIMITS.lost_s};",
]
HEAD = "\n".join(["<style>", INSTRUMENTS, "</style>", "<script>", *GIVEN, *SCRIPTS, "</script>"])
FIRST_SIGHT = first_sight()
FILES = files.served(drawn_in_browser())
# one scale: layout.css makes --type grow with the screen
SIZES = {"xxs": 0.7, "xs": 0.8, "sm": 0.875, "md": 1, "lg": 1.2, "xl": 1.5, "xxl": 1.75}
THEME = gr.themes.Soft(
    text_size=Size(**{name: f"calc({size} * var(--type))" for name, size in SIZES.items()}),
    font=["system-ui", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
).set(
    # Gradio's changes all of a button slowly, its size too: a picture in one was laid out and
    # painted a dozen times, half of the browser's work for a step of the tour
    button_transition="none",
    button_large_text_size="*text_md",
    block_label_text_size="*text_sm",
    block_title_text_size="*text_md",
    # plain labels: colour is for what is selected, and for the primary action
    block_label_background_fill="*block_background_fill",
    block_label_background_fill_dark="*block_background_fill",
    block_label_text_color="*body_text_color",
    block_label_text_color_dark="*body_text_color",
    block_title_background_fill="transparent",
    block_title_background_fill_dark="transparent",
    block_title_text_color="*body_text_color",
    block_title_text_color_dark="*body_text_color",
    block_title_padding="0px",
    color_accent="*primary_600",
    # Soft's greys and violets fall short of the contrast that WCAG requires (4.5)
    body_text_color_subdued="*neutral_600",
    block_info_text_color="*neutral_600",
    background_fill_primary="*neutral_50",  # Soft's value, which set() would drop
    checkbox_border_color="*neutral_500",  # otherwise an empty box is invisible
    checkbox_label_background_fill_selected="*primary_600",
    button_primary_background_fill="*primary_600",
    button_primary_background_fill_hover="*primary_700",
    button_primary_background_fill_hover_dark="*primary_700",
)
TRAINED_KEPT_S = 3600  # a visitor's trained model is dropped after an hour
FILES_KEPT_S = (600, 3000)  # check every 600 s, delete after 3,000 s: within the hour


def build() -> gr.Blocks:
    with gr.Blocks(title="Diffusion, hands on", delete_cache=FILES_KEPT_S) as page:
        header()
        tour.connect(LINKED)
        trained = gr.State(None, time_to_live=TRAINED_KEPT_S)
        again = gr.Button(visible="hidden", elem_id="follow-again")  # line.js clicks it
        with gr.Tabs() as tabs:
            image, denoise, use_drawn, noise = noise_tab.build()
            draw_with_trained, views, drawing = generate_tab.build(
                trained, tabs, image, denoise, use_drawn, again
            )
            use, training = train_tab.build(trained, tabs, use_drawn, again)
            draw_with_trained(use)
        places = [noise, *drawing, training]
        opening.connect(places, tabs, views)
        sharing.connect(places)
        page.load(None, image, js=noise_tab.PICTURE_IS_SHOWN, api_visibility="private")
    return page
