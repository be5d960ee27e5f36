# ruff: noqa: E501 (mails keep their lines)
"""Quoted history and signatures go, the customer's own words stay: more loss is worse than a quote too many."""

import pytest

from tickets.channels import email_quotes

OWN = "Bonjour,\n\nLe produit est cassé. Que faire ?"

CUT = {
    "gmail fr": f"{OWN}\n\nLe mar. 3 nov. 2026 à 10:12, Acme <support@acme.example> a écrit :\n\n> Bonjour\n> Merci",
    "gmail fr on two lines": f"{OWN}\n\nLe mar. 3 nov. 2026 à 10:12, Service client Acme <support@acme.example>\na écrit :\n> Bonjour",
    "gmail en": f"{OWN}\n\nOn Tue, Nov 3, 2026 at 10:12 AM Acme <support@acme.example> wrote:\n\n> Hello",
    "gmail de": f"{OWN}\n\nAm Di., 3. Nov. 2026 um 10:12 Uhr schrieb Acme <support@acme.example>:\n\n> Hallo",
    "apple fr": f"{OWN}\n\n> Le 3 nov. 2026 à 10:12, Acme <support@acme.example> a écrit :\n> \n> Bonjour",
    "apple de": f"{OWN}\n\n> Am 03.11.2026 um 10:12 schrieb Acme <support@acme.example>:\n> \n> Hallo",
    "thunderbird fr": f"{OWN}\n\nLe 03/11/2026 à 10:12, Acme a écrit :\n> Bonjour",
    "thunderbird de": f"{OWN}\n\nAm 03.11.26 um 10:12 schrieb Acme:\n> Hallo",
    "thunderbird old": f"{OWN}\n\nAcme wrote:\n> Hello",
    "outlook fr": f"{OWN}\n\n________________________________\nDe : Acme <support@acme.example>\nEnvoyé : mardi 3 novembre 2026 10:12\n"
    "À : Jeanne\nObjet : Votre demande\n\nBonjour",
    "outlook fr without rule": f"{OWN}\n\nDe : Acme <support@acme.example>\nEnvoyé : mardi 3 novembre 2026 10:12\nÀ : Jeanne\nObjet : X\n\nY",
    "outlook fr old": f"{OWN}\n\n-----Message d'origine-----\nDe : Acme\nEnvoyé : mardi\nÀ : Jeanne\nObjet : X\n\nBonjour",
    "outlook en": f"{OWN}\n\nFrom: Acme <support@acme.example>\nSent: Tuesday, November 3, 2026 10:12 AM\nTo: Jane\nSubject: X\n\nHello",
    "outlook en old": f"{OWN}\n\n-----Original Message-----\nFrom: Acme\nSent: Tuesday\nTo: Jane\nSubject: X\n\nHello",
    "outlook de": f"{OWN}\n\nVon: Acme <support@acme.example>\nGesendet: Dienstag, 3. November 2026 10:12\nAn: Jana\nBetreff: X\n\nHallo",
    "outlook mobile": f"{OWN}\n\nTélécharger Outlook pour iOS<https://aka.ms/x>\n________________________________\n"
    "From: Acme <support@acme.example>\nSent: Tuesday\nTo: Jeanne\nSubject: X\n\nBonjour",
    "outlook bold": f"{OWN}\n\n*De :* Acme <support@acme.example>\n*Envoyé :* mardi 3 novembre 2026\n*À :* Jeanne\n*Objet :* X\n\nBonjour",
    "yahoo fr": f"{OWN}\n\n    Le mardi 3 novembre 2026 à 10:12:01 UTC+1, Acme <support@acme.example> a écrit :\n\n  Bonjour",
    "gmx de": f"{OWN}\n\nGesendet: Dienstag, 03. November 2026 um 10:12 Uhr\nVon: Acme <support@acme.example>\nAn: jana@gmx.example\n"
    "Betreff: X\n\nHallo",
    "orange fr": f"{OWN}\n\n> Message du 03/11/26 10:12\n> De : Acme\n> A : jeanne\n> Bonjour",
    "free fr": f"{OWN}\n\n----- Mail original -----\nDe: Acme\nÀ: jeanne\nEnvoyé: Mardi 3 Novembre 2026\nObjet: X\n\nBonjour",
    "italian": f"{OWN}\n\nIl giorno mar 3 nov 2026 alle ore 10:12 Acme <support@acme.example> ha scritto:\n\n> Ciao",
    "spanish": f"{OWN}\n\nEl mar, 3 nov 2026 a las 10:12, Acme (<support@acme.example>) escribió:\n\n> Hola",
    "dutch": f"{OWN}\n\nOp di 3 nov 2026 om 10:12 schreef Acme <support@acme.example>:\n\n> Hallo",
    "only quote marks": f"{OWN}\n\n> Bonjour\n> Merci\n> Acme",
    "signature delimiter": f"{OWN}\n\n-- \nJeanne Martin\nDirectrice\n+33 1 23 45 67 89",
    "closing fr": f"{OWN}\n\nCordialement,\n\nJeanne Martin\nTél. : 01 23 45 67 89",
    "closing fr long": f"{OWN}\n\nBien cordialement\nJeanne Martin",
    "closing en": f"{OWN}\n\nKind regards,\nJane",
    "closing de": f"{OWN}\n\nMit freundlichen Grüßen\n\nJana Weber\nWeber GmbH\nwww.weber.example",
    "phone fr": f"{OWN}\n\nEnvoyé de mon iPhone",
    "phone fr android": f"{OWN}\n\nEnvoyé depuis mon téléphone Samsung Galaxy",
    "phone en": f"{OWN}\n\nSent from my iPhone",
    "phone de": f"{OWN}\n\nVon meinem iPhone gesendet",
    "signature then history": f"{OWN}\n\nCordialement,\nJeanne\n\nLe 03/11/2026 à 10:12, Acme a écrit :\n> Bonjour",
}

KEPT = {
    "a list with hyphens": "Il manque :\n- la vis\n- le boulon\n- la notice",
    "thanks first": "Thanks,\nbut the parcel is still not here.",
    "regards in a sentence": "With regards to my invoice,\nplease call me.",
    "from and to in a table": "Mon trajet :\nDe : Paris\nÀ : Lyon\nPrix : 45 euros",
    "somebody wrote": "On Monday he wrote:\nthe parcel is lost. What now?",
    "a date of an appointment": "Date : 3 novembre\nSujet : la visite du technicien\nMerci de confirmer.",
    "a rule of underscores": "Voici le message affiché\n____________________\nErreur 42\nMerci",
    "postscript": "Ça marche.\n\nCordialement,\nJeanne\n\nPS : et la facture ?",
    "words after the closing": "Bonjour,\n\nCordialement,\nJeanne\nPouvez-vous aussi m'envoyer la facture du mois dernier par courrier ?",
    "a question after dashes": "Voici.\n--\nEt où en est ma commande, celle que j'ai passée la semaine dernière chez vous ?\n"
    + "ligne\n" * 20,
    "only a quote": "> Bonjour\n> je cite seulement",
    "only a closing": "Cordialement,\nJeanne",
    "price comparison": "The price is > 100 EUR\nand that is too much",
    "a colon at the end": "J'ai deux questions, posées le 12/10/2026 à votre collègue :\n1. le prix\n2. le délai",
    "empty": "",
}

BETWEEN = {
    "answers between": (
        "Le 03/11/2026 à 10:12, Acme a écrit :\n> Votre nom ?\n\nJeanne\n\n> Votre ville ?\n\nLyon",
        "Jeanne\n\nLyon",
    ),
    "answer below": (
        "On 03/11/2026 10:12, Acme wrote:\n> What is your name?\n> And your city?\n\nJane from York",
        "Jane from York",
    ),
    "forwarded": (
        "Voir ci-dessous.\n\n---------- Forwarded message ---------\nFrom: x@y.example\nDate: today\nSubject: Z\n\nJe veux un devis.",
        "Voir ci-dessous.\n\n---------- Forwarded message ---------\nFrom: x@y.example\nDate: today\nSubject: Z\n\nJe veux un devis.",
    ),
    "forwarded by apple": (
        "Début du message réexpédié :\n\n> De: x@y.example\n> Objet: Z\n> \n> Je veux un devis.",
        "Début du message réexpédié :\n\n> De: x@y.example\n> Objet: Z\n> \n> Je veux un devis.",
    ),
}


@pytest.mark.parametrize("name", CUT)
def test_history_and_signature_go(name: str) -> None:
    assert email_quotes.newest(CUT[name]) == OWN


@pytest.mark.parametrize("name", KEPT)
def test_honest_words_stay(name: str) -> None:
    assert email_quotes.newest(KEPT[name]) == KEPT[name].strip()


@pytest.mark.parametrize("name", BETWEEN)
def test_answers_in_the_middle_and_forwarded_words_stay(name: str) -> None:
    text, expected = BETWEEN[name]
    assert email_quotes.newest(text) == expected
