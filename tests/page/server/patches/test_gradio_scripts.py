"""The changes to Gradio's scripts: each finds its place, and what it replaces did the same."""

import json
import subprocess

import pytest

from page.server.patches import gradio_scripts
from page.server.patches.gradio_assets import ASSETS
from page.server.patches.gradio_scripts import CHANGES, SAME, changed

ALL = [(name, *change) for name, changes in CHANGES.items() for change in changes]


def versions(kind: str, *heads: str) -> list[str]:
    """The functions that begin so in Gradio's script of this kind, and in the changed one."""
    (name,) = (each for each in CHANGES if each.startswith(f"{kind}-"))
    own = (ASSETS / name).read_text("utf-8")
    scripts = own, changed(f"/assets/{name}", own.encode()).decode()
    return ["".join(function_of(script, head) for head in heads) for script in scripts]


def function_of(script: str, head: str) -> str:
    """From its head to the brace that closes it."""
    begin = script.index(head)
    depth = 0
    for end in range(begin + len(head) - 1, len(script)):
        depth += {"{": 1, "}": -1}.get(script[end], 0)
        if not depth:
            return script[begin : end + 1]
    raise AssertionError(head)


def in_node(run: str, texts: list[str]) -> list:
    """What this function of JavaScript returns for each of these texts of JavaScript."""
    script = f"""const run = {run};
        const asked = {json.dumps(texts)}.map((text) => run(text));
        Promise.all(asked).then((found) => console.log(JSON.stringify(found)));"""
    done = subprocess.run(["node"], input=script, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("change", ALL, ids=[old[:40] for _, old, _ in ALL])
def test_a_change_finds_its_place_once(change):
    name, old, new = change
    assert (ASSETS / name).is_file(), "another release of Gradio: see what its script does now"
    own = (ASSETS / name).read_text("utf-8")
    assert own.count(old) == 1
    assert new in changed(f"/assets/{name}", own.encode()).decode()


def test_other_files_stay_as_they_are_and_so_do_all_if_one_is_another(monkeypatch, tmp_path):
    (core,) = ASSETS.glob("core-*.js")
    script = core.read_bytes()
    for path in ("/assets/other-Bdx9080F.js", f"/assets/{core.stem}.css", f"/{core.name}", "/"):
        assert changed(path, script) == script
    assert changed(f"/assets/{core.name}", script) != script
    for name in [*CHANGES][1:]:
        (tmp_path / name).touch()
    monkeypatch.setattr(gradio_scripts, "ASSETS", tmp_path)
    assert changed(f"/assets/{core.name}", script) == script


EVENTS = """(method) => {
  const tree = eval(`new (class { ${method} })()`);
  const events = [
    { targets: [[1, "change"], [2, "click"]] }, { targets: [] }, { targets: [[1, "select"]] },
  ];
  return [1, 2, 3, 1].map((id) => {
    const found = tree.find_attached_events({ id, props: { shared_props: {} } }, events);
    return found.props.shared_props.attached_events;
  });
}"""


def test_a_component_is_told_the_same_events():
    of_gradio, of_the_page = in_node(EVENTS, versions("core", "find_attached_events(e,t){"))
    assert of_gradio == of_the_page
    assert of_gradio == [["change", "select"], ["click"], [], ["change", "select"]]


SYNC = """async (method) => {
  const Te = ["value", "open", "selected"];
  const ke = (node, props) => Object.assign(node.props.props, props);
  const run = eval(`new (class {
    #s = new Map([[1, async () => ({ value: "typed" })]]);
    ${method}
    sync(node) { return this.#m(1, node); }
  })()`);
  const node = { props: { props: { value: "typed" } } };
  const done = run.sync(node);
  node.props.props.value = "from the server"; // before the component has answered
  await done;
  const quiet = { props: { props: { value: "before it was typed" } } };
  await run.sync(quiet);
  return [node.props.props.value, quiet.props.props.value];
}"""


def test_a_value_that_comes_while_another_property_changes_is_kept():
    """A film that is drawn while the opening one still arrives; what is typed is still noted."""
    of_gradio, of_the_page = in_node(SYNC, versions("core", "async#m(e,t){"))
    assert of_gradio == ["typed", "typed"]
    assert of_the_page == ["from the server", "typed"]


ARRIVES = """async (method) => {
  const node = { component: {}, type: "dropdown", props: { props: {}, shared_props: {} } };
  const Z = () => node, ke = () => {}, C = async () => {};
  const heard = [];
  const tree = eval(`new (class {
    #c = new Map(); #l = new Map(); #d = new Set(); #r = {};
    #g() {} #u() {}
    async #m(id) { this.#c.set(id, (update) => heard.push(update)); } // it comes just now
    async #h() {}
    async update_visibility() {}
    ${method}
  })()`);
  await tree.update_state(1, { choices: ["shipped", "trained"] });
  return heard;
}"""


def test_a_component_that_comes_to_the_page_during_its_update_is_told():
    """The list that the model trained here joins, in a tab that opens at that moment."""
    both = versions("core", "async update_state(e,t,n=!0){")
    of_gradio, of_the_page = in_node(ARRIVES, both)
    assert of_gradio == [] and of_the_page == [{"choices": ["shipped", "trained"]}]


LATE = """(functions) => {
  const read = eval(`(() => { ${functions} return Tt; })()`);
  const known = {};
  const messages = [
    [{ value: { frames: ["x_2"], ended: null } }],
    [[["append", ["value", "frames", 0], "!"], ["add", ["value", "frames", 1], "x_0"],
      ["replace", ["value", "ended"], "done"]]],
    [[["delete", ["value"], null]]],
  ].map((data) => ({ data }));
  for (const each of messages) read(known, "run", each);
  return messages.map(({ data }) => data[0]);
}"""


def test_a_message_is_not_changed_by_those_that_follow_it():
    """Gradio's functions and the changed one, on a film that grows and an update that skips it."""
    heads = "function Tt(e,t,n){", "function Et(e,t){", "function Dt(e,t,n,r){"
    both = versions("index", *heads)
    of_gradio, of_the_page = in_node(LATE, both)
    assert of_gradio == [{}, {}, {}]
    assert of_the_page == [
        {"value": {"frames": ["x_2"], "ended": None}},
        {"value": {"frames": ["x_2!", "x_0"], "ended": "done"}},
        {},
    ]


STREAM = """async (functions) => {
  const open = eval(`(() => { ${functions} const f = "queue/data"; return Ct; })()`);
  let opened = 0;
  const client = {
    event_callbacks: { late: async () => {} }, unclosed_events: new Set(["late"]),
    pending_stream_messages: {}, stream_status: { open: false }, api_prefix: "",
    config: { root: "http://localhost", protocol: "sse_v3" }, session_hash: "s",
    open_stream: open, stream: () => (opened++, (client.messages = {})),
  };
  const says = (message) => client.messages.onmessage({ data: JSON.stringify(message) });
  const counts = [];
  await client.open_stream();
  await says({ msg: "close_stream" }); // as the answer for "late" had just come
  counts.push(opened);
  await says({ msg: "process_completed", event_id: "late" });
  await says({ msg: "close_stream" });
  counts.push(opened);
  client.unclosed_events.add("late");
  await says({ msg: "process_completed" }); // of all, after the line was lost
  await says({ msg: "close_stream" });
  return [...counts, opened];
}"""


def test_an_event_that_is_asked_for_while_the_stream_ends_gets_another_stream():
    both = versions("index", "async function Ct(){", "function wt(e,t){")
    of_gradio, of_the_page = in_node(STREAM, both)
    assert of_gradio == [1, 1, 1]  # and the event is waited for
    assert of_the_page == [2, 2, 2]


ENDED = """async (asked) => {
  const waited = {}, unclosed = new Set();
  let opened = 0;
  const client = { open_stream: async () => opened++ };
  const run = eval(`(async function (E, g, t, v, y, h) { ${asked} })`);
  const messages = [{ msg: "process_starts" }, { msg: "process_completed" }];
  await run.call(client, "e", { e: messages }, async () => {}, waited, unclosed, { open: false });
  await run.call(client, "f", {}, async () => {}, waited, unclosed, { open: false });
  return [Object.keys(waited), [...unclosed], opened];
}"""


def test_an_event_that_has_ended_before_its_request_is_answered_is_not_waited_for():
    (change,) = (change for _, *change in ALL if change[0].startswith("E in g"))
    of_gradio, of_the_page = in_node(ENDED, change)
    assert of_gradio == [["e", "f"], ["e", "f"], 2]
    assert of_the_page == [["f"], ["f"], 1]


SAMES = """(text) => {
  const values = [null, 0, 1, "", "a", [], {}, [1], [1, 2], { a: 1 }, { b: 1 },
  { a: [1, { b: "c" }] }, { a: [1, { b: "d" }] }, { a: [1] },
  [[]], [{}], { frames: [{ x: "y" }] }, true, false];
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const by = eval(`(${text})`);
  return values.map((a) => values.map((b) => by(a, copy(b))));
}"""


def test_values_are_the_same_if_their_texts_are():
    by_texts = "(a, b) => JSON.stringify(a) === JSON.stringify(b)"
    of_gradio, of_the_page = in_node(SAMES, [by_texts, SAME])
    assert of_gradio == of_the_page


AGAIN = """async (method) => {
  const runner = eval(`const Ze = (mode, runs) => (runs ? "defer" : "run"); new (class {
    submissions = new Map();
    submission_trigger_ids = new Map();
    active_dependencies = new Map();
    queue = new Set();
    connection_lost = false;
    constructor() {
      return new Proxy(this, { get: (own, name) => own[name] ?? (() => []) });
    }
    clear_submission(id) { this.submissions.delete(id); }
    async handle_data() {}
    ${method}
  })()`);
  let count = 0;
  const listener = (id) => ({
    id, targets: [], inputs: [], outputs: [], functions: {}, trigger_modes: "always_last",
    get_triggers: () => ({ success: [], failure: [], all: [] }),
    async run() {
      async function* answer() {
        for (let turn = 0; turn < 3; turn++) await null;
        yield { type: "status", stage: "complete" };
      }
      count += 1;
      return count < 60 ? { type: "submit", data: answer() } : { type: "data", data: [] };
    },
  });
  const both = [listener(1), listener(2)];
  runner.dependencies_by_event = new Map([["change-0", both]]);
  runner.dependencies_by_fn = new Map(both.map((each) => [each.id, each]));
  const event = { type: "event", event_name: "change", target_id: 0 };
  for (let k = 0; k < 3; k++) {
    runner.dispatch(event);
    for (let turn = 0; turn < 5; turn++) await null;
  }
  await new Promise((resolve) => setTimeout(resolve));
  return count;
}"""


def test_two_listeners_to_one_trigger_do_not_have_each_other_asked_again_for_good():
    of_gradio, of_the_page = in_node(AGAIN, versions("Blocks", "async dispatch(e){"))
    assert of_gradio >= 60  # where it is stopped here
    assert 2 <= of_the_page <= 6  # three events, two listeners
