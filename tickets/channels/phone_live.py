"""News of calls, to the desks of those at whom it rings and of who has it: to nobody else."""

from helpdesk.events.models import Event
from helpdesk.lib import live
from tickets import live as tickets_live
from tickets.channels import phone_numbers
from tickets.models import Call


def changed(event: Event) -> None:
    """Live listener of everything that happens to a call."""
    call = Call.objects.with_people().filter(pk=event.subject_id).first()
    if call is None:
        return
    people = {user.pk for user in call.rung.all()} | ({call.agent.pk} if call.agent else set())
    news = {
        "type": "call.changed",
        "call": call.pk,
        "state": call.state,
        "direction": call.direction,
        "number": phone_numbers.shown(call.number),
        "agent": {"id": call.agent.pk, "name": call.agent.name} if call.agent else None,
        "ticket": call.ticket_id,
    }
    live.send_all([tickets_live.user(pk) for pk in sorted(people)], news)
