"""Words that tell what kind of request this is and whether it is urgent. Pure data.

Signs are folded (no accents, lower case); a trailing * stands for any ending. A hyphen in a text counts as a blank.
"""

from tickets.models.ticket import Kind
from tickets.qualification.lexicon import Lexicon

URGENT = "urgent"
_SIGNS: dict[str, str] = {
    Kind.COMPLAINT: (
        "complain*|unacceptable|disappoint*|angry|furious|scandal*|worst|terrible|awful|still not|still no|still nothing|"
        "still waiting|never arrived|never received|never again|refund*|money back|fed up|reclamation*|plainte*|"
        "inadmissible*|inacceptable*|decu*|scandaleu*|honteu*|colere|toujours pas|toujours rien|jamais recu*|"
        "jamais arrive*|rembours*|mecontent*|lamentable*|ras le bol|marre"
    ),
    Kind.ASSISTANCE: (
        "help|broken|does not work|doesnt work|doesn't work|doesn’t work|not working|error*|bug*|fail*|crash*|cannot|"
        "cant|can't|can’t|unable|stuck|problem*|issue*|repair*|fix|reset|damaged|aide*|panne*|casse|cassee|casses|"
        "cassees|ne marche|ne fonctionne|fonctionne pas|marche pas|erreur*|bloque*|impossible|probleme*|souci*|reparer|"
        "reparation*|depann*|abime*"
    ),
    Kind.INFORMATION: (
        "how do|how can|how much|how long|how many|what is|what are|when will|when does|when do|when is|where is|"
        "where can|do you|is it possible|could you tell|i would like to know|information*|question*|opening hours|price*|"
        "comment|combien|quand|quel*|est ce que|savoir|renseignement*|horaire*|tarif*|prix|possible de|proposez"
    ),
    URGENT: (
        "urgent*|asap|emergency|immediately|right now|danger*|on fire|caught fire|catch fire|smoke|smoking|burning|"
        "burned my|burned me|burned his|burned her|burned himself|burned herself|burned down|burned through|burnt my|"
        "burnt me|burnt his|burnt her|burnt himself|burnt herself|burnt down|burnt through|injur*|electric shock|"
        "urgence*|immediatement|tout de suite|en feu|prend feu|pris feu|prendre feu|incendie|fumee|me brul*|me suis brul*|"
        "m'est brul*|me est brul*|m'brul*|m' brul*|s'brul*|s'est brul*|se brul*|se est brul*|se suis brul*|m'a brul*|"
        "blesse|blessee|blessees|blesses|blessures|blessure|electrocut*"
    ),
}


LEXICON = Lexicon(_SIGNS)
