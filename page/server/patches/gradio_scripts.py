"""What Gradio's own scripts do more often than needed: while the page opens, and after each message
of an event.

On a telephone, with this page's two hundred components and as many events, that is half of the
longest time in which nothing can be touched, and later more than half of all work.
`tests/page/server/patches/test_gradio_scripts.py` fails if a release of Gradio has other scripts;
all of them are then served as they are.
"""

from hashlib import sha256

import gradio as gr

from page.server.patches.gradio_assets import ASSETS

# Whether two values are the same: up to what differs, and not within what is one and the same.
SAME = (
    "function s(a,b){if(a===b)return!0;if(!a||!b||typeof a!==`object`||typeof b!==`object`||"
    "Array.isArray(a)!==Array.isArray(b))return!1;let k=Object.keys(a);"
    "return k.length===Object.keys(b).length&&k.every(e=>s(a[e],b[e]))}"
)
# By the name of a script, which has a hash of what it holds: what it says, and what it should.
# Written for Gradio 6.31.0.
CHANGES = {
    "index-DphvyggB.js": (
        (
            # A message says what has changed since the one before it, and is applied to that one
            # itself, which may not have been shown yet: if the answer to the request comes later
            # than its messages, or the browser is busy, a run's last update takes its film away.
            "let i=e;for(let e=0;e<t.length-1;e++)i=i[t[e]];let a=t[t.length-1];",
            "let o=e=>Array.isArray(e)?[...e]:{...e},i=e=o(e);"
            "for(let e=0;e<t.length-1;e++)i=i[t[e]]=o(i[t[e]]);let a=t[t.length-1];",
        ),
        (
            # The server closes a stream when it knows of no more events. One that was asked for
            # just then, and whose answer overtook that message, was waited for without a stream.
            "if(s.msg===`close_stream`){wt(r,o.abort_controller);return}let c=s.event_id;if(!c)",
            "if(s.msg===`close_stream`){wt(r,o.abort_controller);t.size&&await o.open_stream();"
            "return}let c=s.event_id;if(!c)s.msg===`process_completed`&&t.clear(),",
        ),
        (
            # It waits for good for an event that has ended before its request is answered.
            "E in g&&(g[E].forEach(e=>t(e)),delete g[E]),v[E]=t,y.add(E),"
            "h.open||await this.open_stream()",
            "let k=g[E]??[];delete g[E],k.forEach(e=>t(e)),"
            "k.some(e=>e.msg===`process_completed`)||(v[E]=t,y.add(E),"
            "h.open||await this.open_stream())",
        ),
    ),
    # For each update, a component of our own was written out as text six times, to see what has
    # changed: with the film of a thousand steps, a third of a core, and a telephone stood still.
    "Index-CwZFw7rD.js": (
        (
            "JSON.stringify(f(L))!==JSON.stringify(F.props.value)&&",
            "(" + SAME + ")(f(L),F.props.value)||",
        ),
    ),
    "HTML-DBguWbVR.js": (
        (
            "if(G&&O()&&JSON.stringify(g(I))!==JSON.stringify(O())){let e=[];for(let t in O())"
            "JSON.stringify(G[t])!==JSON.stringify(O()[t])&&e.push(t),G[t]=S(O()[t]);",
            "let s=" + SAME + ";if(G&&O()&&!s(g(I),O())){let e=[];for(let t in O())"
            "s(G[t],O()[t])||(e.push(t),G[t]=S(O()[t]));",
        ),
    ),
    "statustracker-DQF-KcRT.js": (
        (
            # The clock of “Loading” goes on, sixty times a second, for as long as the page is open.
            "W&&ze()",
            "W&&o.status===`pending`&&ze()",
        ),
    ),
    "Blocks-D1GWYZdr.js": (
        (
            # Gradio makes all its nodes, and an effect that makes them again each time the app is
            # reloaded, which happens in development; but an effect also runs when it is made.
            "le(()=>{v(),oe(()=>{O.reload(",
            "le(()=>{v()&&oe(()=>{O.reload(",
        ),
        (
            # For each event it looks for the component in the tree, and finds nothing to change.
            "for(let[e]of t.targets)this.set_event_args(e,t.event_args);",
            "if(Object.keys(t.event_args).length)"
            "for(let[e]of t.targets)this.set_event_args(e,t.event_args);",
        ),
        (
            # After each message of an event it tells every component again how its event is doing:
            # 1,240 of the 1,300 updates for one drawing. Here it tells those for which that is new.
            "Object.entries(this.loading_stati.current).map(([e,t])=>",
            "Object.entries(this.loading_stati.current).filter(([e,t])=>{"
            "let n=JSON.stringify(t),r=(this.told??={})[e]!==n;return this.told[e]=n,r})"
            ".map(([e,t])=>",
        ),
        (
            # What was asked again while it ran is asked once more when it has ended; Gradio asks
            # for all that its trigger asks for. Of two listeners to one trigger, which wait for
            # each other, each has the other asked again, for good: fifty requests a second.
            "(this.queue.delete(r.id),this.dispatch(e))}}catch",
            "(this.queue.delete(r.id),this.dispatch({...e,type:`fn`,fn_index:r.id}))}}catch",
        ),
    ),
    "core-Bdx9080F.js": (
        (
            # It asks for the scripts of every component, also in tabs that are not shown. These now
            # wait for `loadComponents`, which scripts/loading.js calls, or for their tab to open.
            "s=a.shared_props.visible===!1?null:G(i.type,i.component_class_id,this.#r.api_url||``);",
            "s=null;",
        ),
        (
            "postprocess(e){this.root=this.traverse(e,[e=>je(e,this.#r.api_url),"
            "e=>Me(e,this.components_to_register),e=>Pe(e,this.initial_tabs),"
            "e=>this.find_attached_events(e,this.#n),"
            "e=>Ne(e,this.components_to_register,this.#d)])}",
            "postprocess(e){let t=this.traverse(e,["
            "e=>Me(e,this.components_to_register),e=>Pe(e,this.initial_tabs),"
            "e=>this.find_attached_events(e,this.#n),"
            "e=>Ne(e,this.components_to_register,this.#d)]);q(t,this.#r.api_url),this.root=t;"
            "window.loadComponents=()=>{for(let e of this.#e)"
            "e.props.visible!==!1&&G(e.type,e.component_class_id,this.#r.api_url)}}",
        ),
        (
            # For each component it looks through the targets of all events, twice: on a telephone,
            # a quarter of a second.
            "let n=t.filter(t=>t.targets.find(([t])=>t===e.id)).map(t=>{let n=t.targets.find("
            "([t])=>t===e.id);return n?n[1]:null}).filter(Boolean);return e.props.shared_props",
            "t.of??=t.flatMap(e=>e.targets).reduce((e,[t,n])=>((e[t]??=[]).push(n),e),{});"
            "let n=t.of[e.id]??[];return e.props.shared_props",
        ),
        (
            # To tell one how its event is doing, it copies all that it holds, and all that the
            # components in it hold: 80,000 copies for one drawing, more than half of the browser's
            # work. And one that comes to the page while it copies was never told.
            "let a=this.#c.get(e);r&&!(`value`in t)&&(await this.#m(e,r),await this.#h(r));let o=",
            "r&&!(`value`in t)&&!(`loading_status`in t)&&"
            "(await this.#m(e,r),await this.#h(r));let a=this.#c.get(e),o=",
        ),
        (
            # Before it changes another property, it asks a component for its value, and keeps what
            # it was told: also if a newer value has come from the server in the meantime, which
            # was then lost.
            "let r=await n();if(!r)return;let i={};for(let e of Te)",
            "let o=t.props.props.value,r=await n();if(!r||t.props.props.value!==o)return;"
            "let i={};for(let e of Te)",
        ),
    ),
}

# All of Gradio's files lie in a folder of this name as well, which stands for what they hold: so a
# browser keeps them, and never takes one that it has kept from elsewhere for one of these
NAME = sha256(f"{gr.__version__} {CHANGES}".encode()).hexdigest()[:16]
FROM_PAGE = "./assets/"  # as the page names their folder, and the main script its own styles


def changed(path: str, script: bytes) -> bytes:
    """The script at this path as a browser gets it. All have their changes or none has, as some
    rely on others'."""
    if not path.endswith(".js"):
        return script
    text = script.decode()
    if all((ASSETS / name).is_file() for name in CHANGES):
        for old, new in CHANGES.get(path.removeprefix("/assets/"), ()):
            text = text.replace(old, new)
    return named(text).encode()


def named(text: str) -> str:
    """With that folder's own name."""
    return text.replace(FROM_PAGE, f"{FROM_PAGE}{NAME}/")
