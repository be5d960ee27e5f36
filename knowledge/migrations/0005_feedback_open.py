"""Alone, and built while answers come in."""

from django.db import migrations, models

from helpdesk.lib.migrations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("knowledge", "0004_drafts_versions_audiences"),
    ]

    operations = [
        AddIndexOnline(
            model_name="feedback",
            index=models.Index(
                condition=models.Q(("helpful", False), ("settled_at__isnull", True)),
                fields=["article"],
                name="feedback_open",
            ),
        ),
    ]
