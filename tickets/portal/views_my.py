"""My requests: signed in by a mailed link, the customer reads, adds to and closes what is his or shared with him."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.lib import errors, ratelimit
from helpdesk.people import tokens
from helpdesk.people.models import Customer
from tickets import access, attachments, lifecycle
from tickets.access import Reading
from tickets.portal import asking, links, listing, reading, session, thread_page, uploads
from tickets.portal.forms import LoginForm, ReplyForm
from tickets.portal.listing import Wish
from tickets.portal.session import unkept
from tickets.portal.uploads import Files


@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same whether or not the address is known."""
    if request.method == "POST":
        return _send_link(request)
    if session.customer(request) is not None:
        return redirect("my")
    number = request.GET.get("request", "")
    form = LoginForm(initial={"request": number if number.isdecimal() else ""})
    context = {"form": form, "is_sent": "sent" in request.GET, "minutes": links.lifetime(), "here": "my"}
    return render(request, "tickets/portal/login.html", context)


def _send_link(request: HttpRequest) -> HttpResponse:
    form = LoginForm(request.POST)
    try:
        ratelimit.check("login", ratelimit.source(request), limit=settings.RATE_PUBLIC_PER_MINUTE, seconds=60)
        if form.is_valid():
            language = get_language() or settings.LANGUAGE_CODE
            given = form.cleaned_data
            with transaction.atomic():
                links.ask(given["email"], language=language, number=given["request"])
            return redirect(reverse("my-login") + "?sent=1")
    except errors.DomainError as error:
        form.refuse(error)
    return render(request, "tickets/portal/login.html", {"form": form, "here": "my"}, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link shows a button, because mail scanners follow links; the button signs in."""
    if request.method != "POST":
        return _button(request, tokens.LOGIN, token, "tickets/portal/link.html")
    found = tokens.peek(tokens.LOGIN, token)
    who = tokens.use(tokens.LOGIN, token)
    if who is None or found is None:
        return _expired(request)
    session.sign_in(request, who, found.email)
    number = request.POST.get("request", "")
    return redirect("my-request", number=int(number)) if number.isdecimal() and len(number) < 12 else redirect("my")


@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a chat: whoever presses the button says that the chat was his, and its answers may be mailed to him."""
    if request.method != "POST":
        return _button(request, tokens.PROVE, token, "tickets/portal/prove.html")
    if tokens.use(tokens.PROVE, token) is None:
        return _expired(request)
    return unkept(render(request, "tickets/portal/proved.html"))


def _button(request: HttpRequest, purpose: str, token: str, template: str) -> HttpResponse:
    found = tokens.peek(purpose, token)
    if found is None:
        return _expired(request)
    context = {"email": found.email, "number": request.GET.get("request", "")}
    return unkept(render(request, template, context))


def _expired(request: HttpRequest) -> HttpResponse:
    return unkept(render(request, "tickets/portal/link_expired.html", status=404))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """This browser forgets the customer."""
    session.sign_out(request)
    return redirect("my-login")


@require_safe
@session.needed
def requests(request: HttpRequest, who: Customer) -> HttpResponse:
    """The requests that the customer reads, newest first."""
    page = listing.page(who, Wish.of(request.GET))
    return render(request, "tickets/portal/requests.html", {"customer": who, "here": "my", "page": page})


@require_safe
@session.needed
def one_request(request: HttpRequest, who: Customer, number: int) -> HttpResponse:
    """One request: what both sides said, and nothing that was said about it."""
    return thread_page.show(request, who, access.of_customer(who, number))


@require_safe
@session.needed
def file(request: HttpRequest, who: Customer, number: int, key: UUID) -> HttpResponse:
    """A file of the thread, however long its page has been open: permitted anew, then by a link that soon expires."""
    found = reading.file(access.of_customer(who, number).ticket, key)
    return redirect(attachments.url(found, viewer=f"customer:{who.pk}"))


@require_http_methods(["GET", "HEAD", "POST"])
@session.needed
def reply(request: HttpRequest, who: Customer, number: int) -> HttpResponse:
    """Add words or files; on a closed request this opens a new one that follows it."""
    found = access.of_customer(who, number, needs="reply")
    if request.method != "POST":
        return redirect("my-request", number=number)
    is_welcome = ratelimit.allow("my-reply", str(who.pk), limit=settings.RATE_PUBLIC_PER_MINUTE, seconds=60)
    form, files = ReplyForm(request.POST), uploads.gather(request, is_welcome=is_welcome)
    if not is_welcome:
        form.refuse(errors.TooMany())
    elif form.is_valid() and not files.refused:
        return _add(request, who, found, form, files)
    return thread_page.show(request, who, found, form=form, files=files)


def _add(request: HttpRequest, who: Customer, found: Reading, form: ReplyForm, files: Files) -> HttpResponse:
    try:
        receipt = asking.add(found.ticket, form.cleaned_data, files, customer=who)
    except errors.Conflict as conflict:
        form.renew()
        files.let_go()
        form.refuse(conflict)
    except errors.DomainError as error:
        form.refuse(error)
    else:
        target = reverse("my-request", kwargs={"number": receipt.ticket.pk})
        return redirect(f"{target}?sent={receipt.message.seq}#m{receipt.message.seq}")
    return thread_page.show(request, who, found, form=form, files=files)


@require_POST
@session.needed
def solve(request: HttpRequest, who: Customer, number: int) -> HttpResponse:
    """The customer says that his request is answered."""
    ticket = access.of_customer(who, number, needs="solve").ticket
    lifecycle.solve(ticket, by=who.actor)
    return redirect("my-request", number=ticket.pk)
