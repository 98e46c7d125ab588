"""How long something lasted, as sentences."""


def duration(seconds: float) -> tuple[str, ...]:
    """Keys that say it in hours and minutes; a day and more is said as its last 23 hours could be: at most that."""
    minutes = min(int(seconds) // 60, 23 * 60 + 59)
    hours, minutes = divmod(minutes, 60)
    spoken = ((f"hours-{hours}",) if hours else ()) + ((f"minutes-{minutes}",) if minutes else ())
    return spoken or ("under-a-minute",)
