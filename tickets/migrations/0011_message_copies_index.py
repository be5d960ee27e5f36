from django.db import migrations, models

from helpdesk.lib.migrations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("tickets", "0010_merges"),
    ]

    operations = [
        AddIndexOnline(
            model_name="message",
            index=models.Index(
                condition=models.Q(("copied_from__isnull", False)), fields=["copied_from"], name="message_copies"
            ),
        ),
    ]
