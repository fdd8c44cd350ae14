"""A DCC's stdout and stderr, kept word for word as the log of what it is doing. The worker's side."""

from __future__ import annotations

import logging
import os
import re
import threading
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

#: Longest log of one file, in bytes; what comes after is left out.
CAP_BYTES = 16 * 2**20
#: How much is kept in memory for the record of a failure, in bytes.
TAIL_BYTES = 4096

_CAP_LINE = b"\n[buildcat] This log is longer than 16 MB: the rest was left out.\n"
_MARK_BYTES = 100  # no mark is longer
_MARK_LIMIT_S = 0.5
_CHUNK_BYTES = 2**16


class Transcript:
    """Reads a DCC's output in a thread of its own and writes it to the log file of the moment.

    Output and messages come by different ways. So that a log is complete when a unit is done, the session's loop
    writes a mark (a control character, a secret and a number) into the output before each reply; `settle` waits for
    it. Marks are left out of the log.
    """

    def __init__(self, secret: str) -> None:
        self._mark_start = b"\x1e" + secret.encode()
        self._mark = re.compile(re.escape(self._mark_start) + rb"(\d+)\r?\n")
        self._changed = threading.Condition()
        self._file: IO[bytes] | None = None
        self._path: Path | None = None
        self._size = 0
        self._tail = b""
        #: Bytes that were printed so far, without marks.
        self.printed = 0
        self._seen = 0
        self._mark_limit_s = _MARK_LIMIT_S
        self._thread: threading.Thread | None = None

    def follow(self, stream: IO[bytes]) -> None:
        """Read the stream to its end, in a thread, and close it."""
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True, name="transcript")
        self._thread.start()

    @property
    def tail(self) -> bytes:
        """The last 4 KB since the log was last switched."""
        return self._tail

    def log_to(self, path: Path | None) -> None:
        """Write what comes from now on to the end of this file, made when the first byte arrives; None: discard it."""
        with self._changed:
            if self._file:
                self._file.close()
            self._file, self._path, self._tail = None, path, b""

    def settle(self, number: int) -> None:
        """Wait until all that was written before that mark is in the log.

        A DCC that sends its output elsewhere swallows the marks: then this waits in vain once, and no more.
        """
        with self._changed:
            if self._changed.wait_for(lambda: self._seen >= number, self._mark_limit_s):
                self._mark_limit_s = _MARK_LIMIT_S
            elif self._mark_limit_s:
                log.debug("mark %d did not come within %g s", number, self._mark_limit_s)
                self._mark_limit_s = 0.0

    def finish(self, limit_s: float) -> None:
        """Wait for the end of the output, at most so long, and close the log."""
        if self._thread:
            self._thread.join(limit_s)
        with self._changed:
            if self._file:
                self._file.close()
            self._file = self._path = None

    def _read(self, stream: IO[bytes]) -> None:
        pending = b""
        with stream:
            while chunk := os.read(stream.fileno(), _CHUNK_BYTES):
                pending = self._take(pending + chunk)
        with self._changed:
            self._write(pending)

    def _take(self, text: bytes) -> bytes:
        """Write the text without its marks, and return the end of it that may become a mark."""
        with self._changed:
            start = 0
            for mark in self._mark.finditer(text):
                self._write(text[start : mark.start()])
                self._seen, start = int(mark.group(1)), mark.end()
                self._changed.notify_all()
            end = text.rfind(b"\x1e", max(start, len(text) - _MARK_BYTES))
            if end < 0 or not self._may_become_mark(text[end:]):
                end = len(text)
            self._write(text[start:end])
            return text[end:]

    def _may_become_mark(self, end: bytes) -> bool:
        return self._mark_start.startswith(end) or end.startswith(self._mark_start)

    def _write(self, text: bytes) -> None:
        if not text:
            return
        self.printed += len(text)
        self._tail = (self._tail + text[-TAIL_BYTES:])[-TAIL_BYTES:]
        try:
            if self._path and not self._file:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("ab", buffering=0)
                self._size = self._file.tell()
            if self._file and self._size < CAP_BYTES:
                room = CAP_BYTES - self._size
                self._file.write(text if len(text) <= room else text[:room] + _CAP_LINE)
                self._size += len(text)
        except OSError as exc:  # a full disk must not stop the reading, which would stop the DCC
            log.warning("The log %s can't be written: %s.", self._path, exc.strerror)
            self._path = self._file = None
