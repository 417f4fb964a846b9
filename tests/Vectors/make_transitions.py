#!/usr/bin/env python3
"""Writes zone_changes.txt: every change of every zone beside it, from 1900 to 2100, as Python's zoneinfo reads the files.

    PYTHONTZPATH=zones python3 make_transitions.py

A second reading of the same files by other people's code. zoneinfo lists no changes, so the offset is asked for every
three hours, and where it differs the stretch is halved. Offsets are whole seconds, as in the files.
"""

import datetime
import os
import sys
import zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
ZONES = os.path.join(HERE, "zones")
STEP = 3 * 3600


def unix(year):
    return int(datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc).timestamp())


def names():
    for folder, _, files in os.walk(ZONES):
        for file in files:
            if file != "zone.tab":
                yield os.path.relpath(os.path.join(folder, file), ZONES).replace(os.sep, "/")


def changes(zone):
    epoch = datetime.datetime(1970, 1, 1, tzinfo=zone)

    def offset(at):
        # fromutc is astimezone without the way through UTC.
        return int(zone.fromutc(epoch + datetime.timedelta(seconds=at)).utcoffset().total_seconds())

    at, end = unix(1900), unix(2100)
    before = offset(at)
    yield at, before
    while at < end:
        after = offset(at + STEP)
        low, high = at, at + STEP
        if after != before:
            while high - low > 1:
                middle = (low + high) // 2
                if offset(middle) == before:
                    low = middle
                else:
                    high = middle
            yield high, after
        before = after
        at += STEP


def main():
    if [os.path.abspath(path) for path in zoneinfo.TZPATH] != [ZONES]:
        sys.exit(f"Set PYTHONTZPATH to {ZONES}, else other files are read.")
    with open(os.path.join(HERE, "zone_changes.txt"), "w", encoding="ascii") as out:
        out.write("# made by make_transitions.py: a zone, then the seconds since 1970 from which an offset holds, and the offset in seconds\n")
        for name in sorted(names()):
            out.write(name + "\n")
            for at, offset in changes(zoneinfo.ZoneInfo(name)):
                out.write(f"{at} {offset}\n")


main()
