from django.db import migrations, models

from helpdesk.lib.migrations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("tickets", "0003_incoming_mail"),
    ]

    operations = [
        AddIndexOnline(
            model_name="rawmail",
            index=models.Index(
                condition=models.Q(("settled_at__isnull", False)), fields=["-id"], name="raw_mail_settled"
            ),
        ),
    ]
