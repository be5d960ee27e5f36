"""Rows that hold all the words of a question, in whatever order the caller wants them: tickets, messages."""

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from helpdesk.lib.search import index, question, vocabulary
from helpdesk.lib.search.question import Sought

AnyModel = TypeVar("AnyModel", bound=Model)
# More words than these are not demanded: nobody remembers a text so well.
_MAX_WORDS = 12


def match(queryset: QuerySet[AnyModel], text: str, column: str = "terms") -> QuerySet[AnyModel]:
    """The rows that hold every word of `text` in any of its forms; the last word may be unfinished, a slip is forgiven.

    It only narrows `queryset`: visibility, order and pages stay the caller's. A text without words finds nothing.
    """
    sought = _sought(queryset, text, column)
    if not sought:
        return queryset.none()
    return queryset.filter(index.containing(queryset, [_group(one) for one in sought], column))


def match_across(
    queryset: QuerySet[AnyModel], text: str, related: QuerySet[Any], through: str, column: str = "terms"
) -> QuerySet[AnyModel]:
    """As `match`, each word being in the row itself or in one of its `related` rows, whose `through` names the row."""
    sought = _sought(related, text, column)
    if not sought:
        return queryset.none()
    for one in sought:
        group = [_group(one)]
        elsewhere = related.filter(index.containing(related, group, column)).order_by().values(through)
        queryset = queryset.filter(Q(index.containing(queryset, group, column)) | Q(pk__in=elsewhere))
    return queryset


def _sought(queryset: QuerySet[Any], text: str, column: str) -> list[Sought]:
    sought = question.read(text, limit=_MAX_WORDS)
    if not sought:
        return []
    known = vocabulary.of_newest(queryset.model._default_manager.using(queryset.db).all(), column)
    return question.with_slips(sought, known)


def _group(one: Sought) -> list[str]:
    return [*one.terms, f"{one.word}*"] if one.is_prefix else list(one.terms)
