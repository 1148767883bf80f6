"""What the server does for memory, and for the pauses that looking for garbage takes."""

import gc

from page.server.machine import memory


def test_what_is_there_at_the_start_is_never_looked_at_again():
    old, new, usual = [[]], [], gc.get_threshold()
    try:
        memory.freeze()
        new.append([])
        looked_at = {id(each) for each in gc.get_objects()}
        assert id(old) not in looked_at and id(new[0]) in looked_at
        looks = gc.get_stats()[2]["collections"]
        kept = [[] for _ in range(300_000)]
        assert len(kept) == 300_000 and gc.get_stats()[2]["collections"] == looks
    finally:
        gc.unfreeze()
        gc.set_threshold(*usual)
