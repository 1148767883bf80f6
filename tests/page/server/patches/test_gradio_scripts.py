"""The changes to Gradio's scripts: each finds its place, and what it replaces did the same."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from page.server.patches import gradio_scripts
from page.server.patches.gradio_assets import ASSETS
from page.server.patches.gradio_scripts import CHANGES, SAME, changed

ALL = [(name, *change) for name, changes in CHANGES.items() for change in changes]


def versions(kind: str) -> tuple[str, str]:
    """Gradio's script of this kind, and the changed one."""
    (name,) = (each for each in CHANGES if each.startswith(f"{kind}-"))
    own = (ASSETS / name).read_text("utf-8")
    return own, changed(f"/assets/{name}", own.encode()).decode()


def change_that_begins(text: str) -> tuple[str, str]:
    return next((old, new) for _, old, new in ALL if old.startswith(text))


def in_node(script: str, **given) -> list:
    """What the script prints, to which these constants are given."""
    constants = "".join(f"const {name} = {json.dumps(value)};" for name, value in given.items())
    done = subprocess.run(["node"], input=constants + script, capture_output=True, text=True)
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


SYNC = """
const Te = ["value", "open", "selected"];
const ke = (node, props) => Object.assign(node.props.props, props);
const after = async (method) => {
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
};
(async () => console.log(JSON.stringify([await after(own), await after(changed)])))();
"""


def test_a_value_that_comes_while_another_property_changes_is_kept():
    """A film that is drawn while the opening one still arrives; what is typed is still noted."""
    method = r"async#m\(e,t\)\{.*?ke\(t,i\)\}"
    own, new = (re.search(method, each)[0] for each in versions("core"))
    of_gradio, of_the_page = in_node(SYNC, own=own, changed=new)
    assert of_gradio == ["typed", "typed"]
    assert of_the_page == ["from the server", "typed"]


ARRIVES = """
const node = { component: {}, type: "dropdown", props: { props: {}, shared_props: {} } };
const Z = () => node, ke = () => {}, C = async () => {};
const told = async (method) => {
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
};
(async () => console.log(JSON.stringify([await told(own), await told(changed)])))();
"""


def test_a_component_that_comes_to_the_page_during_its_update_is_told():
    """The list that the model trained here joins, in a tab that opens at that moment."""
    whole = r"async update_state\(e,t,n=!0\)\{.*?\}(?=async update_visibility)"
    own, new = (re.search(whole, each)[0] for each in versions("core"))
    of_gradio, of_the_page = in_node(ARRIVES, own=own, changed=new)
    assert of_gradio == [] and of_the_page == [{"choices": ["shipped", "trained"]}]


LATE = """
const apply = (script) => {
  const named = (name) => {
    const start = script.indexOf(`function ${name}(e,t`);
    return script.slice(start, script.indexOf("}function ", start) + 1);
  };
  const read = eval(`(() => { ${named("Tt")} ${named("Et")} ${named("Dt")} return Tt; })()`);
  const known = {};
  const messages = [
    [{ value: { frames: ["x_2"], ended: null } }],
    [[["append", ["value", "frames", 0], "!"], ["add", ["value", "frames", 1], "x_0"],
      ["replace", ["value", "ended"], "done"]]],
    [[["delete", ["value"], null]]],
  ].map((data) => ({ data }));
  for (const each of messages) read(known, "run", each);
  return messages.map(({ data }) => data[0]);
};
console.log(JSON.stringify([apply(own), apply(changed)]));
"""


def test_a_message_is_not_changed_by_those_that_follow_it():
    """Gradio's functions and the changed one, on a film that grows and an update that skips it."""
    own, new = versions("index")
    of_gradio, of_the_page = in_node(LATE, own=own, changed=new)
    assert of_gradio == [{}, {}, {}]
    assert of_the_page == [
        {"value": {"frames": ["x_2"], "ended": None}},
        {"value": {"frames": ["x_2!", "x_0"], "ended": "done"}},
        {},
    ]


STREAM = """
const heard = async (script) => {
  const open = eval(`(() => { ${method(script, "async function Ct(){")}
    ${method(script, "function wt(e,t){")} const f = "queue/data"; return Ct; })()`);
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
};
const method = (script, head) => {
  const start = script.indexOf(head);
  return script.slice(start, script.indexOf("}function ", start) + 1);
};
(async () => console.log(JSON.stringify([await heard(own), await heard(changed)])))();
"""


def test_an_event_that_is_asked_for_while_the_stream_ends_gets_another_stream():
    own, new = versions("index")
    of_gradio, of_the_page = in_node(STREAM, own=own, changed=new)
    assert of_gradio == [1, 1, 1]  # and the event is waited for
    assert of_the_page == [2, 2, 2]


ENDED = """
const waits = async (asked) => {
  const waited = {}, unclosed = new Set();
  let opened = 0;
  const client = { open_stream: async () => opened++ };
  const run = eval(`(async function (E, g, t, v, y, h) { ${asked} })`);
  const messages = [{ msg: "process_starts" }, { msg: "process_completed" }];
  await run.call(client, "e", { e: messages }, async () => {}, waited, unclosed, { open: false });
  await run.call(client, "f", {}, async () => {}, waited, unclosed, { open: false });
  return [Object.keys(waited), [...unclosed], opened];
};
(async () => console.log(JSON.stringify(await Promise.all(asked.map(waits)))))();
"""


def test_an_event_that_has_ended_before_its_request_is_answered_is_not_waited_for():
    of_gradio, of_the_page = in_node(ENDED, asked=change_that_begins("E in g"))
    assert of_gradio == [["e", "f"], ["e", "f"], 2]
    assert of_the_page == [["f"], ["f"], 1]


SAMES = """
const values = [null, 0, 1, "", "a", [], {}, [1], [1, 2], { a: 1 }, { b: 1 },
  { a: [1, { b: "c" }] }, { a: [1, { b: "d" }] }, { a: [1] },
  [[]], [{}], { frames: [{ x: "y" }] }, true, false];
const copy = (value) => JSON.parse(JSON.stringify(value));
const found = (by) => values.map((a) => values.map((b) => by(a, copy(b))));
console.log(JSON.stringify([
  found((a, b) => JSON.stringify(a) === JSON.stringify(b)), found(eval(`(${same})`))]));
"""


def test_values_are_the_same_if_their_texts_are():
    of_gradio, of_the_page = in_node(SAMES, same=SAME)
    assert of_gradio == of_the_page


AGAIN = """
const sent = async (method) => {
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
};
(async () => console.log(JSON.stringify([await sent(own), await sent(changed)])))();
"""


def method_of(script: str, head: str) -> str:
    """From its head to the brace that closes it."""
    begin = script.index(head)
    depth = 0
    for end in range(begin + len(head) - 1, len(script)):
        depth += {"{": 1, "}": -1}.get(script[end], 0)
        if not depth:
            return script[begin : end + 1]
    raise AssertionError(head)


def test_two_listeners_to_one_trigger_do_not_have_each_other_asked_again_for_good():
    own, new = (method_of(each, "async dispatch(e){") for each in versions("Blocks"))
    of_gradio, of_the_page = in_node(AGAIN, own=own, changed=new)
    assert of_gradio >= 60  # where it is stopped here
    assert 2 <= of_the_page <= 6  # three events, two listeners
