"""The nightly example: a report of a day, with parameters, a schedule, alarms and notices."""
