"""A run's buttons: those that start it are off while it lasts, and Stop, the last one, is off
otherwise. Scripts whose outputs are those: no request is needed."""

_SWITCH = """() => Array.from({{ length: {} }}, (_, k) =>
    ({{ __type__: 'update', interactive: (k < {} - 1) === {} }}))"""


def busy(buttons: list) -> str:
    return _SWITCH.format(len(buttons), len(buttons), "false")


def idle(buttons: list) -> str:
    return _SWITCH.format(len(buttons), len(buttons), "true")
