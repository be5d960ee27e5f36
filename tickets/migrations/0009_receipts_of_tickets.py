from django.db import migrations, models


class Migration(migrations.Migration):
    """Receipts of before have left, as far as anybody knows. The index holds new ones only: it is built in no time."""

    dependencies = [
        ("tickets", "0008_draft_cc"),
    ]

    operations = [
        migrations.AddField(
            model_name="receipt",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=models.deletion.SET_NULL,
                related_name="receipts",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            model_name="receipt",
            name="state",
            field=models.CharField(
                choices=[("queued", "Queued"), ("sending", "Being sent"), ("sent", "Sent"), ("failed", "Failed")],
                db_default="sent",
                default="queued",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="receipt",
            name="attempts",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="receipt",
            name="reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="receipt",
            name="leased_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ticket__isnull", False)), fields=("ticket",), name="receipt_once"
            ),
        ),
    ]
