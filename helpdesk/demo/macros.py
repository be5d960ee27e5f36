"""The demo's canned replies, each in both languages; some also act on the ticket."""

from __future__ import annotations

from helpdesk.demo.shapes import Bilingual, Macro

MACROS = (
    Macro(
        "acknowledge",
        Bilingual("We are looking into it", "Nous regardons"),
        Bilingual(
            """\
Hello {customer.name},

Thank you for your message. I am looking into it now and will come back to you today. \
Your request has the number {ticket.number}.

Kind regards,
{agent.name}""",
            """\
Bonjour {customer.name},

Merci pour votre message. Je regarde cela tout de suite et reviens vers vous \
aujourd'hui. Votre demande porte le numéro {ticket.number}.

Bien à vous,
{agent.name}""",
        ),
    ),
    Macro(
        "order-number",
        Bilingual("Ask for the order number", "Demander le numéro de commande"),
        Bilingual(
            """\
Hello {customer.name},

So that I can look at the right parcel, could you send me your order number? It begins \
with MF- and stands at the top of the confirmation e-mail.

Thank you,
{agent.name}""",
            """\
Bonjour {customer.name},

Afin de regarder le bon colis, pourriez-vous m'indiquer votre numéro de commande ? Il \
commence par MF- et figure en haut de l'e-mail de confirmation.

Merci d'avance,
{agent.name}""",
        ),
        {"status": "pending"},
    ),
    Macro(
        "photos",
        Bilingual("Ask for photos of the damage", "Demander des photos de la casse"),
        Bilingual(
            """\
Hello {customer.name},

I am sorry that it reached you in this state. Could you reply with two photos, one of \
the item and one of the box with its label? Please keep the packaging until we have \
sorted this out. With the photos I can send a replacement the same day.

{agent.name}""",
            """\
Bonjour {customer.name},

Je suis navré que l'article vous soit arrivé dans cet état. Pourriez-vous répondre avec \
deux photos, l'une de l'article et l'autre du carton avec son étiquette ? Conservez \
l'emballage d'ici là. Avec ces photos, je peux faire partir un remplacement le jour même.

{agent.name}""",
        ),
        {"status": "pending", "tags": ["photos-asked"]},
    ),
    Macro(
        "carrier-inquiry",
        Bilingual("Inquiry with the carrier", "Enquête auprès du transporteur"),
        Bilingual(
            """\
Hello {customer.name},

I have opened an inquiry with the carrier. They have two working days to find the \
parcel; if they do not, we send a new one or refund you, as you prefer. You have \
nothing to do: I will write to you either way.

{agent.name}""",
            """\
Bonjour {customer.name},

J'ai ouvert une enquête auprès du transporteur. Il a deux jours ouvrés pour retrouver \
le colis ; sinon, nous vous le renvoyons ou vous remboursons, à votre choix. Vous \
n'avez rien à faire : je vous écris dans tous les cas.

{agent.name}""",
        ),
        {"status": "hold", "tags": ["carrier-inquiry"]},
    ),
    Macro(
        "return-label",
        Bilingual("Return label sent", "Étiquette de retour envoyée"),
        Bilingual(
            """\
Hello {customer.name},

Your return label is on its way in a separate e-mail. Stick it on the box, hand it in at \
any parcel point within 14 days, and keep the receipt. We refund within 5 working \
days of its arrival with us.

{agent.name}""",
            """\
Bonjour {customer.name},

Votre étiquette de retour arrive dans un e-mail séparé. Collez-la sur le carton, déposez \
le tout en point relais sous 14 jours et gardez le reçu. Nous remboursons dans les \
5 jours ouvrés qui suivent son arrivée chez nous.

{agent.name}""",
        ),
        {"status": "solved", "tags": ["return-label"]},
    ),
    Macro(
        "refund-done",
        Bilingual("Refund made", "Remboursement effectué"),
        Bilingual(
            """\
Hello {customer.name},

Your refund left us today. It goes back to the means of payment you used and appears \
within 3 to 5 working days, depending on your bank. The credit note is attached to \
your account under My invoices.

{agent.name}""",
            """\
Bonjour {customer.name},

Votre remboursement est parti aujourd'hui. Il revient sur le moyen de paiement utilisé \
et apparaît sous 3 à 5 jours ouvrés selon votre banque. L'avoir se trouve dans votre \
espace client, rubrique Mes factures.

{agent.name}""",
        ),
        {"status": "solved", "tags": ["refund"]},
    ),
    Macro(
        "to-technical",
        Bilingual("Hand over to technical help", "Passer à l'assistance technique"),
        Bilingual(
            """\
Hello {customer.name},

This is a question for our workshop. I have passed your message on with everything you \
told me, so you need not repeat it; they will answer in this same conversation.

{agent.name}""",
            """\
Bonjour {customer.name},

C'est une question pour notre atelier. Je lui ai transmis votre message avec tout ce que \
vous m'avez dit : inutile de le répéter, la réponse arrivera dans cette même conversation.

{agent.name}""",
        ),
        {"queue": "technical"},
    ),
    Macro(
        "stop-using",
        Bilingual("Safety: stop using it", "Sécurité : ne plus utiliser"),
        Bilingual(
            """\
Hello {customer.name},

Thank you for telling us. Please stop using the product now. If it has a battery, do \
not charge it; put it outdoors or on a stone floor, away from anything that burns, if \
you can do so without risk. If there is smoke, leave and call 999.

Our safety engineer will call you within the hour. Which number should we use?

{agent.name}""",
            """\
Bonjour {customer.name},

Merci de nous prévenir. N'utilisez plus le produit. S'il a une batterie, ne la chargez \
pas ; si vous pouvez le faire sans risque, posez-la dehors ou sur un sol en pierre, loin \
de tout ce qui brûle. En cas de fumée, sortez et appelez le 18 ou le 112.

Notre ingénieur sécurité vous appelle dans l'heure. À quel numéro pouvons-nous vous \
joindre ?

{agent.name}""",
        ),
        {"priority": 4, "queue": "safety", "status": "pending", "tags": ["safety"]},
    ),
    Macro(
        "invoice-link",
        Bilingual("Where the invoice is", "Où trouver la facture"),
        Bilingual(
            """\
Hello {customer.name},

Your invoice is in your account: My orders, then the order, then Download invoice. I \
also attach it to this message.

{agent.name}""",
            """\
Bonjour {customer.name},

Votre facture est dans votre espace client : Mes commandes, puis la commande, puis \
Télécharger la facture. Je la joins aussi à ce message.

{agent.name}""",
        ),
        {"status": "solved"},
    ),
    Macro(
        "goodwill",
        Bilingual("Apology with a voucher", "Excuses et bon d'achat"),
        Bilingual(
            """\
Hello {customer.name},

You were right to write, and I am sorry. This is not how we want to look after you. \
I have put a voucher worth 10% of your order on your account; it is valid for a year and \
you need no code.

{agent.name}""",
            """\
Bonjour {customer.name},

Vous avez eu raison de nous écrire et je vous présente nos excuses : ce n'est pas ainsi \
que nous voulons vous servir. J'ai ajouté à votre compte un bon d'achat de 10 % de votre \
commande, valable un an et sans code à saisir.

{agent.name}""",
        ),
        {"tags": ["goodwill"]},
    ),
    Macro(
        "chat-hello",
        Bilingual("Chat: hello", "Chat : bonjour"),
        Bilingual(
            "Hello {customer.name}, {agent.name} here. Give me a moment to read what you wrote.",
            "Bonjour {customer.name}, ici {agent.name}. Un instant, je lis votre message.",
        ),
    ),
    Macro(
        "no-news",
        Bilingual("No news from you", "Sans nouvelles de vous"),
        Bilingual(
            """\
Hello {customer.name},

I have not heard from you, so I take it that all is well and close request \
{ticket.number}. If not, just answer this message: it opens again where we stopped.

{agent.name}""",
            """\
Bonjour {customer.name},

Sans nouvelles de vous, j'imagine que tout est rentré dans l'ordre et je clos la demande \
{ticket.number}. Sinon, répondez simplement à ce message : nous reprendrons où nous en \
étions.

{agent.name}""",
        ),
        {"status": "solved"},
    ),
)
