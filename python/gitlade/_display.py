"""Showing how far an import is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TextIO, Union

from gitlade._html import size

if TYPE_CHECKING:
    from gitlade._gitlade import Progress

ProgressOption = Union[bool, Callable[["Progress"], object]]
"""True shows a bar; a function is called with each change."""


class Display(Protocol):
    """What is told of each change, and closed in the end."""

    def update(self, progress: Progress) -> None: ...

    def close(self) -> None: ...


class Shown:
    """Tells a display what changes, until the block ends."""

    def __init__(self, option: ProgressOption) -> None:
        self._display = _choose(option)
        self._last: Progress | None = None

    @property
    def wanted(self) -> bool:
        """Whether anybody looks."""
        return self._display is not None

    def update(self, progress: Progress) -> None:
        """Tells the display, if there is anything new."""
        if self._display is not None and progress != self._last:
            self._last = progress
            self._display.update(progress)

    def __enter__(self) -> Shown:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._display is not None:
            self._display.close()


def _choose(option: ProgressOption) -> Display | None:
    if option is False:
        return None
    if option is not True:
        return _Called(option)
    # What a program has loaded already, it shows its other bars with.
    for make in sorted((_tqdm, _rich), key=lambda make: _module_of(make) not in sys.modules):
        try:
            return make()
        except ImportError:
            continue
    return PlainLine()


def _module_of(make: Callable[[], Display]) -> str:
    return "tqdm" if make is _tqdm else "rich"


def _tqdm() -> Display:
    tqdm = import_module("tqdm.auto").tqdm
    return _Tqdm(tqdm(unit="B", unit_scale=True, unit_divisor=1024, leave=False))


def _rich() -> Display:
    return _Rich(import_module("rich.progress").Progress(transient=True))


class _Called:
    """A function of the caller."""

    def __init__(self, function: Callable[[Progress], object]) -> None:
        self._function = function

    def update(self, progress: Progress) -> None:
        self._function(progress)

    def close(self) -> None:
        pass


class _Tqdm:
    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._step = ""

    def update(self, progress: Progress) -> None:
        if progress.step != self._step:
            self._step = progress.step
            self._bar.reset(total=_total(progress))
            self._bar.set_description(progress.step, refresh=False)
        self._bar.total = _total(progress)
        self._bar.n = _done(progress)
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()


class _Rich:
    def __init__(self, bars: Any) -> None:
        self._bars = bars
        self._bars.start()
        self._task = bars.add_task("waiting", total=None)

    def update(self, progress: Progress) -> None:
        self._bars.update(
            self._task,
            description=progress.step,
            completed=_done(progress),
            total=_total(progress),
        )

    def close(self) -> None:
        self._bars.stop()


class PlainLine:
    """One line on standard error, which is written over on a terminal."""

    INTERVAL = 5.0
    """Seconds between lines where there is no terminal."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out if out is not None else sys.stderr
        self._terminal = self._out is not None and self._out.isatty()
        self._width = 0
        self._written = 0.0

    def update(self, progress: Progress) -> None:
        if self._out is None:
            return
        line = self._line(progress)
        if self._terminal:
            self._out.write("\r" + line.ljust(self._width))
            self._width = len(line)
        elif time.monotonic() - self._written >= self.INTERVAL:
            self._written = time.monotonic()
            self._out.write(line + "\n")
        self._out.flush()

    def close(self) -> None:
        if self._out is not None and self._terminal and self._width:
            self._out.write("\r" + " " * self._width + "\r")
            self._out.flush()

    @staticmethod
    def _line(progress: Progress) -> str:
        parts = [f"gitlade: {progress.step}"]
        if progress.percent is not None:
            parts.append(f"{progress.percent}%")
        if progress.received_bytes:
            parts.append(f"{size(progress.received_bytes)} received")
        if progress.bytes:
            parts.append(f"{size(progress.bytes)} read")
        return ", ".join(parts)


def _done(progress: Progress) -> int:
    return progress.bytes or progress.received_bytes


def _total(progress: Progress) -> int | None:
    return progress.bytes_total or None
