"""The Train tab in a browser: loss and samples arrive while it runs, Stop keeps the model."""

import re

import pytest
import safetensors
from playwright.sync_api import expect

from devtools.tabs import open_training, unfold_training

VIEW = "#train-view"
PHASE = f"{VIEW} .phase span"


def start(page, phase="Learning"):
    page.locator(":is(#train-go, #train-again):visible").click()
    expect(page.locator(PHASE)).to_contain_text(phase)


def stop(page):
    page.locator("#train-stop").click()
    expect(page.locator(PHASE)).to_contain_text("Stopped after step")


def test_train_stop_use_and_download(page):
    open_training(page, 5000)
    expect(page.locator("#train-stop")).to_be_disabled()
    picture = page.locator(f"{VIEW} img:not(.half)")
    expect(picture).to_be_visible()  # real ones
    before = page.locator(VIEW).bounding_box()["height"]
    start(page)
    expect(page.locator("#train-go")).to_be_disabled()
    expect(page.locator(f"{VIEW} .numbers .rate dd")).to_have_text(re.compile(r"^\d+\.\d$"))
    expect(page.locator(f"{VIEW} .axes .curve")).to_have_count(1)
    first = picture.get_attribute("src")
    # the samples change while it trains
    expect(picture).not_to_have_attribute("src", first)
    expect(page.locator("#train-use")).to_be_disabled()
    assert page.locator(VIEW).bounding_box()["height"] == pytest.approx(before, abs=1)

    stop(page)
    expect(page.locator("#train-use")).to_be_enabled()
    levels = page.locator(f"{VIEW} .bands")  # the loss by noise level, folded until now
    expect(levels.locator("li")).to_have_count(4)
    expect(levels.locator(".curve")).to_have_count(0)
    levels.locator("summary").click()
    expect(levels.locator(".curve")).to_have_count(4)
    expect(levels.locator("p")).to_contain_text("stop once the two middle lines no longer fall")
    levels.locator("summary").click()
    with page.expect_download() as download:
        page.locator("#train-file").click()
    with safetensors.safe_open(download.value.path(), "pt") as file:
        assert '"dim": 8' in file.metadata()["config"]

    # two buttons in place of one: the run goes on, a curve and a model of the same run
    texts = page.locator(".row:has(> #train-stop) button:visible").all_inner_texts
    assert texts() == ["Continue", "Start again", "Stop"]
    reached = int(page.locator(PHASE).inner_text().split()[3].rstrip("."))
    page.locator("#train-continue").click()
    expect(page.locator(PHASE)).to_contain_text("Learning")
    expect(page.locator(f"{VIEW} .legend li")).to_have_count(1)
    assert texts() == ["Start training", "Stop"]
    assert int(page.locator(f"{VIEW} .numbers .step dd").inner_text().split()[0]) >= reached
    stop(page)

    # another run removes nothing until it has a model of its own; a kept curve stays beside its
    # own, named by what differs
    page.get_by_label("Keep this curve for comparison").check()
    page.locator("#train-loss").get_by_label("L1").check()
    start(page)
    expect(page.locator("#train-use")).to_be_enabled()
    expect(page.locator("#train-file")).to_be_enabled()
    legend = page.locator(f"{VIEW} .legend li")
    expect(legend.nth(0)).to_contain_text(re.compile("This run: L1, 5000 steps · "))
    # the kept one was stopped
    expect(legend.nth(1)).to_contain_text(re.compile(r"Kept: L2, \d+ steps · "))
    expect(page.locator(f"{VIEW} .axes .curve")).to_have_count(2)
    expect(page.locator(f"{VIEW} .units")).to_contain_text("loss function")

    # the other axis, while the run is under way; the loss, below 1, stays within the plot
    ticks = page.locator(f"{VIEW} .axes text[text-anchor=end]")
    expect(ticks.first).to_have_text("0")
    page.get_by_label("Logarithmic axis").check()
    expect(ticks.first).not_to_have_text("0")
    page.get_by_role("tab", name="Noise").click()
    page.get_by_role("tab", name="Train").click()
    expect(legend).to_have_count(2)
    stop(page)
    page.get_by_role("button", name="Remove this curve").click()
    expect(legend).to_have_count(1)
    expect(page.locator(f"{VIEW} .units")).to_be_hidden()

    use_the_model(page)
    page.reload()
    expect(page.locator("#generate-model input")).to_have_value("Trained here")
    page.locator("#generate-go").click()
    expect(page.locator("#generate-stop")).to_be_disabled()
    expect(page.locator("#generate-view .note")).to_contain_text("calls: 10")

    # a preset fills the fields, whatever was in them
    page.get_by_role("tab", name="Train").click()
    unfold_training(page)
    page.get_by_label("The notebook's, repaired").check()
    for name, value in (("T", "200"), ("dim", "28"), ("steps", "2345"), ("batch-size", "128")):
        expect(page.locator(f"#train-{name} input[type=number]")).to_have_value(value)
    expect(page.locator("#train-schedule input")).to_have_value("Linear")
    for label in ("The noise ε", "Huber", "ConvNeXt"):
        expect(page.locator("#train-tab").get_by_label(label)).to_be_checked()


def use_the_model(page):
    """The button opens Generate at its top, and draws with the model."""
    page.evaluate("() => document.body.style.paddingBottom = '2000px'")  # so that it can scroll
    page.evaluate("() => window.scrollTo(0, document.querySelector('#train-use').offsetTop)")
    page.locator("#train-use").click()
    expect(page.locator("#generate-model input")).to_have_value("Trained here")
    expect(page.locator("#generate-view .note")).to_contain_text("calls: 10")
    assert page.evaluate("window.scrollY") == 0
    page.locator("#generate-model input").click()
    expect(page.get_by_role("option")).to_contain_text(["Pretrained", "Trained here"])
    page.keyboard.press("Escape")


def until_estimate_agrees(page, others):
    """Wait until the line's estimate is what the first of the others to end still needs, which each
    of them sees, too; or 30 minutes, after which a run ends. Neither is known well while a run is
    young: if they never agree, the limit for a test ends it."""
    clock = f"{VIEW} .numbers .left dd"
    for other in others:
        expect(other.locator(clock)).to_have_text(re.compile(r"^\d+:\d\d$"))
    while True:
        (said,) = re.findall(r"about (\d+) min", page.locator(PHASE).inner_text())
        left = [other.locator(clock).inner_text().split(":") for other in others]
        soonest = min(30, *(int(minutes) + int(seconds) / 60 for minutes, seconds in left))
        if abs(int(said) - soonest) < 1 + soonest / 4:
            return
        page.wait_for_timeout(300)


@pytest.mark.slow
def test_a_waiting_visitor_sees_the_place_and_may_leave(page, visit):
    """One of the others reads Chinese, and nothing else."""
    one, two = visit(), visit(locale="zh-CN")
    open_training(page, 5000)
    for other, phase in ((one, "Learning"), (two, "正在学习")):
        open_training(other, 20_000)
        start(other, phase)
    start(page, "Others are training")
    expect(page.locator(PHASE)).to_contain_text("you are number 1 in line, about")
    until_estimate_agrees(page, (one, two))
    page.locator("#train-stop").click()
    expect(page.locator(PHASE)).to_contain_text("this run never started")
    start(page, "Others are training")  # and may come back
    stop(one)
    expect(page.locator(PHASE)).to_contain_text("Learning")
    stop(page)
    two.get_by_label("保留这条曲线").check()
    two.locator("#train-stop").click()
    expect(two.locator(PHASE)).to_contain_text("此前学到的内容已保留")
    words = two.locator(VIEW).inner_text()
    for unit in ("CPU", "MB", "GB", "GPU", "Fashion-MNIST"):
        words = words.replace(unit, "")
    assert not re.search("[A-Za-z]{2}", words), words
