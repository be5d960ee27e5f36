"""Spam and honest mail to a shop, generated, in English and French. Nobody's mail is in here.

Spam comes in families (an offer to the owner of a website, a prize, a bank that warns ...), each with sentences of its
own; honest mail is what `questions` makes, and letters that speak of the same things as spam does: sums, links, accounts.
"""

# ruff: noqa: E501  (sentences)

import random
from dataclasses import dataclass

from tests.bench import questions

FAMILIES = {
    "seo": """Boost your ranking on the first page of Google | Dear webmaster | I was looking at your website and found many errors
        We offer SEO services and high quality backlinks | Our link building package starts at {sum} | Increase your traffic within 30 days
        Reply for a free SEO audit of {site} | We have helped 500 companies rank | {link}""",
    "guest_post": """Guest post on {site} | Dear editor | I would love to publish a sponsored article on your blog
        We pay {sum} per guest post with a do-follow link | The content is unique and well written | Let me know your price for a link
        I can send three topics today | Looking forward to a long cooperation | {link}""",
    "lottery": """You have won | Dear beneficiary | Your e-mail was drawn in our international lottery
        You won {sum} | To claim your prize send name, phone and bank account | The wire transfer fee is only 50 dollars
        Keep this confidential | Contact our agent Mr Johnson at once | {link}""",
    "inheritance": """Business proposal | Dear friend | I am a lawyer of a late client who shares your family name
        He left {sum} without next of kin | I propose that you stand as beneficiary | We share the inheritance half and half
        It is one hundred percent risk free | Send me your private phone number | God bless you""",
    "crypto": """Make {sum} a day with bitcoin | Hello investor | Our trading robot gives guaranteed returns
        Double your bitcoin in one week | Passive income while you sleep | Celebrities use this crypto investment
        Only few places left, act now | No experience needed | {link}""",
    "pills": """Lose weight without effort | Hi | Doctors hate this trick
        Viagra and cialis without prescription | Cheap meds from our online pharmacy | Discreet delivery world wide
        Buy two and get one free | Limited time offer | {link}""",
    "casino": """{sum} welcome bonus | Hello player | Your free spins are waiting
        Best online casino of the year | Play now and win the jackpot | Deposit 10 and play with 100
        Online betting with the best odds | Click here to start | {link}""",
    "phishing": """Your mailbox is full | Dear user | We detected an unusual sign in to your account
        Your password expires today | Verify your account now or it will be closed | Click the link below to keep your messages
        Ignore this and your account is suspended | IT support team | {link}""",
    "parcel_trap": """Your parcel is on hold | Dear customer | A customs fee of 1.99 must be paid
        Confirm your identity to release the package | Click here to update your payment | Delivery fails in 24 hours
        Your shipment could not be delivered | Thank you for your trust | {link}""",
    "factory": """Best price from factory | Dear sir/madam | We are a leading manufacturer in Shenzhen
        We produce LED lights and plastic moulds with best quality | Minimum order 500 pieces, price {sum} | Please send us your inquiry
        ISO certified factory since 2003 | Our catalogue is attached | {link}""",
    "apps": """Mobile app development | Hello | We are a team of 50 developers
        Website redesign and mobile app development at low cost | Hire a developer for {sum} a month | May we have a short call this week
        We saw that {site} is slow on phones | Share your requirements | {link}""",
    "loan": """Quick loan offer | Good day | Do you need a loan without papers
        Loans from 5,000 to {sum} at two percent | Approval in 24 hours | No collateral, no obligation
        Apply now with a copy of your passport | We lend to everybody | {link}""",
    "leads": """Email list of decision makers | Hi there | We sell verified lead generation data
        50,000 contacts in your industry for {sum} | All e-mails checked last month | Shall I send samples and counts
        Reply unsubscribe to opt out | Best regards, Jessica | {link}""",
    "dating": """Somebody likes you | Hey handsome | I saw your profile and I feel lonely
        Hot singles in your town want to meet you | Registration is free tonight | My photos are on this dating site
        Write me soon, kisses | I am 26 and very open | {link}""",
    "seo_fr": """Votre site en première page de Google | Bonjour | J'ai analysé votre site et relevé des erreurs
        Nous proposons un référencement naturel à partir de {sum} | Plus de visibilité sur Google en 30 jours | Création de site sur mesure
        Demandez votre audit gratuit | Offre limitée ce mois | {link}""",
    "prize_fr": """Vous avez gagné | Cher bénéficiaire | Votre adresse a été tirée au sort à notre loterie
        Vous avez gagné {sum} | Pour recevoir le lot envoyez nom, téléphone et RIB | Les frais de dossier sont de 80 euros
        Gardez cela confidentiel | Contactez maître Dubois sans attendre | {link}""",
    "loan_fr": """Offre de prêt entre particuliers | Bonjour | Je suis un particulier qui accorde des prêts
        Crédit rapide de 2 000 à {sum} au taux de deux pour cent | Réponse en 48 heures sans justificatif | Prêt rapide même si vous êtes fiché
        Contactez-moi par courriel uniquement | Affaire sérieuse | {link}""",
    "phishing_fr": """Votre compte sera fermé | Cher client | Nous avons remarqué une connexion inhabituelle
        Vérifiez votre compte sous 24 heures | Cliquez sur le lien pour confirmer votre identité | Mettez à jour vos informations bancaires
        Votre carte vitale expire | Le service sécurité | {link}""",
    "crypto_fr": """Gagnez {sum} par jour | Bonjour investisseur | Notre robot vous assure des revenus passifs
        Investissement crypto sans risque | Doublez votre mise en une semaine | Agissez maintenant, il reste peu de places
        Sans engagement et sans connaissances | Gagnez de l'argent depuis chez vous | {link}""",
}
HONEST = {
    "en": """Invoice 2024-{n} | Hello, please find attached our invoice for the delivery of March. | The amount of {sum} is due in 30 days. | Our bank account has not changed.
        Unsubscribe | Hi, please take my address off your newsletter. | I clicked the link to unsubscribe three times. | It does not work.
        Account suspended? | I got a mail that my account is suspended, is it really from you? | It says verify your account at {link} | I did not click.
        Offer for our office | We need 40 lamps for our company, could you make an offer? | Our budget is about {sum}. | A call this week would be good.
        Prize draw | I took part in your prize draw, when do you announce who has won? | I would love to win the bike! | Good luck to all.
        Loan bike | Do you lend a bike while mine is repaired? | How much is it per day? | I need it urgently.
        Broken page on your website | The page {link} shows an error when I choose the size. | I use a phone. | Maybe your developers can look at it.
        Article about you | I write for the town's paper and would like to report on your repair café. | Could I come for photos? | The article appears in May.
        Application | Dear Sir or Madam, I would like to work in your workshop. | My CV is attached. | I am free from June.
        Do you take bitcoin | I would like to pay {sum} in bitcoin. | Is that possible, or only by card? | Thank you.
        Refund of {sum} | You promised to refund {sum} two weeks ago. | Please click through my order history, it is all there. | I am very annoyed.
        Photos of the damage | You find the photos here: {link} | The parcel was open. | What now?""",
    "fr": """Facture 2024-{n} | Bonjour, veuillez trouver ci-joint notre facture pour la livraison de mars. | Le montant de {sum} est dû à 30 jours. | Notre RIB n'a pas changé.
        Désabonnement | Bonjour, retirez mon adresse de votre lettre s'il vous plaît. | J'ai cliqué trois fois sur le lien. | Cela ne marche pas.
        Compte suspendu ? | J'ai reçu un message disant que mon compte est suspendu, vient-il de vous ? | On me demande de vérifier mon compte sur {link} | Je n'ai pas cliqué.
        Devis pour notre bureau | Il nous faut 40 lampes pour l'entreprise, pouvez-vous faire un devis ? | Notre budget est d'environ {sum}. | Un appel cette semaine serait bien.
        Tirage au sort | J'ai participé à votre tirage au sort, quand annoncez-vous qui a gagné ? | J'aimerais tant gagner le vélo ! | Bonne chance à tous.
        Prêt de vélo | Prêtez-vous un vélo pendant la réparation du mien ? | Combien par jour ? | C'est assez urgent.
        Page en erreur sur votre site | La page {link} affiche une erreur quand je choisis la taille. | Je suis sur mobile. | Vos développeurs peuvent regarder ?
        Article | J'écris pour le journal local et je voudrais parler de votre atelier. | Puis-je venir prendre des photos ? | L'article paraît en mai.
        Candidature | Madame, Monsieur, je souhaite travailler dans votre atelier. | Mon CV est joint. | Je suis libre dès juin.
        Remboursement de {sum} | Vous avez promis {sum} il y a deux semaines. | Tout est dans l'historique de mes commandes. | Je suis très mécontent.
        Photos des dégâts | Les photos sont ici : {link} | Le colis était ouvert. | Que faire ?""",
}
_SUMS = "250 €|1,200 EUR|4.500.000 USD|$ 99|15 000 €|2 500 000 euros|$1,000|79 €|850,000.00 USD"
_LINKS = (
    "https://bit.ly/3xYz|http://best-offer.xyz/go|https://www.example.com/orders/4711|http://win.top|https://cdn.example.org/p.jpg|"
    "https://tinyurl.com/abcd|http://login-check.click/verify|https://example.net/page"
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail: whether it is spam, and of which family."""

    subject: str
    body: str
    is_spam: bool
    family: str


def spam(count: int, seed: int, families: list[str] | None = None) -> list[Letter]:
    """So many spam mails, of all families or some."""
    chance = random.Random(f"spam-{seed}")
    asides = {language: questions.make(language, 5, seed) for language in ("en", "fr")}
    made = []
    for _ in range(count):
        family = chance.choice(families or list(FAMILIES))
        subject, greeting, *sentences = [
            part.strip() for line in FAMILIES[family].splitlines() for part in line.split("|")
        ]
        chosen = chance.sample(sentences, chance.randint(3, len(sentences)))
        aside = chance.choice(asides["fr" if family.endswith("_fr") else "en"]).text
        words = [greeting + ",", *chosen, *([aside] if chance.random() < 0.15 else [])]
        subject = _filled(subject, chance)
        if chance.random() < 0.2:
            subject = subject.upper()
        made.append(Letter(subject, _filled(". ".join(words), chance), True, family))
    return made


def honest(count: int, seed: int) -> list[Letter]:
    """So many honest mails: two thirds questions, one third letters that have words in common with spam."""
    chance = random.Random(f"honest-{seed}")
    pool = {language: questions.make(language, count // 40 + 2, seed) for language in ("en", "fr")}
    made = []
    for _ in range(count):
        language = chance.choice(("en", "fr"))
        if chance.random() < 0.66:
            question = chance.choice(pool[language])
            made.append(Letter(question.text[: chance.randint(10, 60)], question.text, False, question.intent))
            continue
        line = chance.choice(HONEST[language].splitlines())
        subject, *sentences = [part.strip() for part in line.split("|")]
        more = chance.choice(pool[language]).text
        body = " ".join([*chance.sample(sentences, chance.randint(2, 3)), *([more] if chance.random() < 0.5 else [])])
        made.append(Letter(_filled(subject, chance), _filled(body, chance), False, "letter"))
    return made


def _filled(source: str, chance: random.Random) -> str:
    gaps = {
        "sum": chance.choice(_SUMS.split("|")),
        "link": chance.choice(_LINKS.split("|")),
        "n": str(chance.randint(100, 999)),
        "site": "your site",
    }
    return source.format(**gaps)
