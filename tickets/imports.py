"""Files of interactions and past requests: which fields their rows fill.

What becomes of a row is in `interaction_rows` and `imported.ticket_rows`, loaded for a file.
"""

from django.utils.translation import gettext_lazy as _

from helpdesk.people.imports.mapping import Rows, field_of, register
from helpdesk.people.models.imports import Kind

register(
    Kind.INTERACTIONS,
    Rows(
        (
            field_of(
                "external_id",
                _("External id"),
                "id, external id, ref, reference, number, numero, ticket, ticket id, identifiant, no",
            ),
            field_of(
                "customer",
                _("Customer’s external id"),
                "customer id, client id, customer, client, user id, id client, no client, n client, code client, numero client",
            ),
            field_of("email", _("Customer’s e-mail"), "email, e mail, mail, courriel, customer email, adresse e mail"),
            field_of("phone", _("Customer’s phone"), "phone, telephone, tel, mobile, portable"),
            field_of("kind", _("Kind"), "kind, type, channel, canal, nature"),
            field_of("at", _("Date"), "date, at, created at, created, cree le, date heure, quand"),
            field_of("title", _("Title"), "title, subject, titre, sujet, objet"),
            field_of("text", _("Text"), "text, body, description, message, note, texte, commentaire, detail"),
        ),
        frozenset({"external_id"}),
        _("Choose the column of the external id."),
        "tickets.interaction_rows.InteractionRows",
        "tickets.interaction_rows.back",
    ),
)
register(
    Kind.TICKETS,
    Rows(
        (
            field_of(
                "external_id",
                _("External id"),
                "external id, id, ref, reference, ticket, ticket id, ticket number, number, numero, identifiant, no, demande",
            ),
            field_of("subject", _("Subject"), "subject, title, sujet, objet, titre, summary, resume"),
            field_of("status", _("Status"), "status, state, statut, etat"),
            field_of("queue", _("Queue"), "queue, group, team, file, groupe, equipe, service, department"),
            field_of("kind", _("Kind"), "kind, type, nature, request type, type de demande"),
            field_of("priority", _("Priority"), "priority, priorite, urgency, urgence"),
            field_of("tags", _("Tags"), "tags, tag, labels, label, etiquettes, etiquette, mots cles", many=True),
            field_of(
                "created_at", _("Created"), "created at, created, date, opened, opened at, cree le, creation, ouvert le"
            ),
            field_of(
                "solved_at",
                _("Solved"),
                "solved at, solved, resolved, resolved at, closed at, resolu le, ferme le",
            ),
            field_of(
                "customer",
                _("Customer’s external id"),
                "customer id, client id, customer, client, user id, id client, no client, n client, code client, numero client",
            ),
            field_of(
                "email",
                _("Customer’s e-mail"),
                "email, e mail, mail, courriel, customer email, requester email, adresse e mail, requester",
            ),
            field_of("phone", _("Customer’s phone"), "phone, telephone, tel, mobile, portable"),
            field_of(
                "name", _("Customer’s name"), "name, customer name, requester name, nom, nom du client, demandeur"
            ),
            field_of("assignee", _("Agent’s e-mail"), "assignee, agent, owner, assigned to, assigne a, agent email"),
            field_of("channel", _("Channel"), "channel, canal, source, via"),
            field_of("language", _("Language"), "language, locale, lang, langue"),
            field_of("text", _("First message"), "text, body, description, message, texte, contenu, premier message"),
        ),
        frozenset({"external_id"}),
        _("Choose the column of the external id."),
        "tickets.imported.ticket_rows.TicketRows",
        "tickets.imported.undoing.ticket",
        "tickets.imported.exporting.tickets",
    ),
)
register(
    Kind.HELPDESK,
    Rows(
        (),
        frozenset(),
        "",
        "tickets.imported.foreign.taking.take",
        "tickets.imported.undoing.foreign",
        reader="tickets.imported.foreign.reading.understand",
        choices="tickets.imported.foreign.reading.queues",
    ),
)
