"""Files of interactions: which fields their rows fill. What becomes of a row is in `interaction_rows`, loaded for a file."""

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
