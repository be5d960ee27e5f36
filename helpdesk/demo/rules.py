"""The demo's routing rules, in the order in which they are tried.

Three rules name the kind of the request and let the search go on; the others choose a
queue and end it. No two rules that can both apply give the same thing twice, except tags.
Behind them stand one that is only watched (shadow), one that hears new messages, and one
that looks at the clock; saved tests tell in both languages what must come out.
"""

from __future__ import annotations

from helpdesk.demo import company
from helpdesk.demo.shapes import Bilingual, Json, Rule, RuleTest


def words(terms: str) -> Json:
    """Any of these, between commas: `rembours*` begins so, `"money back"` stands together."""
    return {"field": "text", "op": "words", "value": [term.strip() for term in terms.split(",")]}


def one_of(field: str, *values: str) -> Json:
    return {"field": field, "op": "in", "value": list(values)}


UNHAPPY = words(
    """
    inadmissible, inacceptable, scandaleu*, réclamation, déçu*, lamentable, furieu*,
    "en colère", "ras le bol", "me moque", "toujours rien", honteu*, cassé, cassée, cassés, cassées, abîmé*, endommag*,
    ébréché*, "deux fois", "mauvais article", unacceptable, complain*, disappoint*, disgrace*,
    appalling, ridiculous, "fed up", "not good enough", "still waiting", "still nothing",
    damaged, broken, dented, chipped, smashed, "charged twice", "wrong item"
    """
)

ASKING = words(
    """
    "est-ce que", "avez-vous", "livrez-vous", "proposez-vous", combien, quelle*,
    "est-il possible", "savoir si", "je me demande", "quels sont", "vendez-vous", "how much",
    "how long", "do you", "is it possible", "would like to know", "what are", wondering,
    "could you tell", "can you tell", "which size"
    """
)

STUCK = words(
    """
    "n'arrive pas", "n'arrive plus", "ne marche", "marche pas", "marche plus", "ne fonctionne",
    "fonctionne plus", "aidez-moi", "besoin d'aide", "m'aider", "pouvez-vous", "pourriez-vous",
    "je voudrais", "je souhaite", "how do i", "won't", "doesn't", "can't", "cannot",
    "not working", "stopped working", "please help", "need help", "can you", "could you",
    "i'd like to", "i need", "ne veut pas", "trouve pas", changer, "il manque", "pas le bon", expiré, fuit,
    "locked out", "what do i do", "what to look for", "please close"
    """
)

RULES = (
    Rule(
        Bilingual("Unwanted offers", "Offres non sollicitées"),
        {
            "all": [
                words(
                    """
                    backlink*, seo, "guest post", "first page of search", casino,
                    "crédit sans justificatif", "prêt rapide", "première page des moteurs"
                    """
                )
            ],
            "none": [one_of("channel", "phone", "shop", "letter")],
        },
        {"queue": "general", "priority": 1, "tags": ["suspect"]},
    ),
    Rule(
        Bilingual("Danger first", "Le danger d'abord"),
        {
            "all": [
                words(
                    """
                    fumée, fume, brûl*, "pris feu", "prend feu", incendie, étincelle*,
                    "court-circuit", "coup de jus", surchauff*, blessé*, blessure*,
                    "freins ont lâché", "frein a lâché", fissur*, "batterie gonflée", smoke,
                    smoking, burn*, "on fire", "caught fire", sparks, sparking,
                    "electric shock", overheat*, injur*, "brakes failed", "brake failed",
                    "hairline crack", "battery is swollen", "swollen battery"
                    """
                )
            ],
            # Three colours of the Galet casserole, and a coffee.
            "none": [words('"burnt orange", "smoke grey", "terre brûlée", "gris fumé", brûlerie')],
        },
        {"queue": "safety", "priority": 4, "kind": "assistance", "tags": ["safety"]},
    ),
    Rule(
        Bilingual("Sounds like a complaint", "Ressemble à une réclamation"),
        {"all": [UNHAPPY]},
        {"kind": "complaint", "tags": ["unhappy"]},
        stops=False,
    ),
    Rule(
        Bilingual("Sounds like a question", "Ressemble à une question"),
        {"all": [ASKING], "none": [UNHAPPY]},
        {"kind": "information"},
        stops=False,
    ),
    Rule(
        Bilingual("Needs a hand", "A besoin d'un coup de main"),
        {"all": [STUCK], "none": [UNHAPPY, ASKING]},
        {"kind": "assistance"},
        stops=False,
    ),
    Rule(
        Bilingual("Business customers", "Clients professionnels"),
        {"all": [one_of("domain", *(each.domain for each in company.ORGANIZATIONS))]},
        {"priority": 3, "tags": ["business"]},
        stops=False,
    ),
    Rule(
        Bilingual("Written to billing", "Écrit à la facturation"),
        {"all": [one_of("mailbox", company.BILLING, company.FACTURATION)]},
        {"queue": "billing"},
    ),
    Rule(
        Bilingual("Jobs and press", "Candidatures et presse"),
        {
            "any": [
                words('candidature*, "stage de", "job application", vacancy, apprenticeship'),
                words('journaliste, journalist, "press kit", "dossier de presse"'),
            ]
        },
        {"queue": "general", "tags": ["not-a-customer"]},
    ),
    Rule(
        Bilingual("Account and personal data", "Compte et données personnelles"),
        {
            "any": [
                words(
                    """
                    "mot de passe", "me connecter", "mon compte", "votre newsletter",
                    identifiant*, désinscri*, rgpd, "données personnelles", password, login,
                    "log in", "sign in", "my account", newsletter, unsubscribe, gdpr,
                    "personal data", "verification code"
                    """
                ),
                words('"page blanche", "votre site", "your website", "at checkout"'),
            ],
            "none": [words('bluetooth, appair*, pairing, "Finch Ride", "compte bancaire"')],
        },
        {"queue": "account"},
    ),
    Rule(
        Bilingual("Arrived damaged or wrong", "Arrivé abîmé ou erroné"),
        {
            "all": [
                words(
                    """
                    cassé, cassée, cassés, cassées, abîmé*, endommag*, ébréché*, rayé*, tordu*, "mauvais article",
                    "pas le bon", "il manque", damaged, smashed, chipped, dented, scratched,
                    "arrived broken", "wrong item", "wrong colour", "is missing",
                    "are missing", "was missing"
                    """
                )
            ],
            "none": [words('"pièce détachée", "spare part"')],
        },
        {"queue": "returns", "priority": 3, "tags": ["damaged"]},
    ),
    Rule(
        Bilingual("Refunds", "Remboursements"),
        {
            "all": [
                words(
                    """
                    rembours*, "trop perçu", "débité deux fois", "prélevé deux fois", refund*,
                    "money back", "charged twice", overcharged
                    """
                )
            ]
        },
        {"queue": "billing", "tags": ["refund"]},
    ),
    Rule(
        Bilingual("Invoices and payment", "Factures et paiement"),
        {
            "all": [
                words(
                    """
                    factur*, paiement*, tva, virement, "carte bancaire", "bon cadeau",
                    "code promo", devis*, invoice*, payment*, vat, "bank transfer", "gift card",
                    "discount code", quote, receipt
                    """
                )
            ]
        },
        {"queue": "billing", "tags": ["payment"]},
    ),
    Rule(
        Bilingual("Returns and exchanges", "Retours et échanges"),
        {
            "all": [
                words(
                    """
                    retour, retours, retourner, renvoyer, renvoi, échang*, rétract*,
                    "trop petit", "trop petits", "trop petite", "trop grand", "trop grande", return,
                    returns, returning, exchange*, "send back", "send it back",
                    "too small", "too big"
                    """
                )
            ],
            "none": [words('"suis de retour", "aller-retour", "return my call", "in return"')],
        },
        {"queue": "returns"},
    ),
    Rule(
        Bilingual("Bikes and appliances", "Vélos et appareils"),
        {
            "any": [
                words(
                    """
                    batterie*, chargeur, recharg*, moteur, frein*, dérailleur, vitesses,
                    chaîne, pneu*, "chambre à air", pédale*, selle, montage, remonter,
                    bluetooth, appair*, appli, "pièce détachée", crevaison
                    """
                ),
                words(
                    """
                    battery, charger*, recharg*, motor, brake*, derailleur, gears, chain, tyre*,
                    "inner tube", pedal*, saddle, assembl*, pairing, app, "spare part",
                    puncture*, firmware
                    """
                ),
                {
                    "all": [
                        words(
                            """
                            bouilloire*, cafetière*, kettle*, "coffee maker",
                            "coffee makers", cocotte*
                            """
                        ),
                        words(
                            """
                            calcaire, détartr*, fuit, fuite*, "ne chauffe", "s'allume",
                            "s'éteint", limescale, descal*, leak*, dripping, heat, boil*,
                            switches, hob, induction
                            """
                        ),
                    ]
                },
            ]
        },
        {"queue": "technical"},
    ),
    Rule(
        Bilingual("Orders and delivery", "Commandes et livraison"),
        {
            "all": [
                words(
                    """
                    livr*, colis, suivi, transporteur, expédi*, commande*, annul*,
                    "point relais", deliver*, parcel*, tracking, courier, dispatch*, shipp*,
                    order, orders, ordered, cancel*
                    """
                )
            ]
        },
        {"queue": "orders"},
    ),
    Rule(
        Bilingual("Lost on the way? (watched)", "Perdu en route ? (observée)"),
        {
            "all": [
                words('"colis perdu"~3, "jamais arrivé*"~2, "parcel lost"~3, "never arrived"~2'),
                {"field": "language", "op": "in", "value": ["fr", "en"]},
            ]
        },
        {"queue": "orders", "priority": 3, "tags": ["lost-parcel"]},
        more={"shadow": True},
    ),
    Rule(
        Bilingual("Customer speaks of a lawyer", "Le client parle d'un avocat"),
        {
            "all": [
                {
                    "field": "body",
                    "op": "words",
                    "value": ["avocat", "mise en demeure", "tribunal", "lawyer", "solicitor", "legal action"],
                    "stem": True,
                    "of": "current",
                },
                {"field": "author", "op": "is", "value": "customer"},
            ]
        },
        {"priority": 4, "tags": ["legal"]},
        stops=False,
        more={"trigger": "event", "events": ["message.posted"]},
    ),
    Rule(
        Bilingual("Two days without an answer", "Deux jours sans réponse"),
        {"all": [{"field": "priority", "op": "at_most", "value": 2, "of": "current"}]},
        {"priority": 3, "tags": ["overdue"]},
        stops=False,
        more={"trigger": "time", "after": {"since": "waiting", "minutes": 2880}},
    ),
)

TESTS = (
    RuleTest(
        Bilingual("A refund goes to billing", "Un remboursement va à la facturation"),
        {"subject": "Refund please", "body": "I would like my money back for order 1042.", "channel": "web"},
        {"queue": "billing", "tags": ["refund"]},
    ),
    RuleTest(
        Bilingual("Smoke is urgent", "La fumée est urgente"),
        {"subject": "Bouilloire", "body": "Il y a eu de la fumée quand je l'ai branchée !", "channel": "email"},
        {"queue": "safety", "priority": 4},
    ),
    RuleTest(
        Bilingual("Smoke grey is a colour", "Gris fumé est une couleur"),
        {
            "subject": "Couleur",
            "body": "La cocotte gris fumé est-elle en stock ? Je voudrais commander.",
            "channel": "web",
        },
        {"queue": "orders"},
    ),
    RuleTest(
        Bilingual("Accents and capitals do not count", "Accents et majuscules ne comptent pas"),
        {"subject": "RECU CASSE", "body": "MON COLIS EST ARRIVE ABIME", "channel": "email"},
        {"queue": "returns", "tags": ["damaged"]},
    ),
)
