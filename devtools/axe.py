"""What axe-core finds wrong with a page for those who see little or use no mouse."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Within Gradio's own components, where neither its theme nor its arguments reach.
GRADIO = {
    "button-name": ".image-container button",  # a click on the picture of a gr.Image enlarges it
    "aria-prohibited-attr": ".empty[aria-label]",  # the placeholder of a component without a value
}
OWN = {"exclude": [[".cm-line"]]}  # gr.Code has colours of its own, and hundreds of elements
IS_WITHIN = "([target, selector]) => document.querySelector(target)?.matches(selector)"


def violations(page: Page, part: str | None = None, **options) -> list[str]:
    """What is serious; in a part of the page, anything."""
    options["resultTypes"] = ["violations"]  # nothing is written about all that is as it should be
    return [
        f"{rule['id']} ({rule['help']}): {node['html'][:200]}"
        for rule in Axe().run(page, context=part or OWN, options=options).response["violations"]
        if part or rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
        if not (
            rule["id"] in GRADIO
            and page.evaluate(IS_WITHIN, [node["target"][0], GRADIO[rule["id"]]])
        )
    ]
