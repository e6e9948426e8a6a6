"""Messages to and from one fork of a sandbox's warm process, with a deadline for each wait."""

import select
import time

from backprop.grading import wire

SLACK = 5.0  # seconds for what is late on a busy machine


class Lost(Exception):
    """A conversation has ended before its time: the process is gone, or talks nonsense."""


class Conversation:
    """Messages to and from one fork, as a file of bytes with a deadline for each wait."""

    def __init__(self, sandbox, connection):
        self._sandbox, self._connection = sandbox, connection
        self._deadline, self._open = 0.0, True
        self.ended = {}

    def send(self, header, value=None, seconds=SLACK):
        """Send a message; Lost where nobody takes it."""
        self._deadline = time.monotonic() + seconds
        self._within(self._connection.sendall, wire.message(header, value))

    def receive(self, deadline, most=wire.ANSWER):
        """The next message, as (header, value), before a time of the monotonic clock; or Lost.

        Arrays of more than `most` bytes are not taken.
        """
        self._deadline = deadline
        try:
            return wire.receive(self, most)
        except (EOFError, wire.Garbled) as error:
            raise Lost(str(error)) from None

    def read(self, size):
        """At most `size` bytes; b'' at the end."""
        return self._within(self._connection.recv, min(size, 1 << 20))

    def close(self):
        """End the fork with all that it started; `ended` then says how it did."""
        if not self._open:
            return
        self._open = False
        self._connection.close()
        box = self._sandbox
        try:
            if not select.select([box.control], [], [], 0.02)[0]:
                box.control.send(b'{"kill": true}')
            self.ended = box.hear()
        except (Lost, OSError):
            box.end()

    def _within(self, do, *args):
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Lost("it took too long")
        self._connection.settimeout(left)
        try:
            return do(*args)
        except TimeoutError:
            raise Lost("it took too long") from None
        except OSError as error:
            raise Lost(str(error)) from None
