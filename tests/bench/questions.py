"""Customer questions of a shop, generated: thirty intents that overlap, in English and French. Nobody's mail is in here.

Each intent has phrasings; a question takes one, fills its gaps, may stand behind a sentence that speaks of something
else, and may be written in haste: slips, no accents, no capitals. What is measured on it shows the mechanism, not what a
desk will see: that is measured by the product itself, on the desk's own kept-back tickets.
"""

import random
from dataclasses import dataclass

# One line per phrasing. {item} {when} {pay} {place} are filled from the words below.
ENGLISH = {
    "track_order": """where is my {item} now
        can you tell me how far my parcel has got
        I would like to follow my order but the tracking page shows nothing
        the tracking number for the {item} does not work
        what is the status of what I bought {when}
        any news about my package
        it says shipped since {when}, where has it got to""",
    "late_delivery": """the {item} should have been here {when} and still nothing
        my order is late, when does it finally come
        I have been waiting for the {item} much longer than promised
        you said three days and it has been two weeks
        delivery was announced for {when} and nobody came
        why does it take so long to deliver a {item}
        still waiting for my parcel""",
    "lost_parcel": """the tracking says delivered but I have received nothing
        the courier claims he left the {item} at my door, it is not there
        my parcel must be lost, it has not moved since {when}
        the neighbour has not got it either, the {item} has disappeared
        marked as delivered {when} yet no package here
        I think somebody stole the {item} from the hallway
        the carrier says it is lost, what now""",
    "delivery_cost": """how much is delivery to {place}
        what do you charge for sending a {item}
        is shipping free above some amount
        are there extra costs for delivery to {place}
        postage for a {item} please
        do I pay for delivery if I order two
        why was I asked for shipping costs""",
    "delivery_place": """do you deliver to {place}
        can I have the {item} sent to {place}
        is it possible to ship abroad
        I live in {place}, can I order from you
        can it go to a pick-up point instead of my home
        do you send {item}s to the islands
        could the parcel be left at my office""",
    "change_address": """I gave the wrong address for the {item}
        please send my order to another address
        I am moving, can the delivery address be changed
        the street number on my order is not right
        could you correct where the {item} goes
        I typed my old address by mistake
        new address for the order of {when}""",
    "cancel_order": """I want to cancel the {item} I ordered {when}
        please stop my order, I do not need it any more
        can I still cancel before it leaves
        I ordered twice by mistake, cancel one
        how do I withdraw an order
        do not send the {item}, I changed my mind
        I would rather not have it, please cancel""",
    "change_order": """can I add a {item} to my order
        I chose the wrong size, can it be changed before it is sent
        please swap the {item} in my order for the other colour
        I would like two instead of one
        is it possible to modify what I ordered {when}
        take the {item} out of my order and leave the rest
        wrong model in my basket, already paid, please change it""",
    "return_item": """how do I send the {item} back
        I want to return what I bought {when}
        the {item} is not what I expected, can I give it back
        where do I find the return label
        how many days do I have to bring it back
        can I return the {item} in the shop
        please send me a label for the parcel I am returning""",
    "refund_missing": """I sent the {item} back {when} and have no money yet
        when do I get my refund
        the return arrived but nothing was paid to my account
        you promised to refund me {when}
        still no money back for the cancelled order
        how long until the refund shows on my {pay}
        I have been waiting for my money since {when}""",
    "wrong_refund": """you refunded less than I paid for the {item}
        the refund is not complete, shipping is missing
        I got back only half of the amount
        wrong amount was returned to my {pay}
        why did you keep part of my money
        the refund does not match the invoice
        ten euros are missing from what you paid back""",
    "exchange": """can I exchange the {item} for a larger one
        I would like another size instead
        the colour does not suit, can I swap the {item}
        exchange rather than money back please
        the {item} is too small, send me the next size
        how does swapping a {item} work
        could I get the other model in its place""",
    "damaged": """the {item} arrived broken
        the box was crushed and the {item} has a crack
        there is a dent in the new {item}
        it came damaged {when}, I have photos
        glass everywhere when I opened the parcel
        the {item} is scratched all over, brand new
        transport damage on my order""",
    "wrong_item": """you sent me something else than the {item}
        I ordered a {item} and got a completely different thing
        the colour I received is not the one I ordered
        wrong size in the box, I had asked for another
        this is not my order
        the parcel holds somebody else's things
        I received the wrong {item} {when}""",
    "missing_part": """a part is missing in the box of the {item}
        there are no screws with the {item}
        the charger was not in the parcel
        I got only one of the two things I ordered
        the manual and the key are missing
        the {item} came without its lid
        incomplete delivery {when}""",
    "does_not_start": """the {item} does not switch on any more
        nothing happens when I press the button of the {item}
        my {item} is dead since {when}
        it will not start, no light at all
        the {item} stopped working after a week
        cannot turn it on
        broke down {when}, no sign of life""",
    "battery": """the battery does not charge
        the battery of my {item} is empty after an hour
        charging takes all night and it is still not full
        the charger gets hot and the battery stays at zero
        range has become very short, is the battery worn out
        the light of the charger blinks red
        can I buy a new battery for the {item}""",
    "noise": """the {item} makes a strange noise
        there is a grinding sound when I use it
        it squeaks since {when}
        loud rattling inside the {item}
        why does my {item} hum all the time
        a clicking noise from below
        the brakes squeal""",
    "leak": """water is leaking out of the {item}
        the {item} drips from below
        there is a puddle under it every morning
        the seal of the {item} is not tight
        it loses water when hot
        oil is coming out of the {item}
        the lid does not close and it spills""",
    "assembly": """how do I put the {item} together
        I do not understand step four of the instructions
        which screw goes where on the {item}
        the two halves of the {item} do not fit
        is there a video that shows how to assemble it
        cannot get the handlebar in
        do you also build up the {item} for customers""",
    "spare_part": """do you sell spare parts for the {item}
        where can I get a new seal
        I need a replacement handle for my {item}
        price of a new lid for the {item}
        is the part still available for a model of ten years ago
        looking for an extra key
        can you send me just the hinge""",
    "warranty": """is the {item} still under warranty
        how long is the guarantee on a {item}
        does the warranty cover wear
        I want to use the guarantee, it broke after a year
        do I need the receipt for the warranty
        who pays for the repair within two years
        the {item} bought {when}, is it covered""",
    "invoice_copy": """I need an invoice for the {item}
        please send me the bill of {when} again
        where do I find my invoices
        I lost the receipt, can I have a copy
        an invoice in the name of my company please
        the VAT number is missing on my invoice
        could you mail me the receipt""",
    "charged_twice": """I was charged twice for the {item}
        the amount was taken two times from my {pay}
        two payments for one order
        there is a double booking on my {pay}
        you took the money again {when}
        why do I see the same payment twice
        I paid once but my bank shows it two times""",
    "wrong_price": """the price on the invoice is higher than on the site
        I paid more than was shown for the {item}
        the discount was not taken off
        my voucher was not counted
        the {item} is cheaper today, do I get the difference
        the amount of my bill is wrong
        you charged the full price in spite of the code""",
    "payment_refused": """my {pay} is refused at the checkout
        payment does not go through
        I cannot pay for the {item}, an error comes
        the order fails when I enter my {pay}
        it says payment declined but there is money
        tried three times to pay {when} without success
        the bank page never opens""",
    "payment_methods": """can I pay with {pay}
        do you accept {pay}
        is it possible to pay in instalments
        can I pay when it is delivered
        which ways to pay are there
        do you take {pay} for a {item}
        could I pay by bank transfer instead""",
    "sign_in": """I cannot sign in to my account
        my password is not accepted
        I forgot my password
        the link to reset it never comes
        locked out of my account since {when}
        it says unknown e-mail when I log in
        the code for signing in does not arrive""",
    "delete_account": """please delete my account
        I want you to erase my data
        how do I close my account
        remove me from your files
        which data do you hold about me
        stop sending me the newsletter and delete everything
        I do not want an account any longer""",
    "opening_hours": """when is the shop in {place} open
        are you open on Sunday
        what are your opening hours {when}
        until what time can I come and see the {item}
        is there a shop in {place}
        where can I try a {item}
        can I visit you without an appointment""",
}
FRENCH = {
    "track_order": """où se trouve mon {item} en ce moment
        pouvez-vous me dire où en est mon colis
        je voudrais suivre ma commande mais la page de suivi est vide
        le numéro de suivi du {item} ne fonctionne pas
        quel est l'état de ce que j'ai acheté {when}
        des nouvelles de mon paquet
        c'est noté expédié depuis {when}, où est-il passé""",
    "late_delivery": """le {item} devait être là {when} et toujours rien
        ma commande est en retard, quand arrive-t-elle enfin
        j'attends le {item} depuis bien plus longtemps que promis
        vous aviez dit trois jours et cela fait deux semaines
        la livraison était annoncée pour {when} et personne n'est venu
        pourquoi faut-il autant de temps pour livrer un {item}
        j'attends encore mon colis""",
    "lost_parcel": """le suivi indique livré mais je n'ai rien reçu
        le livreur prétend avoir laissé le {item} devant ma porte, il n'y est pas
        mon colis doit être perdu, il n'a pas bougé depuis {when}
        le voisin ne l'a pas non plus, le {item} a disparu
        noté comme livré {when} et aucun paquet ici
        je pense qu'on a volé le {item} dans le hall
        le transporteur dit qu'il est perdu, que faire""",
    "delivery_cost": """combien coûte la livraison à {place}
        quel est le prix d'envoi d'un {item}
        le port est-il gratuit à partir d'un montant
        y a-t-il un supplément pour livrer à {place}
        frais de port pour un {item} s'il vous plaît
        est-ce que je paie la livraison si j'en prends deux
        pourquoi m'a-t-on demandé des frais d'envoi""",
    "delivery_place": """livrez-vous à {place}
        puis-je faire envoyer le {item} à {place}
        est-il possible d'expédier à l'étranger
        j'habite à {place}, puis-je commander chez vous
        peut-il aller en point relais plutôt que chez moi
        envoyez-vous des {item}s dans les îles
        le colis peut-il être déposé à mon bureau""",
    "change_address": """je me suis trompé d'adresse pour le {item}
        merci d'envoyer ma commande à une autre adresse
        je déménage, peut-on changer l'adresse de livraison
        le numéro de rue de ma commande n'est pas le bon
        pouvez-vous corriger la destination du {item}
        j'ai saisi mon ancienne adresse par erreur
        nouvelle adresse pour la commande de {when}""",
    "cancel_order": """je veux annuler le {item} commandé {when}
        merci d'arrêter ma commande, je n'en ai plus besoin
        puis-je encore annuler avant le départ
        j'ai commandé deux fois par erreur, annulez-en une
        comment se rétracter d'une commande
        n'envoyez pas le {item}, j'ai changé d'avis
        finalement je n'en veux plus, annulez s'il vous plaît""",
    "change_order": """puis-je ajouter un {item} à ma commande
        j'ai pris la mauvaise taille, peut-on changer avant l'envoi
        remplacez le {item} de ma commande par l'autre couleur
        j'en voudrais deux au lieu d'un
        est-il possible de modifier ce que j'ai commandé {when}
        enlevez le {item} de ma commande et laissez le reste
        mauvais modèle dans mon panier, déjà payé, merci de changer""",
    "return_item": """comment renvoyer le {item}
        je veux retourner ce que j'ai acheté {when}
        le {item} n'est pas ce que j'attendais, puis-je le rendre
        où trouver l'étiquette de retour
        combien de jours ai-je pour le rapporter
        puis-je rendre le {item} au magasin
        envoyez-moi une étiquette pour le colis que je retourne""",
    "refund_missing": """j'ai renvoyé le {item} {when} et je n'ai pas encore l'argent
        quand serai-je remboursé
        le retour est arrivé mais rien sur mon compte
        vous aviez promis de me rembourser {when}
        toujours pas d'argent pour la commande annulée
        combien de temps avant que le remboursement apparaisse sur ma {pay}
        j'attends mon argent depuis {when}""",
    "wrong_refund": """vous avez remboursé moins que le prix du {item}
        le remboursement n'est pas complet, il manque le port
        je n'ai récupéré que la moitié du montant
        une mauvaise somme a été rendue sur ma {pay}
        pourquoi avez-vous gardé une partie de mon argent
        le remboursement ne correspond pas à la facture
        il manque dix euros dans ce que vous m'avez rendu""",
    "exchange": """puis-je échanger le {item} contre un plus grand
        je voudrais une autre taille à la place
        la couleur ne va pas, puis-je échanger le {item}
        un échange plutôt qu'un remboursement s'il vous plaît
        le {item} est trop petit, envoyez-moi la taille au-dessus
        comment se passe l'échange d'un {item}
        pourrais-je avoir l'autre modèle à sa place""",
    "damaged": """le {item} est arrivé cassé
        le carton était écrasé et le {item} est fendu
        il y a une bosse sur le {item} neuf
        reçu abîmé {when}, j'ai des photos
        du verre partout à l'ouverture du colis
        le {item} est rayé de partout, tout neuf
        dégât de transport sur ma commande""",
    "wrong_item": """vous m'avez envoyé autre chose que le {item}
        j'ai commandé un {item} et reçu tout autre chose
        la couleur reçue n'est pas celle que j'avais commandée
        mauvaise taille dans le carton, j'en avais demandé une autre
        ce n'est pas ma commande
        le colis contient les affaires de quelqu'un d'autre
        j'ai reçu le mauvais {item} {when}""",
    "missing_part": """il manque une pièce dans le carton du {item}
        il n'y a pas de vis avec le {item}
        le chargeur n'était pas dans le colis
        je n'ai reçu qu'un des deux articles commandés
        la notice et la clé manquent
        le {item} est venu sans son couvercle
        livraison incomplète {when}""",
    "does_not_start": """le {item} ne s'allume plus
        rien ne se passe quand j'appuie sur le bouton du {item}
        mon {item} est mort depuis {when}
        il ne démarre pas, aucune lumière
        le {item} a cessé de fonctionner au bout d'une semaine
        impossible de le mettre en marche
        tombé en panne {when}, aucun signe de vie""",
    "battery": """la batterie ne charge pas
        la batterie de mon {item} est vide au bout d'une heure
        la charge dure toute la nuit et ce n'est pas plein
        le chargeur chauffe et la batterie reste à zéro
        l'autonomie est devenue très courte, la batterie est-elle usée
        le voyant du chargeur clignote en rouge
        puis-je acheter une batterie neuve pour le {item}""",
    "noise": """le {item} fait un bruit étrange
        il y a un grincement quand je m'en sers
        ça couine depuis {when}
        un gros cliquetis dans le {item}
        pourquoi mon {item} bourdonne-t-il sans arrêt
        un claquement venant du dessous
        les freins crissent""",
    "leak": """de l'eau fuit du {item}
        le {item} goutte par en dessous
        il y a une flaque dessous chaque matin
        le joint du {item} n'est pas étanche
        il perd de l'eau quand il est chaud
        de l'huile sort du {item}
        le couvercle ne ferme pas et ça déborde""",
    "assembly": """comment monter le {item}
        je ne comprends pas l'étape quatre de la notice
        quelle vis va où sur le {item}
        les deux moitiés du {item} ne s'emboîtent pas
        existe-t-il une vidéo pour l'assembler
        je n'arrive pas à mettre le guidon
        montez-vous aussi le {item} pour les clients""",
    "spare_part": """vendez-vous des pièces détachées pour le {item}
        où trouver un joint neuf
        il me faut une poignée de rechange pour mon {item}
        prix d'un couvercle neuf pour le {item}
        la pièce existe-t-elle encore pour un modèle d'il y a dix ans
        je cherche une clé supplémentaire
        pouvez-vous m'envoyer seulement la charnière""",
    "warranty": """le {item} est-il encore sous garantie
        combien de temps dure la garantie d'un {item}
        la garantie couvre-t-elle l'usure
        je veux faire jouer la garantie, il a cassé au bout d'un an
        faut-il le ticket pour la garantie
        qui paie la réparation pendant deux ans
        le {item} acheté {when}, est-il couvert""",
    "invoice_copy": """il me faut une facture pour le {item}
        merci de me renvoyer la facture de {when}
        où trouver mes factures
        j'ai perdu le ticket, puis-je avoir un double
        une facture au nom de mon entreprise s'il vous plaît
        le numéro de TVA manque sur ma facture
        pourriez-vous m'envoyer le reçu par courriel""",
    "charged_twice": """j'ai été débité deux fois pour le {item}
        le montant a été prélevé deux fois sur ma {pay}
        deux paiements pour une seule commande
        il y a une double écriture sur ma {pay}
        vous avez repris l'argent {when}
        pourquoi vois-je deux fois le même paiement
        j'ai payé une fois mais ma banque en montre deux""",
    "wrong_price": """le prix de la facture est plus élevé que sur le site
        j'ai payé plus que le prix affiché pour le {item}
        la remise n'a pas été déduite
        mon bon n'a pas été pris en compte
        le {item} est moins cher aujourd'hui, ai-je droit à la différence
        le montant de ma facture est faux
        vous avez compté le plein tarif malgré le code""",
    "payment_refused": """ma {pay} est refusée au moment de payer
        le paiement ne passe pas
        je n'arrive pas à payer le {item}, il y a une erreur
        la commande échoue quand je saisis ma {pay}
        paiement refusé alors qu'il y a de l'argent
        essayé trois fois de payer {when} sans succès
        la page de la banque ne s'ouvre jamais""",
    "payment_methods": """puis-je payer par {pay}
        acceptez-vous la {pay}
        est-il possible de payer en plusieurs fois
        peut-on payer à la livraison
        quels sont les moyens de paiement
        prenez-vous la {pay} pour un {item}
        pourrais-je payer par virement plutôt""",
    "sign_in": """je n'arrive pas à me connecter à mon compte
        mon mot de passe n'est pas accepté
        j'ai oublié mon mot de passe
        le lien pour le réinitialiser n'arrive jamais
        bloqué hors de mon compte depuis {when}
        on me dit adresse inconnue quand je me connecte
        le code de connexion n'arrive pas""",
    "delete_account": """merci de supprimer mon compte
        je veux que vous effaciez mes données
        comment fermer mon compte
        retirez-moi de vos fichiers
        quelles données avez-vous sur moi
        arrêtez la lettre d'information et supprimez tout
        je ne veux plus de compte""",
    "opening_hours": """quand le magasin de {place} est-il ouvert
        êtes-vous ouverts le dimanche
        quels sont vos horaires {when}
        jusqu'à quelle heure puis-je venir voir le {item}
        y a-t-il un magasin à {place}
        où essayer un {item}
        puis-je passer sans rendez-vous""",
}
_WORDS = {
    "en": {
        "item": "bike|kettle|coffee maker|saucepan|casserole|toaster|lamp|helmet|tyre|child seat|blender|scooter",
        "when": "yesterday|last week|on Monday|two weeks ago|in March|before Christmas|on the 12th|this morning",
        "pay": "card|credit card|PayPal account|bank account|Visa|gift card",
        "place": "Lyon|Geneva|Brussels|London|Corsica|Marseille|Ireland",
        "open": "Hello,|Hi,|Dear Sir or Madam,|Good morning,|Hi there|",
        "close": "Thanks.|Kind regards, Ann|Thank you for your help|Please answer soon.|Best, Tom|",
        "aside": (
            "I ordered a {item} {when}.|I paid with my {pay}.|I am a customer of many years.|The {item} is a present.|"
            "I wrote to you {when} already.|My order went to {place}.|I bought it in your shop.|It was not cheap.|"
            "The delivery was quick, thank you.|I have the invoice here.|I like the {item} very much."
        ),
    },
    "fr": {
        "item": "vélo|bouilloire|cafetière|casserole|cocotte|grille-pain|lampe|casque|pneu|siège enfant|mixeur|trottinette",
        "when": "hier|la semaine dernière|lundi|il y a deux semaines|en mars|avant Noël|le 12|ce matin",
        "pay": "carte|carte bancaire|carte bleue|Visa|carte cadeau|compte PayPal",
        "place": "Lyon|Genève|Bruxelles|Londres|Ajaccio|Marseille|Nantes",
        "open": "Bonjour,|Bonsoir,|Madame, Monsieur,|Bonjour à tous|Salut|",
        "close": "Merci.|Cordialement, Anne|Merci de votre aide|Merci de répondre vite.|Bien à vous, Tom|",
        "aside": (
            "J'ai commandé un {item} {when}.|J'ai payé par {pay}.|Je suis client depuis longtemps.|Le {item} est un cadeau.|"
            "Je vous ai déjà écrit {when}.|Ma commande est partie à {place}.|Je l'ai acheté dans votre magasin.|"
            "Ce n'était pas donné.|La livraison a été rapide, merci.|J'ai la facture sous les yeux.|J'aime beaucoup le {item}."
        ),
    },
}
_SOURCES = {"en": ENGLISH, "fr": FRENCH}
_PLAIN = str.maketrans("éèêëàâîïôûùç", "eeeeaaiiouuc")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, what it asks, and which phrasing it was made from."""

    text: str
    intent: str
    phrasing: int


def make(language: str, per_intent: int, seed: int, *, phrasings: range | None = None) -> list[Question]:
    """Questions of every intent, `per_intent` each; `phrasings` limits them to some of the phrasings."""
    chance = random.Random(f"{language}-{seed}")
    made = []
    for intent, listed in _SOURCES[language].items():
        lines = [line.strip() for line in listed.splitlines()]
        usable = [place for place in range(len(lines)) if phrasings is None or place in phrasings]
        for _ in range(per_intent):
            place = chance.choice(usable)
            made.append(Question(_written(lines[place], language, chance), intent, place))
    chance.shuffle(made)
    return made


def _written(core: str, language: str, chance: random.Random) -> str:
    words = {name: listed.split("|") for name, listed in _WORDS[language].items()}
    asides = [chance.choice(words["aside"]) for _ in range(chance.choice((0, 1, 1, 2)))]
    core = core[0].upper() + core[1:] + chance.choice((".", "?", "", "!", "..."))
    parts = [*asides, core] if chance.random() < 0.7 else [core, *asides]
    text = " ".join([chance.choice(words["open"]), *parts, chance.choice(words["close"])]).strip()
    text = text.format(**{name: chance.choice(words[name]) for name in ("item", "when", "pay", "place")})
    if chance.random() < 0.25:
        text = text.lower()
    if chance.random() < 0.25:
        text = text.translate(_PLAIN)
    for _ in range(chance.choice((0, 0, 1, 1, 2, 4))):
        text = _slip(text, chance)
    return text


def _slip(text: str, chance: random.Random) -> str:
    """One slip of the fingers: a letter lost, doubled, or exchanged with the next."""
    place = chance.randrange(1, max(2, len(text) - 2))
    kind = chance.randrange(3)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place] + text[place:]
    return text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :]
