"""Small exports as Zammad and Zendesk write them: fields that matter here, ids and times made up."""

import base64
import io
import json
import zipfile
from typing import Any

Json = dict[str, Any]
ZAMMAD_GROUPS: list[Json] = [
    {"id": 1, "name": "Facturation", "follow_up_possible": "yes"},
    {"id": 2, "name": "Users", "follow_up_possible": "yes"},
]
ZAMMAD_STATES: list[Json] = [
    {"id": 4, "name": "closed", "state_type_id": 5},
    {"id": 9, "name": "lab", "state_type_id": 1},
]
ZAMMAD_ORGANIZATIONS: list[Json] = [
    {"id": 7, "name": "Acme", "shared": True, "domain": "acme.fr", "domain_assignment": False}
]
ZAMMAD_USERS: list[Json] = [
    {"id": 3, "login": "alice@example.com", "firstname": "Alice", "lastname": "M", "email": "alice@example.com",
     "role_ids": [2], "organization_id": None, "phone": ""},
    {"id": 4, "login": "old@example.com", "firstname": "Olga", "lastname": "Old", "email": "old@example.com",
     "roles": ["Agent"], "organization_id": None, "phone": ""},
    {"id": 12, "login": "zoe", "firstname": "Zoé", "lastname": "Petit", "email": "zoe@example.com", "role_ids": [3],
     "organization_id": 7, "phone": "+33 1 23 45 67 89", "mobile": "call me", "note": "<b>VIP</b>"},
]  # fmt: skip
ZAMMAD_TICKETS: list[Json] = [
    {"id": 50, "group_id": 1, "priority_id": 3, "state_id": 4, "organization_id": 7, "number": "22050", "title": "Facture",
     "owner_id": 3, "customer_id": 12, "close_at": "2026-02-03T10:00:00.000Z", "created_at": "2026-02-01T08:00:00.000Z",
     "updated_at": "2026-02-03T10:00:00.000Z", "tags": ["VIP"], "create_article_type_id": 1},
    {"id": 51, "group_id": 2, "priority_id": 2, "state_id": 9, "number": "22051", "title": "x", "owner_id": 1,
     "customer_id": 12, "created_at": "2026-02-01T08:00:00Z"},
    {"id": 52, "group": "Users", "priority": "2 normal", "state": "open", "number": "22052", "title": "Accès",
     "owner_id": 4, "customer_id": 12, "created_at": "2026-02-04T08:00:00Z", "group_id": 2},
]  # fmt: skip
ZAMMAD_ARTICLES: list[Json] = [
    {"id": 102, "ticket_id": 50, "type_id": 10, "sender_id": 1, "internal": True, "content_type": "text/plain",
     "body": "à vérifier", "created_by_id": 4, "created_at": "2026-02-02T08:00:00.000Z", "attachments": []},
    {"id": 101, "ticket_id": 50, "type_id": 1, "sender_id": 2, "internal": False, "content_type": "text/html",
     "from": "Zoé <zoe@example.com>", "body": "<p>Le montant<script>alert(1)</script> est faux</p>", "created_by_id": 12,
     "created_at": "2026-02-01T08:00:00.000Z",
     "attachments": [{"id": 1, "filename": "note.txt", "size": "5", "data": base64.b64encode(b"hello").decode()},
                     {"id": 2, "filename": "scan.pdf", "size": "9000"}]},
    {"id": 103, "ticket_id": 50, "type_id": 1, "sender_id": 1, "internal": False, "content_type": "text/plain",
     "body": "Corrigé.", "created_by_id": 3, "created_at": "2026-02-03T10:00:00.000Z", "attachments": []},
    {"id": 104, "ticket_id": 52, "type": "web", "sender": "Customer", "internal": False, "content_type": "text/plain",
     "body": "Je n’entre plus", "created_by_id": 12, "created_at": "2026-02-04T08:00:00Z"},
    {"id": 105, "ticket_id": 99, "type": "web", "sender": "Customer", "internal": False, "content_type": "text/plain",
     "body": "lost", "created_by_id": 12, "created_at": "2026-02-04T08:00:00Z"},
]  # fmt: skip


def zammad() -> bytes:
    """Pages of the REST API, each saved as a file, in one ZIP."""
    parts = {
        "ticket_articles.json": ZAMMAD_ARTICLES, "tickets.json": ZAMMAD_TICKETS, "users.json": ZAMMAD_USERS,
        "organizations.json": ZAMMAD_ORGANIZATIONS, "groups.json": ZAMMAD_GROUPS, "ticket_states.json": ZAMMAD_STATES,
    }  # fmt: skip
    return packed({name: json.dumps(rows) for name, rows in parts.items()})


def packed(parts: dict[str, str | bytes]) -> bytes:
    """A ZIP of these."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in parts.items():
            box.writestr(name, content)
    return out.getvalue()


ZENDESK_LINES: list[Json] = [
    {"id": 900, "url": "https://x.zendesk.com/api/v2/organizations/900.json", "name": "Acme", "domain_names": ["acme.fr"]},
    {"id": 300, "name": "Alice", "email": "alice@example.com", "role": "agent", "phone": None, "organization_id": None},
    {"id": 301, "name": "Zoé Petit", "email": "zoe@example.com", "role": "end-user", "phone": "+33123456789",
     "organization_id": 900, "locale": "fr-FR"},
    {"id": 77, "url": "https://x.zendesk.com/api/v2/tickets/77.json", "via": {"channel": "email"}, "subject": "Facture",
     "description": "Le montant est faux", "type": "incident", "priority": "urgent", "status": "solved", "tags": ["vip"],
     "created_at": "2026-02-01T08:00:00Z", "updated_at": "2026-02-05T08:00:00Z", "requester_id": 301, "assignee_id": 300,
     "group_id": 20, "group": {"id": 20, "name": "Billing"}, "metric_set": {"solved_at": "2026-02-03T10:00:00Z"},
     "comments": [
         {"id": 1, "type": "Comment", "author_id": 301, "body": "Le montant est faux", "html_body": "<p>Le montant est faux</p>",
          "public": True, "created_at": "2026-02-01T08:00:00Z", "via": {"channel": "email"},
          "attachments": [{"id": 5, "file_name": "scan.pdf", "content_url": "https://x.zendesk.com/a/5", "size": 90}]},
         {"id": 2, "type": "Comment", "author_id": 300, "body": "note", "html_body": "<p>note</p>", "public": False,
          "created_at": "2026-02-02T08:00:00Z", "via": {"channel": "web"}, "attachments": []}]},
    {"id": 78, "subject": "Effacée", "status": "deleted", "requester_id": 301, "created_at": "2026-02-01T08:00:00Z"},
]  # fmt: skip


def zendesk() -> bytes:
    """A full JSON export: one record a line."""
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in ZENDESK_LINES).encode()
