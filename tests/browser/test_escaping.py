"""Visitors' input is shown as text: links, file names and errors run no script."""

from urllib.parse import quote

from playwright.sync_api import expect

from devtools.tabs import message, start_from_a_sketch

SCRIPT = "<img src=x onerror='window.hurt=1'><script>window.hurt=1</script>"


def test_visitors_input_runs_no_script(page, app_url):
    query = "&".join(f"{name}={quote(SCRIPT)}" for name in ("T", "schedules", "seed", "t"))
    page.goto(f"{app_url}/?{query}&schedules=linear,{quote(SCRIPT)}")
    expect(message(page)).to_contain_text("Part of the link was ignored")
    page.get_by_role("tab", name="Generate").click()
    start_from_a_sketch(page)
    file = {"name": f"{SCRIPT.replace('/', '')}.png", "mimeType": "image/png", "buffer": b"no"}
    page.locator("#generate-from-picture input[type=file]").set_input_files(file)
    expect(page.get_by_text("not a picture that we can read").first).to_be_visible()
    assert page.evaluate("window.hurt") is None
