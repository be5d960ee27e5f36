"""The ASGI entry: pages and API over HTTP; the sockets join in `chat.routing`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

from django.core.asgi import get_asgi_application  # noqa: E402

application = get_asgi_application()
