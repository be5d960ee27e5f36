from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedback",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unclear", "I did not understand it"),
                    ("incomplete", "It does not cover my case"),
                    ("outdated", "It is not right, or no longer"),
                    ("failed", "I did what it says and it did not work"),
                ],
                default="",
                max_length=10,
            ),
        ),
    ]
