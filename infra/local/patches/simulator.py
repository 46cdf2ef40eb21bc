"""Addresses that say what is to become of them. A test aid, not a gap of MiniStack.

`<behaviour>.<anything>@simulator.example` always behaves so,
`<behaviour>-<times>.<anything>@simulator.example` the first so many times. Which
behaviours there are is for each simulator to say.
"""

import re

ADDRESS = re.compile(r"(?P<behaviour>[a-z]+)(-(?P<times>\d+))?\.[^@]*@simulator\.example")


class Simulator:
    """Knows some behaviours, and how often each address has shown its own."""

    def __init__(self, *behaviours):
        self._behaviours = behaviours
        self._shown = {}

    def behaviour(self, address):
        """What becomes of the address this time: one of the behaviours, or `None`."""
        found = ADDRESS.fullmatch(address)
        if not found or found["behaviour"] not in self._behaviours:
            return None
        shown = self._shown.get(address, 0)
        if found["times"] is not None and shown >= int(found["times"]):
            return None
        self._shown[address] = shown + 1
        return found["behaviour"]
