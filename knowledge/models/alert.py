"""Who wants to hear by mail of new and changed articles. An address counts once its owner has confirmed it."""

from django.db import models

from knowledge.models.article import Article, Category


class AlertRequest(models.Model):
    """Somebody typed an address. `digest` is the hash of the link that was mailed to it: used once, and only for a while."""

    email = models.CharField(max_length=320)
    language = models.CharField(max_length=5)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            # asking.ask: how many wait for this address already
            models.Index(fields=["email"], name="alert_request_email"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Subscriber(models.Model):
    """A confirmed address, and the language of its mail. With the last topic it is forgotten."""

    email = models.CharField(max_length=320, unique=True)
    language = models.CharField(max_length=5)
    # No mail before; set a day ahead when one is about to leave
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"#{self.pk}"


class Subscription(models.Model):
    """A topic that somebody follows, and since when he said so."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="topics")
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="followers")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscriber", "category"], name="alert_topic_once")]

    def __str__(self) -> str:
        return f"{self.subscriber_id}: {self.category_id}"


class AlertDue(models.Model):
    """An article of which a subscriber has not been told yet. The mail that tells of it takes the row away."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="due")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    is_new = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "alerts due"
        constraints = [models.UniqueConstraint(fields=["subscriber", "article"], name="alert_due_once")]

    def __str__(self) -> str:
        return f"{self.subscriber_id}: {self.article_id}"
