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

W = "Acme Support <support@acme.example>"
MORE_CUT = {
    "gmail wrap <": f"{OWN}\n\nOn Tue, Nov 3, 2026 at 10:12 AM Acme Support via Helpdesk <\nsupport@acme.example> wrote:\n\n> Hello",
    "apple unquoted": f"{OWN}\n\nOn Nov 3, 2026, at 10:12 AM, {W} wrote:\n\nHello\nbye",
    "outlook cc long": f"{OWN}\n\nFrom: {W}\nSent: Tuesday, November 3, 2026 10:12 AM\nTo: Jane Miller <jane@x.example>; Bob <bob@x.example>;\n Carl <carl@x.example>\nCc: D <d@x.example>\nSubject: RE: X\nImportance: High\n\nHello",
    "outlook blank lines": f"{OWN}\n\nDe : {W}\n\nEnvoyé : mardi 3 novembre 2026 10:12\n\nÀ : Jeanne\n\nObjet : X\n\nBonjour",
    "android": f"{OWN}\n\n----- Reply message -----\nDe : {W}\nPour : Jeanne\nObjet : X\nDate : mar. 3 nov. 2026 10:12\n\nBonjour",
    "de no um": f"{OWN}\n\nAm 03.11.2026 10:12 schrieb {W}:\nHallo",
    "k9 de": f"{OWN}\n\nAm 3. November 2026 10:12:01 MEZ schrieb {W}:\n>Hallo",
    "k9 fr": f"{OWN}\n\nLe 3 novembre 2026 10:12:01 GMT+01:00, {W} a écrit :\n>Bonjour",
    "gmail old": f"{OWN}\n\n2026-11-03 10:12 GMT+01:00 {W}:\n\n> Hello",
    "gmail mobile de": f"{OWN}\n\n{W} schrieb am Di., 3. Nov. 2026, 10:12:\n\n> Hallo",
    "gmail mobile fr": f"{OWN}\n\nLe mar. 3 nov. 2026, 10:12, {W} a\nécrit :\n\n> Bonjour",
    "gmail mobile en": f"{OWN}\n\nOn Tue, Nov 3, 2026, 10:12 AM {W}\nwrote:\n\n> Hello",
    "tb en": f"{OWN}\n\nOn 3/11/26 10:12 am, Acme wrote:\n> Hello",
    "no time": f"{OWN}\n\nLe mardi 3 novembre 2026, {W} a écrit :\n\nBonjour",
    "hotmail": f"{OWN}\n\n> Date: Tue, 3 Nov 2026 10:12:01 +0100\n> From: support@acme.example\n> To: jane@x.example\n> Subject: X\n> \n> Hello",
    "oe": f'{OWN}\n\n----- Original Message ----- \nFrom: "Acme" <support@acme.example>\nTo: <jane@x.example>\nSent: Tuesday, November 03, 2026 10:12 AM\nSubject: X\n\n\n> Hello',
    "spark": f"{OWN}\n\nOn Nov 3, 2026, 10:12 AM +0100, {W}, wrote:\n> Hello",
    "spark fr": f"{OWN}\n\nLe 3 nov. 2026 à 10:12 +0100, {W}, a écrit :\n> Bonjour",
    "mail.ru": f"{OWN}\n\nВторник, 3 ноября 2026, 10:12 +03:00 от {W}:\n>Hello",
    "front": f"{OWN}\n\nOn Tue, Nov 3, 2026 at 10:12 AM, Acme < support@acme.example > wrote:\n\nHello",
    "de prio": f"{OWN}\n\nVon: {W}\nGesendet: Dienstag, 3. November 2026 10:12\nAn: 'Jana Weber' <jana@x.example>\nCc: B <b@x.example>\nBetreff: AW: X\nPriorität: Hoch\n\nHallo",
    "t-online": f'{OWN}\n\n-----Original-Nachricht-----\nBetreff: X\nDatum: 2026-11-03T10:12:01+0100\nVon: "Acme" <support@acme.example>\nAn: "jana" <jana@x.example>\n\nHallo',
    "evolution": f"{OWN}\n\nAm Dienstag, dem 03.11.2026 um 10:12 +0100 schrieb Acme Support:\n> Hallo",
    "evolution fr": f"{OWN}\n\nLe mardi 03 novembre 2026 à 10:12 +0100, Acme Support a écrit :\n> Bonjour",
    "kmail": f"{OWN}\n\nOn Tuesday, 3 November 2026 10:12:01 CET Acme Support wrote:\n> Hello",
    "mutt": f"{OWN}\n\n* Acme Support <support@acme.example> [2026-11-03 10:12]:\n> Hello",
    "zitat": f"{OWN}\n\nZitat von {W}:\n\n> Hallo",
    "eudora": f"{OWN}\n\nAt 10:12 AM 11/3/2026, Acme wrote:\n>Hello",
    "closing one line fr": f"{OWN}\n\nCordialement, Jeanne Martin",
    "closing one line en": f"{OWN}\n\nBest regards, Jane",
    "closing one line de": f"{OWN}\n\nViele Grüße, Jana Weber",
    "mfg": f"{OWN}\n\nMfG J. Weber",
    "lg": f"{OWN}\nLG Tom",
    "corporate": f"{OWN}\n\nMit freundlichen Grüßen\n\ni.A. Jana Weber\nTeam Einkauf\n\nWeber GmbH\nLindenstraße 12\nD-10969 Berlin\n\nFon: +49 30 901820\nFax: +49 30 901821\nMail: jana@weber.example\nWeb: www.weber.example\n\nSitz der Gesellschaft: Berlin\nRegistergericht: Amtsgericht Charlottenburg, HRB 12345\nGeschäftsführer: Max Weber, Petra Weber\nUSt-IdNr.: DE123456789",
    "images": f"{OWN}\n\nBien cordialement,\n\nJeanne MARTIN\nAssistante de direction\n[cid:image001.png@01DB2F.5A]\n\n12 rue des Lilas – 69003 LYON\nT +33 (0)4 78 00 00 00 – M +33 (0)6 12 34 56 78\n<https://www.facebook.com/martin> [image: Facebook]",
    "type above": f"{OWN}\n\n##- Please type your reply above this line -##\n\nYour request 4512 has been updated.\n\nHello",
    "sig with pipe": f"{OWN}\n\nJane Miller | Head of Purchasing | Miller & Sons\nT +44 20 7946 0958 | M +44 7700 900123\nwww.miller.example",
    "danke gruss komma": f"{OWN}\n\nVielen Dank und freundliche Grüße\nJana Weber",
    "merci cordialement": f"{OWN}\n\nMerci d'avance et bonne journée,\n\nJeanne",
    "en vous remerciant": f"{OWN}\n\nEn vous remerciant par avance,\n\nBien cordialement,\n\nM. Dupont",
    "je vous prie": f"{OWN}\n\nJe vous prie d'agréer, Madame, Monsieur, l'expression de mes salutations distinguées.\n\nJean Dupont",
    "veuillez": f"{OWN}\n\nVeuillez agréer, Madame, Monsieur, mes salutations distinguées.\nJean Dupont",
    "phone then quote": f"{OWN}\n\nEnvoyé de mon iPhone\n\n> Le 3 nov. 2026 à 10:12, {W} a écrit :\n> \n> Bonjour",
    "outlook mobile de": f"{OWN}\n\nHolen Sie sich Outlook für iOS<https://aka.ms/o0ukef>\n________________________________\nVon: {W}\nGesendet: Dienstag, November 3, 2026 10:12:01 AM\nAn: Jana\nBetreff: X\n\nHallo",
    "nested": f"{OWN}\n\nLe 03/11/2026 à 10:12, Acme a écrit :\n> Bonjour\n>\n> Le 02/11/2026 à 09:00, Jeanne a écrit :\n>> Première question\n> Cordialement",
    "mixed nested": f"{OWN}\n\nDe : {W}\nEnvoyé : mardi 3 novembre 2026 10:12\nÀ : Jeanne\nObjet : X\n\nBonjour,\n\nLe 02/11/2026 à 09:00, Jeanne a écrit :\n> Question\n> autre\n\nCordialement",
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

MORE_KEPT = {
    "travel": "Mon trajet était :\nDe : Paris\nÀ : Lyon\nDate : 3 novembre 2026\nPrix : 45 €\nMerci de rembourser.",
    "colleague wrote": "Three weeks ago I asked.\n\nOn 3 November 2026 at 10:12 your colleague Sam wrote:\nWe will refund you.\n\nBut nothing came. What now?",
    "collègue": "Three weeks ago I asked.\n\nLe 3 novembre 2026 à 10h12, votre collègue a écrit :\nNous remboursons.\n\nEt depuis, rien. Que faire ?",
    "kollege": "Three weeks ago I asked.\n\nAm 3. November 2026 um 10:12 Uhr schrieb Ihr Kollege:\nWir erstatten.\n\nSeitdem nichts. Was nun?",
    "thanks then number": "It is this one:\n\nThanks\n4512-88",
    "callback number": "Pouvez-vous me rappeler au numéro ci-dessous ?\n\nMerci\n06 12 34 56 78",
    "callback sig": "Can you call me back?\n\nRegards\nJane Miller\n+44 20 7946 0958",
    "address below": "Please deliver to the address below.\n\nBest regards\nJane Miller\n12 Garden Road\nYork YO1 7HH",
    "nb": "Ça marche.\n\nCordialement,\nJeanne\n\nNB : la facture est toujours fausse",
    "client number": "Où est ma commande ?\n\nCordialement,\nJeanne Martin\nN° client 45128",
    "serial below": "Ci-joint.\n\nMerci\nSN 99-321-X",
    "best western": "The hotel was\nBest Western\nYork",
    "dashes": "Options :\n--\nA\n--\nB ou C ?",
    "le then": "Le produit est cassé.\nIl ne marche plus depuis le 3 novembre 2026 à 10:12, et Sam <sam@acme.example> a dit :\nattendez.",
    "two thanks": "Danke\nfür die schnelle Hilfe, aber das Gerät geht immer noch nicht.",
    "bullets": "Il manque :\n> la vis\n> le boulon\nMerci",
    "see below outlook": f"Mes réponses en rouge ci-dessous.\n\nDe : {W}\nEnvoyé : mardi 3 novembre 2026 10:12\nÀ : Jeanne\nObjet : X\n\nVotre nom ?\nJeanne\nVotre ville ?\nLyon",
    "greeting only": f"Bonjour,\n\nDe : {W}\nEnvoyé : mardi 3 novembre 2026 10:12\nÀ : Jeanne\nObjet : X\n\nVotre nom ?\nJeanne",
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


@pytest.mark.parametrize("name", MORE_CUT)
def test_history_and_signature_of_rarer_programs_go(name: str) -> None:
    assert email_quotes.newest(MORE_CUT[name]) == OWN


@pytest.mark.parametrize("name", KEPT)
def test_honest_words_stay(name: str) -> None:
    assert email_quotes.newest(KEPT[name]) == KEPT[name].strip()


@pytest.mark.parametrize("name", MORE_KEPT)
def test_words_that_look_like_history_or_a_signature_stay(name: str) -> None:
    assert email_quotes.newest(MORE_KEPT[name]) == MORE_KEPT[name]


def test_what_a_web_form_asked_for_is_no_history() -> None:
    form = f"New message from your site\n\nFrom: {W}\nSubject: Devis\nDate: 3 November 2026\n\nI need a quote."
    assert email_quotes.newest(form, is_reply=False) == form
    assert email_quotes.newest(f"{OWN}\n\n{form.partition(chr(10))[2]}") == OWN


def test_a_mail_passed_on_keeps_the_history_it_passes_on() -> None:
    text = f"{OWN}\n\nDe : {W}\nEnvoyé : mardi 3 novembre 2026 10:12\nÀ : Jeanne\nObjet : X\n\nBonjour"
    assert email_quotes.newest(text, is_forward=True) == text
    assert email_quotes.newest(text) == OWN


@pytest.mark.parametrize("name", BETWEEN)
def test_answers_in_the_middle_and_forwarded_words_stay(name: str) -> None:
    text, expected = BETWEEN[name]
    assert email_quotes.newest(text) == expected
