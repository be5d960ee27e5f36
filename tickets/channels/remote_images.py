"""Pictures that a mail only points to, fetched for an agent who asked: their owner learns our address, never the agent's.

Nothing else can be fetched this way: the address is read from a stored message, never from the request.
"""

import http.client
import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin

from helpdesk.lib import errors, fetching
from helpdesk.lib.fetching import Deadline
from tickets import attachments
from tickets.models import Message

MAX_BYTES = 5 * 1024 * 1024
SECONDS = 10
MAX_REDIRECTS = 3
_HEADERS = {"User-Agent": "Mozilla/5.0", "Accept": "image/*"}
_SOURCE = re.compile(r'<img\b[^>]*?\bdata-remote-src="([^"]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes of a picture and what they are, by their content."""

    data: bytes
    type: str


def fetch(message: Message, number: int) -> Picture:
    """The picture behind the `number`-th remote image of a message, in the order of its HTML, from 0.

    Raises NotFound: no such image, an address we do not connect to, an answer that is no picture, too big or too late.
    """
    sources = _SOURCE.findall(message.html)
    if number >= len(sources):
        raise errors.NotFound()
    try:
        data = _get(unescape(sources[number]))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise errors.NotFound() from error
    kind = attachments.detect(data, "")
    if kind not in attachments.SHOWN_IN_PAGE:
        raise errors.NotFound()
    return Picture(data, kind)


def _get(url: str) -> bytes:
    """Without cookies, referrer, or anything that tells who asks."""
    deadline = Deadline(SECONDS)
    for _ in range(MAX_REDIRECTS + 1):
        answer = fetching.get(url, headers=_HEADERS, deadline=deadline, limit=MAX_BYTES, schemes=("http", "https"))
        if not answer.location:
            return answer.data
        url = urljoin(url, answer.location)
    raise ValueError("too many redirects")
