"""Settings of the bare echo: Channels and nothing else."""

SECRET_KEY = "only-for-benchmarks"
INSTALLED_APPS = ["channels"]
ALLOWED_HOSTS = ["*"]
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
USE_TZ = True
