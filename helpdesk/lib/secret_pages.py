"""Pages whose address is a secret: whoever knows it needs no other proof."""

from django.http import HttpResponse


def unkept(response: HttpResponse) -> HttpResponse:
    """Such a page is not cached, not indexed, and no other site learns of it.

    Not `no-referrer`: with it browsers send `Origin: null` along with the form, which the CSRF check refuses.
    """
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
