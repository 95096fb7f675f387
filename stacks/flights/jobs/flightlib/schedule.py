"""Parts of the day as an airport has them."""

PARTS = ["night", "morning", "afternoon", "evening"]
HOURS = range(24)
HOURS_A_PART = len(HOURS) // len(PARTS)


def part_of_day(hour: int) -> str:
    """Name the six hours that a scheduled hour of departure, 0 to 23, lies in.

    Raises:
        ValueError: The hour is not one of a day's.

    Example:
        >>> part_of_day(5), part_of_day(6), part_of_day(23)
        ('night', 'morning', 'evening')
    """
    if hour not in HOURS:
        raise ValueError(f"an hour must be 0 to 23, got {hour}")
    return PARTS[hour // HOURS_A_PART]
