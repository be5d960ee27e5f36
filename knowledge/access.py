"""What staff who write articles may see and do: the same audiences as readers, in every state; the only way to one article."""

from django.utils.translation import gettext_lazy as _

from helpdesk.lib import errors
from helpdesk.people.models import User
from knowledge.models import Article, ArticleDraft, ArticleQuerySet, ArticleVersion


def articles(user: User) -> ArticleQuerySet:
    """Those whose audience he belongs to."""
    return Article.objects.meant_for(user)


def article(user: User, article_id: int) -> Article:
    """One of them. Raises NotFound for what he may not know of."""
    found = articles(user).select_related("category", "author", "draft__author").filter(pk=article_id).first()
    if found is None:
        raise errors.NotFound()
    return found


def version(user: User, article_id: int, version_id: int) -> ArticleVersion:
    """One former text of one of them."""
    rows = article(user, article_id).versions.select_related("article", "author", "approved_by")
    found = rows.filter(pk=version_id).first()
    if found is None:
        raise errors.NotFound()
    return found


def refuse_placing(user: User, found: Article) -> None:
    """Where an article stands and who reads it is its writer's affair until readers see it, or are about to."""
    draft = getattr(found, "draft", None)
    is_approved = draft is not None and draft.state == ArticleDraft.State.APPROVED
    if (found.status != Article.Status.DRAFT or is_approved) and not user.may("knowledge.publish"):
        raise errors.NotAllowed(_("Only those who publish articles may change this one."))
