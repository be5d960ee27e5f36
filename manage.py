#!/usr/bin/env python
"""Guichet's command line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    if sys.argv[1:2] == ["serve"] and (port := _port(sys.argv[2:])):
        # The port is part of the public address and of the allowed socket origins, which the settings make as they load.
        os.environ["PORT"] = port
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def _port(arguments: list[str]) -> str:
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, _equals, value = argument.partition("=")
        if name == "--port":
            return value or following
    return ""


if __name__ == "__main__":
    main()
