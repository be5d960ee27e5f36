"""Search over existing tables: one analyser for both databases, the database's own index over the analysed column.

Whoever writes a row writes `analyse(text)` into its `terms` column; the database keeps the index (`keep`, in
`AppConfig.ready`). `match` demands all words and composes with any QuerySet; `rank` wants any word and orders by how well
a row answers; `passage` shows where.
"""

from helpdesk.lib.search.analyser import analyse
from helpdesk.lib.search.index import ensure, keep
from helpdesk.lib.search.matching import match, match_across
from helpdesk.lib.search.passages import Part, passage, plain
from helpdesk.lib.search.ranking import Ranked, rank

__all__ = ["Part", "Ranked", "analyse", "ensure", "keep", "match", "match_across", "passage", "plain", "rank"]
