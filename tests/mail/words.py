# ruff: noqa: E501 (what people write keeps its lines)
"""What customers write, sign and quote in three languages: the truth against which folding is measured."""

from dataclasses import dataclass

# Paragraphs; several lines in one are lines as typed. Many look a little like history or signatures, and are neither.
OWN: dict[str, list[list[str]]] = {
    "en": [
        ["The replacement arrived broken too. I would like my money back, please, not another lamp."],
        [
            "Hi Anna,",
            "thanks for the quick answer. The parcel has still not been delivered, although the tracking page says so since Monday.",
        ],
        ["Yes."],
        ["Perfect, thank you!"],
        [
            "Hello,",
            "I need three things:\n- the contract\n- the last three invoices\n- a contact for delivery",
            "Can you send them this week?",
        ],
        [
            "My order number is 4512-88 and the serial number is SN 99-321-X.",
            "The printer shows:\nERROR 0x6100004a\nand then switches off.",
        ],
        [
            "On Monday I called your hotline and the colleague wrote down my complaint, but nobody called back.",
            "What happens now?",
        ],
        [
            "From my point of view the price is still wrong: I paid 120 euros instead of 100. See the attached bank statement of 3 November 2026."
        ],
        ["Please cancel my subscription as of today and confirm it in writing."],
        [
            "Re your question:\n1. Windows 11, version 24H2\n2. Yes, I restarted it twice\n3. No, the light stays red",
            "Regards to the team, you are doing a great job.",
        ],
        [
            "Dear team,",
            "could you please call me back? My number is +44 20 7946 0958, best after 5 pm.",
            "It is about the delivery date.",
        ],
        [
            "Thanks, but that does not help. The link you sent opens an empty page: https://shop.example/returns?id=77",
            "Could you try a different one?",
        ],
        ["I'd like to change my delivery address to:", "Jane Miller\n12 Garden Road\nYork YO1 7HH"],
        [
            "Not yet. I will try it tonight and let you know. If it fails again I want a refund of the full amount, including the shipping costs that I paid on top."
        ],
        [
            "The first one is fine. For the second one, please send me the size 42 instead of 44; and by the way, the colour on the website is different from the real one."
        ],
        ["Sent from the shop's own form it works, from my account page it does not. Any idea why?"],
    ],
    "fr": [
        ["Bonjour,", "Merci pour votre réponse. Le colis n'est toujours pas arrivé, pouvez-vous me rembourser ?"],
        ["Oui."],
        ["Merci beaucoup, c'est parfait !"],
        [
            "Bonjour Madame,",
            "Le montant prélevé reste erroné : 120 € au lieu de 100 €. Je vous joins mon relevé du 3 novembre 2026.",
        ],
        [
            "Il me manque toujours :\n- la vis de fixation\n- la notice en français\n- le câble d'alimentation",
            "Pouvez-vous me les envoyer ?",
        ],
        [
            "Mon numéro de commande est le 4512-88, le numéro de série SN 99-321-X.",
            "L'écran affiche :\nERREUR 0x6100004a\npuis tout s'éteint.",
        ],
        ["Lundi, votre collègue m'a écrit que le technicien passerait. Personne n'est venu.", "Que dois-je faire ?"],
        ["De mon côté rien n'a changé : la page reste blanche. À mon avis, c'est le serveur."],
        ["Je souhaite résilier mon abonnement à compter de ce jour. Merci de me le confirmer par écrit."],
        [
            "Pour répondre à vos questions :\n1. Windows 11, version 24H2\n2. oui, redémarré deux fois\n3. non, le voyant reste rouge"
        ],
        [
            "Pouvez-vous me rappeler au 06 12 34 56 78, de préférence après 17 h ?",
            "C'est au sujet de la date de livraison.",
        ],
        [
            "Merci, mais cela ne m'aide pas. Le lien que vous m'avez donné ouvre une page vide : https://boutique.example/retours?id=77"
        ],
        ["Voici ma nouvelle adresse de livraison :", "Jeanne Martin\n12 rue des Lilas\n69003 Lyon"],
        [
            "Pas encore. J'essaie ce soir et je vous tiens au courant. Si cela échoue encore, je veux le remboursement de la totalité, frais de port compris."
        ],
        [
            "Le premier convient. Pour le second, envoyez-moi la taille 42 au lieu de 44 ; au fait, la couleur sur le site ne correspond pas à la réalité."
        ],
        [
            "Bonjour, c'est la troisième fois que je vous écris. Cordialement, mais fermement : j'attends une réponse avant vendredi."
        ],
    ],
    "de": [
        [
            "Guten Tag,",
            "vielen Dank für die schnelle Antwort. Das Paket ist immer noch nicht angekommen, obwohl die Sendungsverfolgung das behauptet.",
        ],
        ["Ja."],
        ["Super, vielen Dank!"],
        ["Die Lieferung ist unvollständig, es fehlen zwei Kartons."],
        [
            "Es fehlen noch:\n- die Anleitung\n- zwei Schrauben\n- das Netzteil",
            "Bitte schicken Sie mir die Teile nach.",
        ],
        [
            "Meine Bestellnummer lautet 4512-88, die Seriennummer SN 99-321-X.",
            "Auf dem Bildschirm steht:\nFEHLER 0x6100004a\ndann geht das Gerät aus.",
        ],
        ["Am Montag hat Ihr Kollege geschrieben, der Techniker komme. Gekommen ist niemand.", "Was nun?"],
        [
            "Von meiner Seite ist alles erledigt: Der Betrag von 120 Euro wurde am 3. November 2026 überwiesen, statt der vereinbarten 100 Euro."
        ],
        ["Hiermit kündige ich meinen Vertrag zum nächstmöglichen Termin. Bitte bestätigen Sie mir das schriftlich."],
        ["Zu Ihren Fragen:\n1. Windows 11, Version 24H2\n2. ja, zweimal neu gestartet\n3. nein, die Lampe bleibt rot"],
        [
            "Können Sie mich bitte zurückrufen? Meine Nummer ist 030 901820, am besten nach 17 Uhr.",
            "Es geht um den Liefertermin.",
        ],
        ["Danke, aber das hilft mir nicht. Der Link öffnet eine leere Seite: https://laden.example/rueckgabe?id=77"],
        ["Bitte ändern Sie die Lieferadresse:", "Jana Weber\nLindenstraße 12\n10969 Berlin"],
        [
            "Noch nicht. Ich versuche es heute Abend und melde mich. Wenn es wieder nicht geht, möchte ich das ganze Geld zurück, auch die Versandkosten."
        ],
        [
            "Das erste passt. Beim zweiten bitte Größe 42 statt 44; übrigens stimmt die Farbe auf der Seite nicht mit der Wirklichkeit überein."
        ],
        [
            "Sehr geehrte Damen und Herren,",
            "ich warte nun seit drei Wochen. Mit freundlichen Worten allein ist mir nicht geholfen.",
        ],
    ],
}

# A signature is a list of lines; "" parts paragraphs. All of it should be folded away.
SIGNATURES: dict[str, list[list[str]]] = {
    "en": [
        [],
        ["Best regards,", "Jane Miller"],
        [
            "Kind regards",
            "",
            "Jane Miller",
            "Head of Purchasing",
            "Miller & Sons Ltd",
            "Tel. +44 20 7946 0958",
            "www.miller.example",
        ],
        ["Thanks,", "Jane"],
        ["-- ", "Jane Miller", "Miller & Sons Ltd · 12 Garden Road · York"],
        ["Cheers,", "Tom"],
        [
            "Sincerely,",
            "",
            "Dr. Jane Miller",
            "Miller & Sons Ltd",
            "12 Garden Road, York YO1 7HH",
            "M: +44 7700 900123 | jane@miller.example",
        ],
        [
            "Best,",
            "Jane",
            "",
            "This e-mail and any attachments are confidential and intended solely for the addressee. If you are not the intended recipient, please delete it.",
        ],
        ["Many thanks", "Jane Miller", "Please consider the environment before printing this e-mail."],
    ],
    "fr": [
        [],
        ["Cordialement,", "Jeanne Martin"],
        [
            "Bien cordialement,",
            "",
            "Jeanne Martin",
            "Responsable des achats",
            "Martin & Fils SARL",
            "Tél. : 01 23 45 67 89",
            "www.martin.example",
        ],
        ["Bonne journée,", "Jeanne"],
        ["-- ", "Jeanne Martin", "Martin & Fils · 12 rue des Lilas · 69003 Lyon"],
        ["Merci d'avance,", "Tom"],
        [
            "Sincères salutations,",
            "",
            "Dr Jeanne Martin",
            "12 rue des Lilas, 69003 Lyon",
            "Port. 06 12 34 56 78 | jeanne@martin.example",
        ],
        [
            "Cdlt",
            "J. Martin",
            "",
            "Ce message et toutes les pièces jointes sont confidentiels et établis à l'intention exclusive de leurs destinataires.",
        ],
        ["Bien à vous,", "Jeanne Martin", "Pensez à l'environnement avant d'imprimer ce message."],
    ],
    "de": [
        [],
        ["Viele Grüße", "Jana Weber"],
        [
            "Mit freundlichen Grüßen",
            "",
            "Jana Weber",
            "Leiterin Einkauf",
            "Weber GmbH",
            "Tel.: +49 30 901820",
            "www.weber.example",
            "Geschäftsführer: Max Weber, Amtsgericht Berlin HRB 12345",
        ],
        ["Danke und Gruß", "Jana"],
        ["-- ", "Jana Weber", "Weber GmbH · Lindenstraße 12 · 10969 Berlin"],
        ["LG", "Tom"],
        [
            "Freundliche Grüsse aus Basel",
            "",
            "Dr. Jana Weber",
            "Lindenstraße 12, 10969 Berlin",
            "Mobil 0170 1234567 | jana@weber.example",
        ],
        [
            "MfG",
            "J. Weber",
            "",
            "Diese E-Mail enthält vertrauliche Informationen und ist ausschließlich für den Adressaten bestimmt.",
        ],
        ["Beste Grüße", "Jana Weber", "Bitte prüfen Sie der Umwelt zuliebe, ob dieser Ausdruck wirklich nötig ist."],
    ],
}

# What the agent had written: it all is history, its closing included
AGENT: dict[str, list[list[str]]] = {
    "en": [
        [
            "Hello,",
            "we are sorry for the trouble with your lamp. Would a replacement help, or do you prefer your money back?",
            "Kind regards",
            "Sam from Acme Support",
        ],
        [
            "Dear customer,",
            "which system do you use? Did you restart the router? Is the light green?",
            "Acme Support",
            "https://acme.example/help",
        ],
        ["We received your request 4512 and will answer within one working day."],
    ],
    "fr": [
        [
            "Bonjour,",
            "nous sommes désolés pour votre lampe. Préférez-vous un remplacement ou un avoir de la somme payée ?",
            "Bien cordialement",
            "Samuel, service clients Acme",
        ],
        [
            "Chère cliente,",
            "quel système utilisez-vous ? La box a-t-elle été relancée ? Le témoin est-il vert ?",
            "Le service clients Acme",
        ],
        ["Nous avons bien reçu votre demande 4512 et y répondrons sous un jour ouvré."],
    ],
    "de": [
        [
            "Hallo,",
            "es tut uns leid, dass Ihre Leuchte defekt ist. Hilft Ihnen ein Austausch, oder wünschen Sie eine Gutschrift?",
            "Herzliche Grüße",
            "Samuel vom Acme-Kundendienst",
        ],
        [
            "Liebe Kundin,",
            "welches System benutzen Sie? Wurde der Router aus- und eingeschaltet? Leuchtet es grün?",
            "Ihr Acme-Kundendienst",
        ],
        ["Ihre Anfrage 4512 ist eingegangen, wir antworten innerhalb eines Werktags."],
    ],
}

MOBILE = {
    "ios": {"en": "Sent from my iPhone", "fr": "Envoyé de mon iPhone", "de": "Von meinem iPhone gesendet"},
    "outlook": {
        "en": "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "fr": "Télécharger Outlook pour Android<https://aka.ms/AAb9ysg>",
        "de": "Outlook für iOS<https://aka.ms/o0ukef> beziehen",
    },
    "samsung": {
        "en": "Sent from my Galaxy",
        "fr": "Envoyé depuis mon appareil Galaxy",
        "de": "Von meinem/meiner Galaxy gesendet",
    },
    "gmx": {
        "en": "Sent from my mobile device with GMX Mail",
        "fr": "Envoyé depuis mon mobile avec GMX Mail",
        "de": "Diese Nachricht wurde von meinem Android Mobiltelefon mit GMX Mail gesendet.",
    },
    "yahoo": {
        "en": "Sent from Yahoo Mail on Android",
        "fr": "Envoyé à partir de Yahoo Mail sur Android",
        "de": "Gesendet von Yahoo Mail auf Android",
    },
    "proton": {
        "en": "Sent with Proton Mail secure email.",
        "fr": "Envoyé avec la messagerie sécurisée Proton Mail.",
        "de": "Gesendet mit Proton Mail E-Mail.",
    },
    "orange": {
        "en": "Sent from Orange Mail",
        "fr": "Envoyé depuis l'application Mail Orange",
        "de": "Gesendet mit der Orange Mail App",
    },
}


@dataclass(frozen=True, slots=True)
class Names:
    """How a language writes the header lines that programs put above history, and the date of the agent's mail."""

    sender: str
    sent: str
    date: str
    to: str
    subject: str
    long_date: str
    wrote: str  # Gmail
    apple: str
    thunderbird: str
    yahoo: str
    original: str


NAMES = {
    "en": Names(
        "From:", "Sent:", "Date:", "To:", "Subject:", "Tuesday, November 3, 2026 10:12 AM",
        "On Tue, Nov 3, 2026 at 10:12 AM {who} wrote:",
        "On 3 Nov 2026, at 10:12, {who} wrote:",
        "On 03/11/2026 10:12, {name} wrote:",
        "On Tuesday, November 3, 2026 at 10:12:01 AM GMT+1, {who} wrote:",
        "Original message",
    ),
    "fr": Names(
        "De :", "Envoyé :", "Date :", "À :", "Objet :", "mardi 3 novembre 2026 10:12",
        "Le mar. 3 nov. 2026 à 10:12, {who} a écrit :",
        "Le 3 nov. 2026 à 10:12, {who} a écrit :",
        "Le 03/11/2026 à 10:12, {name} a écrit :",
        "Le mardi 3 novembre 2026 à 10:12:01 UTC+1, {who} a écrit :",
        "Message d'origine",
    ),
    "de": Names(
        "Von:", "Gesendet:", "Datum:", "An:", "Betreff:", "Dienstag, 3. November 2026 10:12",
        "Am Di., 3. Nov. 2026 um 10:12 Uhr schrieb {who}:",
        "Am 03.11.2026 um 10:12 schrieb {who}:",
        "Am 03.11.26 um 10:12 schrieb {name}:",
        "Am Dienstag, 3. November 2026 um 10:12:01 MEZ hat {who} Folgendes geschrieben:",
        "Ursprüngliche Nachricht",
    ),
}  # fmt: skip
