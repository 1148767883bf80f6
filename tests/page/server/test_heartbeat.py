"""How far a real event loop is behind."""

import asyncio
import time

from page.server import heartbeat


def test_a_loop_that_was_held_up_is_late_by_as_much():
    async def hold_up():
        assert heartbeat.late_s() == 0  # there is no server yet
        async with heartbeat.beating():
            await asyncio.sleep(3 * heartbeat.BEAT_S)
            time.sleep(0.3)
            held_up = heartbeat.late_s()
            until = time.monotonic() + 20
            while heartbeat.late_s() > 0 and time.monotonic() < until:
                await asyncio.sleep(0.001)
            return held_up, heartbeat.late_s()

    held_up, after = asyncio.run(hold_up())
    assert held_up >= 0.3 - heartbeat.BEAT_S and after == 0
