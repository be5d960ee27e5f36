from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("people", "0003_customer_merges")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="extension",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                Lower("extension"), condition=~models.Q(extension=""), name="user_extension_once"
            ),
        ),
    ]
