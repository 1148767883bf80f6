"""Two servers behind nginx: the page works as with one, and one may be killed."""

import re
import signal
from functools import partial

import pytest
from playwright.sync_api import expect

from ddpm.schedules.betas import BETAS
from devtools.tabs import PANEL, pixels, start_long_drawing, start_long_training, until_drawn, where

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
PHASE = "#train-view .phase span"
DRAWING = re.compile(r"Step [1-9]\d* of 1000")


def visitor(context, url, server):
    """A page that this server has opened, as its cookie asks, and the errors on its console."""
    context.add_cookies([{"name": "server", "value": str(server), "url": url}])
    page, errors = context.new_page(), []
    page.on("console", lambda m: m.type == "error" and errors.append(m.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    return page, errors


def server_of(page) -> str:
    (number,) = [each["value"] for each in page.context.cookies() if each["name"] == "server"]
    return number


def noise_draws(page):
    page.get_by_role("tab").nth(0).click()
    expect(page.locator(PANEL)).to_have_count(len(BETAS))
    assert pixels(page, f"{PANEL} canvas >> nth=0").float().std() > 0


def generate_draws(page):
    page.get_by_role("tab").nth(1).click()
    expect(page.locator("#generate-go")).to_be_visible()
    page.locator("#generate-go").click()
    until_drawn(page)
    first = pixels(page, "#generate-view canvas.x")[2:30, 2:30]
    assert first.float().std() > 5  # not blank


def begin_training(page):
    start_long_training(page)
    expect(page.locator(PHASE)).to_contain_text("Learning")


def stop_training(page):
    page.locator("#train-stop").click()
    expect(page.locator(PHASE)).to_contain_text("Stopped after step")
    expect(page.locator("#train-use")).to_be_enabled()


def at_work(server, pool):
    return server.health()[pool]["at_work"]


def first_step(page):
    """Of a training, as soon as it has any."""
    shown = "parseInt(document.querySelector('#train-view .step dd')?.textContent)"
    return page.wait_for_function(shown).json_value()


def asks_for_drawing(request):
    return "/queue/join" in request.url and "dpm_solver" in (request.post_data or "")


def losing_one(held, route):
    if held or not asks_for_drawing(route.request):
        route.continue_()
    else:
        held.append(route)


def train_and_draw(page):
    """A training of which something is kept, and a drawing. Returns a step that the
    training is past whenever it is found again."""
    page.on("dialog", lambda dialog: dialog.accept())  # "Leave site?"
    start_long_training(page)
    page.wait_for_function("runOf('training')?.selector === '#train-continue'")
    least = first_step(page) / 2  # more had been learned when it was kept, a moment ago
    start_long_drawing(page)
    expect(where(page)).to_contain_text(DRAWING)
    page.locator("#generate-steps input[type=number]").fill("10")  # for another run
    return least


def kill(server, page):
    """The other one has heard of the page, by a setting; of what begins again it hears nothing."""
    page.route("**/hang_up", lambda route: route.fulfill())
    page.route("**/queue/join*", partial(losing_one, []))
    with page.expect_request(asks_for_drawing):
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    page.unroute("**/hang_up")


def test_one_of_two_servers_is_killed(nginx, servers, new_context):
    first, _ = visitor(new_context(), nginx.url, 1)
    second, errors = visitor(new_context(), nginx.url, 2)
    for page in (first, second):
        noise_draws(page)
        generate_draws(page)
    assert [server_of(page) for page in (first, second)] == ["1", "2"]
    begin_training(first)
    assert [at_work(server, "training") for server in servers] == [1, 0]
    stop_training(first)
    begin_training(second)
    assert [at_work(server, "training") for server in servers] == [0, 1]
    busy, _ = visitor(new_context(), nginx.url, 1)
    least = train_and_draw(busy)

    kill(servers[0], busy)

    # the visitor of the other notices nothing: what trains goes on, and everything answers
    assert at_work(servers[1], "training") == 1
    generate_draws(second)
    second.get_by_role("tab").nth(2).click()
    stop_training(second)
    assert errors == []

    # another takes over what it ran: a drawing with the settings that it had, and a training from
    # what was kept of it
    busy.goto(nginx.url)
    assert server_of(busy) == "2"
    busy.get_by_role("tab").nth(1).click()
    expect(where(busy)).to_contain_text(DRAWING)
    busy.locator("#generate-stop").click()
    until_drawn(busy)
    busy.get_by_role("tab").nth(2).click()
    assert first_step(busy) > least
    stop_training(busy)
    assert [at_work(servers[1], pool) for pool in ("sampling", "training")] == [0, 0]

    # a visitor whose run was over works again after a reload, with the model that it had trained
    first.goto(nginx.url)
    assert server_of(first) == "2"
    noise_draws(first)
    generate_draws(first)
    first.get_by_role("tab").nth(2).click()
    expect(first.locator("#train-use")).to_be_enabled()
    with first.expect_download() as download:
        first.locator("#train-file").click()
    assert download.value.path().stat().st_size > 10_000
    first.locator("#train-use").click()
    generate_draws(first)
