"""Marlotte & Finch, an invented shop for bicycles and kitchen things in France and Britain.

No such company exists: every address ends in `.example`, every telephone number lies in
a range reserved for fiction.
"""

from __future__ import annotations

from helpdesk.demo.shapes import (
    Bilingual,
    Category,
    Mailbox,
    Organization,
    Queue,
    Site,
    Skill,
    Staff,
    Team,
)

NAME = "Marlotte & Finch"
DOMAIN = "marlotte-finch.example"

TEAMS = (
    Team("orders-billing", Bilingual("Orders & billing", "Commandes et facturation")),
    Team("technical-help", Bilingual("Technical help", "Assistance technique")),
)

# `general` is where a request stays that no rule understands.
QUEUES = (
    Queue("general", Bilingual("General", "Général"), "orders-billing"),
    Queue("orders", Bilingual("Orders & delivery", "Commandes et livraison"), "orders-billing"),
    Queue("billing", Bilingual("Billing & refunds", "Facturation"), "orders-billing"),
    Queue("returns", Bilingual("Returns & damage", "Retours et casse"), "orders-billing"),
    Queue("technical", Bilingual("Bikes & appliances", "Vélos et appareils"), "technical-help"),
    Queue("account", Bilingual("Account & website", "Compte et site"), "technical-help"),
    # The one queue that gives its work out by itself: what burns or breaks waits for nobody to look
    Queue(
        "safety",
        Bilingual("Product safety", "Sécurité des produits"),
        "technical-help",
        strategy="least_busy",
        match_language=True,
    ),
)
DEFAULT_QUEUE = "general"

SKILLS = (
    Skill("en", Bilingual("English", "anglais"), "language"),
    Skill("fr", Bilingual("French", "français"), "language"),
    Skill("refunds", Bilingual("Refunds", "Remboursements")),
    Skill("bikes", Bilingual("Bikes", "Vélos")),
    Skill("appliances", Bilingual("Kitchen appliances", "Petit électroménager")),
)

STAFF = (
    Staff("alice", "Alice Moreau", f"alice@{DOMAIN}", "agent", ("orders-billing",), "fr", skills=("refunds",)),
    Staff(
        "sarah",
        "Sarah Whitlock",
        f"sarah@{DOMAIN}",
        "agent",
        ("orders-billing",),
        "en",
        languages=("en",),
        timezone="Europe/London",
    ),
    Staff(
        "karim",
        "Karim Haddad",
        f"karim@{DOMAIN}",
        "agent",
        ("orders-billing", "technical-help"),
        "fr",
        chat_capacity=4,
        skills=("refunds", "bikes"),
    ),
    Staff(
        "charlie",
        "Charlie Bennett",
        f"charlie@{DOMAIN}",
        "agent",
        ("technical-help",),
        "en",
        languages=("en",),
        skills=("bikes", "appliances"),
        ticket_capacity=25,
    ),
    Staff(
        "lucas",
        "Lucas Tessier",
        f"lucas@{DOMAIN}",
        "agent",
        ("technical-help",),
        "fr",
        skills=("appliances",),
        timezone="Europe/Paris",
        shifts=tuple((weekday, "09:00", "17:30") for weekday in range(5)),
        absence=(3, 10, "Annual leave / Congés annuels"),
    ),
    Staff(
        "rita",
        "Rita Lindqvist",
        f"rita@{DOMAIN}",
        "reader",
        ("orders-billing",),
        "en",
        chat_capacity=0,
    ),
    Staff(
        "bob",
        "Bob Hargreaves",
        f"bob@{DOMAIN}",
        "supervisor",
        ("orders-billing", "technical-help"),
        "en",
    ),
    Staff("admin", "Odile Ferrand", f"admin@{DOMAIN}", "admin", (), "fr", chat_capacity=0),
)

# When the desk says that it is open; rules may ask
OFFICE_HOURS = tuple((weekday, "08:30", "18:30") for weekday in range(6))
OFFICE_ZONE = "Europe/Paris"
OFFICE_HOLIDAYS = (
    "2026-01-01", "2026-05-01", "2026-05-08", "2026-07-14", "2026-12-25", "2027-01-01", "2027-05-01", "2027-07-14",
)  # fmt: skip

SUPPORT = f"support@{DOMAIN}"
BILLING = f"billing@{DOMAIN}"
FACTURATION = f"facturation@{DOMAIN}"

MAILBOXES = (
    Mailbox(SUPPORT, Bilingual("Customer care", "Service client"), "general"),
    Mailbox(BILLING, Bilingual("Billing (English)", "Facturation (anglais)"), "billing"),
    Mailbox(FACTURATION, Bilingual("Billing (French)", "Facturation (français)"), "billing"),
)

SITE = Site(
    key="shop",
    name=NAME,
    queue="general",
    greeting=Bilingual(
        "Hello! Ask us about an order, a bike or a kettle. We usually answer in a few minutes.",
        "Bonjour ! Une question sur une commande, un vélo ou une bouilloire ? "
        "Nous répondons en général en quelques minutes.",
    ),
)

CATEGORIES = (
    Category("delivery", Bilingual("Delivery", "Livraison")),
    Category("orders", Bilingual("Orders & payment", "Commandes et paiement")),
    Category("returns", Bilingual("Returns & refunds", "Retours et remboursements")),
    Category("bikes", Bilingual("Bikes", "Vélos")),
    Category("home", Bilingual("Kitchen & home", "Cuisine et maison")),
    Category("account", Bilingual("Account & app", "Compte et application")),
    Category("procedures", Bilingual("Team procedures", "Procédures de l'équipe")),
)

ORGANIZATIONS = (
    Organization("tilleuls", "Hôtel des Trois Tilleuls", "trois-tilleuls.example"),
    Organization("coursiers", "Les Coursiers du Canal", "coursiers-canal.example"),
    Organization("brackenhurst", "Brackenhurst Primary School", "brackenhurst-school.example"),
    Organization("fernhill", "Fernhill Holiday Cottages", "fernhill-cottages.example"),
    Organization("ocarina", "Studio Ocarina", "studio-ocarina.example"),
)
