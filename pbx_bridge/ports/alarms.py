"""What whoever runs the center must know now, because nobody else will tell them."""

from collections.abc import Callable
from typing import Literal

Alarm = Literal["recording-space", "recording-stalled"]
"""Little room is left for recordings; calls are up of which nothing is being recorded any more."""

Alarms = Callable[[], list[Alarm]]
"""Those of this moment."""
