"""A run's two buttons: its own is off while it lasts, Stop is off otherwise. Scripts whose outputs
are those two: no request is needed."""

_SWITCH = "() => [{}, {}].map((interactive) => ({{ __type__: 'update', interactive }}))"
BUSY = _SWITCH.format("false", "true")
IDLE = _SWITCH.format("true", "false")
