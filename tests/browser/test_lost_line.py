"""A page whose line is cut, or that is loaded again, finds its run, which has gone on."""

import re
from contextlib import ExitStack, closing

import pytest
from playwright.sync_api import expect

from devtools.line import Line
from devtools.nginx import nginx_before
from devtools.server import running_app
from devtools.tabs import start_long_drawing, start_long_training, unfold, until_drawn, where
from devtools.waits import until_loaded

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

AWAY_MS = 3_000  # more than the longest pause between two attempts
PHASE = "#train-view .phase span"
STEP = "parseInt(document.querySelector('#train-view .step dd')?.textContent)"
LINE = "#line"


@pytest.fixture(scope="module")
def app():
    with running_app(DDPM_LOST_S="30") as app:
        yield app


@pytest.fixture
def line(app, request):
    with ExitStack() as stack:
        url = app.url
        if "nginx_program" in request.fixturenames:
            url = stack.enter_context(nginx_before(url)).url
        yield stack.enter_context(closing(Line(int(url.rpartition(":")[2]))))


def leave(dialog):
    """What is said to "Leave site?"."""
    dialog.accept()


@pytest.fixture
def page(line, new_context):
    page = new_context().new_page()
    page.on("dialog", leave)
    page.goto(line.url)
    page.evaluate("window.same = true")  # gone if the page loads itself again
    return page


def begin_training(page):
    start_long_training(page)
    expect(page.locator(PHASE)).to_contain_text("Learning")
    expect(page.locator("#train-view .step dd")).to_contain_text("/ 20000")


def step(page):
    # in one call, since each report replaces the element
    return page.evaluate(STEP)


def curve(page):
    """What the figure of the loss is drawn from."""
    drawn = page.evaluate("JSON.parse(document.querySelector('#train-view .plot').curves())")
    (run,) = drawn["runs"]
    return run["curve"]["raw"]


def until_step(page, least):
    page.wait_for_function(f"least => {STEP} > least", arg=least)


def stop_training(app, page):
    at_once = """() => {
        document.querySelector("#train-stop").click();
        return document.querySelector("#train-view .phase span").textContent;
    }"""
    assert "Stopping" in page.evaluate(at_once)  # before the server hears of it
    expect(page.locator("#train-go")).to_be_enabled()
    assert app.health()["training"]["at_work"] == 0
    assert app.logged("train")[-1]["ended"] == "stopped"
    keeps_model(page)


def keeps_model(page):
    expect(page.locator(PHASE)).to_contain_text("Stopped after step")
    expect(page.locator("#train-use")).to_be_enabled()
    expect(page.locator("#train-view .curve")).to_have_count(1)
    with page.expect_download() as download:
        page.locator("#train-file").click()
    assert download.value.path().stat().st_size > 10_000


def lose(page, line, silently=False):
    line.cut(silently)
    if silently:  # a browser that has not noticed yet, until its network is back
        page.wait_for_timeout(AWAY_MS)
        line.mend()
        page.evaluate("dispatchEvent(new Event('online'))")
    else:
        expect(page.locator(LINE)).to_contain_text("Connection lost")
        page.wait_for_timeout(AWAY_MS)
        line.mend()
        expect(page.locator(LINE)).to_contain_text("Reconnected")


def found_again(app, page, line, silently=False):
    """The training under way, in the same page."""
    before, losses, runs = step(page), curve(page), len(app.logged("train"))
    lose(page, line, silently)
    until_step(page, before + 20)
    assert page.evaluate("window.same")
    assert curve(page)[: len(losses)] == losses  # continuous, not begun again
    assert app.health()["training"]["at_work"] == 1 and len(app.logged("train")) == runs
    expect(page.locator(".toast-body")).to_have_count(0)


def test_one_training_through_all_that_happens_to_its_page(nginx_program, app, page, line):
    """Behind nginx, as a class has it."""
    begin_training(page)
    until_step(page, 20)
    for silently in (False, True):
        found_again(app, page, line, silently)

    # asked "Leave site?", one stays: Gradio's page has hung up by then
    page.remove_listener("dialog", leave)
    with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.evaluate("setTimeout(() => location.reload())")
    assert asked.value.type == "beforeunload"
    until_step(page, step(page) + 20)
    assert page.evaluate("window.same")

    page.on("dialog", leave)
    before, losses, runs = step(page), curve(page), len(app.logged("train"))
    for tab in ("Generate", "Train"):  # loaded again twice: the second page has a third session
        page.get_by_role("tab", name=tab).click()
        page.reload()
        assert not page.evaluate("window.same")
        until_loaded(page)
        page.get_by_role("tab", name="Train").click()
        expect(page.locator(PHASE)).to_contain_text("Learning")
        until_step(page, before + 10)
        expect(page.locator("#train-go")).to_be_disabled()
        expect(page.locator("#train-go")).to_have_text("Start training")
        expect(page.locator("#train-view .loss dt")).to_have_text("Loss")
        assert curve(page)[: len(losses)] == losses
        before = step(page)
    assert app.health()["training"]["at_work"] == 1 and len(app.logged("train")) == runs
    stop_training(app, page)

    # nothing would be lost now: a reload doesn't ask, and brings back what was learned
    assert not page.evaluate("isRunning()")
    expect(page.locator("#train-stop")).to_be_disabled()
    dialogs = []
    page.on("dialog", lambda dialog: dialogs.append(dialog))
    page.reload()
    keeps_model(page)
    assert dialogs == []
    page.locator("#train-continue").click()
    expect(page.locator("#train-stop")).to_be_enabled()
    expect(page.locator(PHASE)).to_contain_text("Learning")
    stop_training(app, page)


def test_an_answer_that_was_lost_where_nothing_runs_is_said(page):
    """The visitor may ask for it again."""
    page.route("**/queue/data*", lambda route: route.abort(), times=1)
    page.get_by_role("tab", name="Generate").click()
    expect(page.locator(".toast-body")).to_contain_text("before the answer came")


def test_drawings_and_comparisons_are_found_again(app, page, line):
    start_long_drawing(page)
    expect(where(page)).to_contain_text(re.compile(r"Step [1-9]\d* of 1000"))
    # the slider is at the newest frame
    reached = "Number(document.querySelector('#generate-view .place').value)"
    before, runs = page.evaluate(reached), len(app.logged("sample"))
    lose(page, line)
    page.wait_for_function(f"least => {reached} > least", arg=before)
    assert page.evaluate("window.same")
    page.reload()
    expect(where(page)).to_contain_text(re.compile(r"Step \d+ of 1000"))
    expect(page.locator("#generate-go")).to_be_disabled()
    page.locator("#generate-stop").click()
    until_drawn(page)
    (run,) = app.logged("sample")[runs:]
    assert run["ended"] == "stopped"

    page.get_by_role("tab", name="Compare").click()
    unfold(page)
    page.locator("#generate-steps input[type=number]").fill("100")
    page.locator("#compare-go").click()
    note = page.locator("#compare-view .now")
    expect(note).to_contain_text(re.compile(r"Row \d of \d"))
    runs = len(app.logged("compare"))
    page.reload()
    expect(note).to_contain_text(re.compile(r"Row \d of \d"))
    expect(page.locator("#compare-go")).to_be_disabled()
    assert len(app.logged("compare")) == runs
    page.locator("#compare-stop").click()
    expect(note).to_contain_text("Stopped")
    expect(page.locator("#compare-go")).to_be_enabled()
    (run,) = app.logged("compare")[runs:]
    assert run["ended"] == "stopped"
