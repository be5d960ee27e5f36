"""What `make run` does after setup, in one process because importing Django takes most of the time: migrate, demo, serve."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

import django
from django.core import management


def main() -> None:
    django.setup()
    management.call_command("migrate", verbosity=0)
    management.call_command("demo", "--if-empty", "--waiting")
    management.call_command("serve", "--port", os.environ.get("PORT", "8000"))


if __name__ == "__main__":
    main()
