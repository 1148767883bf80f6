"""What Gradio's own scripts do more often than needed, and delay the page by, while it opens.

On a telephone, with this page's two hundred components and as many events, that is half of the
longest time in which nothing can be touched. `tests/page/server/patches/test_gradio_scripts.py`
fails if a release of Gradio has other scripts; they are then served as they are.
"""

from __future__ import annotations

import re

# Part of a script's name, what it says, and what it should. Written for Gradio 6.31.0.
CHANGES = (
    (
        # The clock of “Loading” goes on, sixty times a second, for as long as the page is open.
        "statustracker-",
        "W&&ze()",
        "W&&o.status===`pending`&&ze()",
    ),
    (
        # Gradio makes all its nodes, and an effect that makes them again each time the app is
        # reloaded, which happens in development; but an effect also runs when it is made.
        "Blocks-",
        "le(()=>{v(),oe(()=>{O.reload(",
        "le(()=>{v()&&oe(()=>{O.reload(",
    ),
    (
        # For each event it looks for the component in the tree, and then finds nothing to change.
        "Blocks-",
        "for(let[e]of t.targets)this.set_event_args(e,t.event_args);",
        "if(Object.keys(t.event_args).length)"
        "for(let[e]of t.targets)this.set_event_args(e,t.event_args);",
    ),
    (
        # For each component, and twice, it looks through the targets of all events.
        "core-",
        "find_attached_events(e,t){let n=t.filter(t=>t.targets.find(([t])=>t===e.id))"
        ".map(t=>{let n=t.targets.find(([t])=>t===e.id);return n?n[1]:null}).filter(Boolean);"
        "return e.props.shared_props.attached_events=n,e}",
        "find_attached_events(e,t){if(this.events!==t){this.events=t,this.attached=new Map;"
        "for(let n of t){let r=new Map;for(let[e,t]of n.targets)r.has(e)||r.set(e,t);"
        "for(let[e,t]of r)t&&(this.attached.has(e)||this.attached.set(e,[]),"
        "this.attached.get(e).push(t))}}"
        "return e.props.shared_props.attached_events=this.attached.get(e.id)??[],e}",
    ),
    (
        # It asks for the scripts of every component, also in tabs that are not shown. These now
        # wait for `loadComponents`, which scripts/loading.js calls, or for their tab to be opened.
        "core-",
        "s=a.shared_props.visible===!1?null:G(i.type,i.component_class_id,this.#r.api_url||``);",
        "s=null;",
    ),
    (
        "core-",
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
)


def changed(path: str, script: bytes) -> bytes:
    """The script at this path, with the change that it needs, if any."""
    for name, old, new in CHANGES:
        if re.fullmatch(rf"/assets/{name}[\w-]{{8,9}}\.js", path):
            script = script.replace(old.encode(), new.encode())
    return script
