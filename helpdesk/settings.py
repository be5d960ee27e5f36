"""The one settings file: without environment variables one process on SQLite, with DATABASE_URL and REDIS_URL production.

Every value an operator may change is read from the environment here and nowhere else.
"""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import logs

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.str("GUICHET_VAR", str(BASE_DIR / "var"))).resolve()
VAR.mkdir(parents=True, exist_ok=True)

DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
# Two desks on one Redis need two
REDIS_PREFIX = env.str("REDIS_PREFIX", "guichet")
IS_EMBEDDED = not DATABASE_URL
DEBUG = env.bool("DEBUG", False)


def _secret_key() -> str:
    """The key from the environment; embedded, one generated once into var/ (processes on several hosts must share it)."""
    if key := str(env.str("SECRET_KEY", "")):
        return key
    if not IS_EMBEDDED:
        raise ImproperlyConfigured("Set SECRET_KEY: with DATABASE_URL several processes must share one key.")
    path = VAR / "secret_key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()


SECRET_KEY = _secret_key()
PORT = env.int("PORT", 8000)
PUBLIC_URL = env.str("PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
_public = urlsplit(PUBLIC_URL)
IS_HTTPS = _public.scheme == "https"
# What customers read on every page and in every mail
SITE_NAME = env.str("SITE_NAME", "Guichet")
_local_hosts = ["localhost", "127.0.0.1", "[::1]"] if IS_EMBEDDED else []
ALLOWED_HOSTS = [h for h in [_public.hostname or "", *_local_hosts, *env.list("ALLOWED_HOSTS", default=[])] if h]
# Exact scheme, host and port: a bare host would let any port and scheme open a socket.
_local_origins = [f"http://{h}:{PORT}" for h in ("localhost", "127.0.0.1")] if IS_EMBEDDED else []
SOCKET_ORIGINS = list(dict.fromkeys([PUBLIC_URL, *_local_origins, *env.list("SOCKET_ORIGINS", default=[])]))
CSRF_TRUSTED_ORIGINS = SOCKET_ORIGINS

INSTALLED_APPS = [
    "daphne",
    "helpdesk",
    "helpdesk.jobs",
    "helpdesk.events",
    "helpdesk.people",
    "tickets",
    "knowledge",
    "chat",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_structlog",
    "django_vite",
    "csp",
    "channels",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]

ROOT_URLCONF = "helpdesk.urls"
ROOT_EVENTCONF = "helpdesk.wiring"
ASGI_APPLICATION = "helpdesk.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "helpdesk.views.site_context",
            ]
        },
    }
]

# --- storage ---------------------------------------------------------------------------------------------------------
if IS_EMBEDDED:
    DATABASES: dict[str, dict[str, Any]] = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR / "guichet.sqlite3",
            "OPTIONS": {
                # IMMEDIATE takes the write lock at BEGIN: a read that later writes cannot fail with "database is locked".
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: what is acknowledged outlives a power cut, for three thousandths of a second each time.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    }
else:
    DATABASES = {"default": {**env.db_url_config(DATABASE_URL), "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}}
    # A server that is gone without a word is noticed within a minute; what DATABASE_URL says goes before
    _patience = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
    DATABASES["default"]["OPTIONS"] = _patience | DATABASES["default"].get("OPTIONS", {})
    # Under ASGI each request runs in a thread of its own, so connections are pooled rather than kept per thread.
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": env.int("DATABASE_POOL_MIN", 1),
        "max_size": env.int("DATABASE_POOL_MAX", 12),
        "timeout": 15,
        # Beyond that the pool tries again when somebody asks, not after a pause that has grown as long as the outage
        "reconnect_timeout": 5,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "helpdesk.lib.cache.Cache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "helpdesk.lib.layer.Layer",
        "CONFIG": {"redis": REDIS_URL, "prefix": REDIS_PREFIX},
    }
}

MEDIA_ROOT = VAR / "files"
MAIL_ROOT = VAR / "mail"
OUTBOX_ROOT = VAR / "outbox"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", 20 * 1024 * 1024)
ATTACHMENT_MAX_COUNT = env.int("ATTACHMENT_MAX_COUNT", 10)
# A file of customers may be so large, have so many rows, and be taken back for so long
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", 20 * 1024 * 1024)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", 100_000)
IMPORT_UNDO_DAYS = env.int("IMPORT_UNDO_DAYS", 14)
EXPORT_KEEP_HOURS = env.int("EXPORT_KEEP_HOURS", 24)
FILE_LINK_MINUTES = env.int("FILE_LINK_MINUTES", 15)

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
_dist = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [_dist] if _dist.exists() else []
# Vite's names carry a hash already, so files are served from where they were built, without a copy step.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[.-][0-9A-Za-z_-]{8,12}\..+$"
FRONTEND_DIST = _dist
DJANGO_VITE = {"default": {"dev_mode": env.bool("VITE_DEV", False), "manifest_path": _dist / "manifest.json"}}

# --- mail ------------------------------------------------------------------------------------------------------------
EMAIL_HOST = env.str("SMTP_HOST", "")
EMAIL_PORT = env.int("SMTP_PORT", 587)
EMAIL_HOST_USER = env.str("SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.str("SMTP_PASSWORD", "")
EMAIL_USE_TLS = env.bool("SMTP_STARTTLS", EMAIL_PORT == 587)
EMAIL_USE_SSL = env.bool("SMTP_SSL", EMAIL_PORT == 465)
EMAIL_TIMEOUT = env.int("SMTP_TIMEOUT", 20)
EMAIL_BACKEND = "helpdesk.lib.smtp.Backend" if EMAIL_HOST else "helpdesk.lib.mail.OutboxBackend"
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", "support@localhost")
MAIL_AUTHSERV_IDS = env.list("MAIL_AUTHSERV_IDS", default=[])
MAIL_MAX_BYTES = env.int("MAIL_MAX_BYTES", 35 * 1024 * 1024)
MAIL_POLL_SECONDS = env.int("MAIL_POLL_SECONDS", 60)
# Mailboxes that one process watches by IMAP IDLE; 0 leaves them all to polling
MAIL_WATCHERS = env.int("MAIL_WATCHERS", 20)
# How long a connection waits for news before it asks, and how long a dead watcher keeps others away
MAIL_IDLE_SECONDS = env.int("MAIL_IDLE_SECONDS", 300)
MAIL_LEASE_SECONDS = env.int("MAIL_LEASE_SECONDS", 60)
# A mail that is larger stays on the server; its headers are taken in with a word about it
MAIL_FETCH_MAX_BYTES = env.int("MAIL_FETCH_MAX_BYTES", 100 * 1024 * 1024)
# Private networks in which mail servers may be set up from the console, such as 10.0.0.0/8; public ones always may
MAIL_NETWORKS = env.list("MAIL_NETWORKS", default=[])
# A certificate authority of one's own for IMAP and SMTP, beside the system's
MAIL_CA_FILE = env.str("MAIL_CA_FILE", "")
# An agent's reply waits so long before it leaves by mail, and can be taken back
UNSEND_SECONDS = env.int("UNSEND_SECONDS", 10)
# One SMTP conversation at most; then the first pause before another try (doubling up to 2 h), and when to give up
MAIL_SEND_SECONDS = env.int("MAIL_SEND_SECONDS", 110)
MAIL_RETRY_SECONDS = env.int("MAIL_RETRY_SECONDS", 30)
MAIL_GIVE_UP_HOURS = env.int("MAIL_GIVE_UP_HOURS", 48)
# What django-anymail is to know, without its prefix: ANYMAIL_WEBHOOK_SECRET=user:password, ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY=…
ANYMAIL = {name.removeprefix("ANYMAIL_"): value for name, value in os.environ.items() if name.startswith("ANYMAIL_")}
MAIL_SAME_SUBJECT_PER_HOUR = env.int("MAIL_SAME_SUBJECT_PER_HOUR", 20)
MAIL_DELETED_DAYS = env.int("MAIL_DELETED_DAYS", 30)
# So long the release of a held mail can be taken back
QUARANTINE_UNDO_SECONDS = env.int("QUARANTINE_UNDO_SECONDS", 600)
AGENT_MAIL_DAYS = env.int("AGENT_MAIL_DAYS", 14)
MAIL_AUTOMATIC_PER_HOUR = env.int("MAIL_AUTOMATIC_PER_HOUR", 30)
RECEIPTS_PER_HOUR = env.int("RECEIPTS_PER_HOUR", 300)
# Of these: for requests of one network address or one program, and for mail to one mailbox
RECEIPTS_PER_SOURCE = env.int("RECEIPTS_PER_SOURCE", 20)
RECEIPTS_PER_MAILBOX = env.int("RECEIPTS_PER_MAILBOX", 150)
RECEIPTS_PER_DAY = env.int("RECEIPTS_PER_DAY", 1)

# --- people ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
ACCOUNT_ADAPTER = "helpdesk.people.auth.StaffAdapter"
SOCIALACCOUNT_ADAPTER = "helpdesk.people.auth.StaffSocialAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 0)
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": "/desk/sign-in",
    "account_reset_password": "/desk/sign-in",
    "account_reset_password_from_key": "/desk/reset/{key}",
    "account_signup": "/desk/sign-in",
    "socialaccount_login_error": "/desk/sign-in",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = env.bool("PASSKEYS", False)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
SOCIALACCOUNT_ONLY = False
OIDC_SERVER = env.str("OIDC_SERVER", "")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": env.str("OIDC_NAME", "Single sign-on"),
                "client_id": env.str("OIDC_CLIENT_ID", ""),
                "secret": env.str("OIDC_SECRET", ""),
                "settings": {"server_url": OIDC_SERVER},
            }
        ]
        if OIDC_SERVER
        else [],
    }
}
LOGIN_URL = "/desk/sign-in"
LOGIN_REDIRECT_URL = "/desk/"
REST_KNOX = {"TOKEN_TTL": timedelta(days=env.int("TOKEN_DAYS", 365)), "AUTO_REFRESH": False}
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", 14 * 24 * 3600)
SESSION_COOKIE_NAME = "guichet_session"
MAGIC_LINK_MINUTES = env.int("MAGIC_LINK_MINUTES", 30)

# --- security --------------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "helpdesk.views.csrf_failure"
SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", IS_HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 31_536_000 if IS_HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if env.int("TRUSTED_PROXIES", 0):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Elements positioned by script carry style attributes; nothing that a customer typed ever does.
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- API -------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "helpdesk.lib.api.auth.SessionAuthentication",
        "helpdesk.lib.api.auth.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["helpdesk.lib.api.permissions.Needs"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["helpdesk.lib.api.parsers.SoberJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "helpdesk.lib.api.pagination.IdCursor",
    "DEFAULT_FILTER_BACKENDS": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "helpdesk.lib.api.errors.handle",
    "NON_FIELD_ERRORS_KEY": "detail",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Guichet",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "helpdesk.lib.api.schema.forget_column_bounds",
        "tickets.api.rules_schema.describe_conditions",
    ],
    "SERVE_PERMISSIONS": ["helpdesk.lib.api.permissions.Needs"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "RequestKind": "tickets.models.ticket.Kind",
        "Channel": "tickets.models.ticket.Channel",
        "TicketStatus": "tickets.models.ticket.Status",
        "MessageKind": "tickets.models.message.Message.Kind",
        "Availability": "helpdesk.people.models.user.User.Availability",
        "Role": "helpdesk.people.models.user.User.Role",
        "AuthorKind": "tickets.api.serializers.AUTHORS",
        "DeliveryState": "tickets.api.delivery_shapes.STATES",
        "StateEnum": "chat.models.Session.State",
        "OutcomeEnum": "tickets.models.mail.RawMail.Outcome",
        "CallbackState": "chat.models.Callback.State",
        "CallState": "tickets.models.call.Call.State",
        "CallOutcome": "chat.models.CallbackTry.Outcome",
        "TranscriptState": "chat.api.leaving.STATES",
        "MessageTrust": "tickets.models.message.Message.Trust",
        "CustomerTrust": "tickets.api.serializers.TRUST",
        "ContactKind": "tickets.api.serializers.CONTACTS",
        "QuarantineVerb": "tickets.api.mail_shapes.VERBS",
        "HintKind": "tickets.models.mail_in.Hint.Kind",
        "RuleFieldType": "tickets.api.rules_catalogue_shapes.FIELD_TYPES",
        "RuleActionType": "tickets.api.rules_catalogue_shapes.ACTION_TYPES",
        "HintState": "tickets.models.mail_in.Hint.State",
        "SharingLevel": "helpdesk.people.models.customer.Sharing",
        "ImportKind": "helpdesk.people.models.imports.Kind",
        "ImportState": "helpdesk.people.models.imports.Import.State",
        "ImportRowOutcome": "helpdesk.people.models.imports.ImportRow.Outcome",
        "ImportVerb": "helpdesk.people.api.import_shapes.VERBS",
        "ExportKind": "helpdesk.people.api.import_shapes.EXPORTED",
        "ExportState": "helpdesk.people.models.imports.Export.State",
        "ExportForm": "helpdesk.people.models.imports.Export.Form",
        "ArticleStatus": "knowledge.models.Article.Status",
        "ArticleChange": "knowledge.models.Article.Change",
        "ArticleDraftState": "knowledge.models.ArticleDraft.State",
    },
}

# --- words and time --------------------------------------------------------------------------------------------------
LANGUAGE_CODE = env.str("LANGUAGE", "en") if env.str("LANGUAGE", "en") in ("en", "fr") else "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "helpdesk" / "locale"]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", "Europe/Paris")

# --- intervals and limits of the trade -------------------------------------------------------------------------------
SURVEY_DELAY_SECONDS = env.int("SURVEY_DELAY_SECONDS", 24 * 3600)
SURVEY_CHANGE_DAYS = env.int("SURVEY_CHANGE_DAYS", 7)
SURVEY_LINK_DAYS = env.int("SURVEY_LINK_DAYS", 90)
REOPEN_DAYS = env.int("REOPEN_DAYS", 14)
UNSEEN_MAIL_SECONDS = env.int("UNSEEN_MAIL_SECONDS", 120)
CHAT_OFFER_SECONDS = env.int("CHAT_OFFER_SECONDS", 45)
# So many offers not taken in a row, and no more come until the agent says so; 0: never mind
CHAT_MISSES = env.int("CHAT_MISSES", 2)
# Nobody touches keyboard or mouse at any of his desks for so long: the agent is away
IDLE_SECONDS = env.int("IDLE_SECONDS", 300)
# The visitor closed his last window so long ago: the chat ends, what is written from then on goes by mail
CHAT_LEFT_SECONDS = env.int("CHAT_LEFT_SECONDS", 600)
# How long a chat insists on skills, whatever its queue says of tickets
CHAT_SKILL_SECONDS = env.int("CHAT_SKILL_SECONDS", 60)
# Whoever let a ticket go is not offered it again for so long
OFFER_PAUSE_SECONDS = env.int("OFFER_PAUSE_SECONDS", 600)
CHAT_RESUME_DAYS = env.int("CHAT_RESUME_DAYS", 30)
# Call-backs: how long a slot is, how far ahead one is booked and how soon; how long a call takes; how often it is tried
CALLBACK_MINUTES = env.int("CALLBACK_MINUTES", 30)
CALLBACK_DAYS = env.int("CALLBACK_DAYS", 7)
CALLBACK_LEAD_MINUTES = env.int("CALLBACK_LEAD_MINUTES", 15)
CALLBACK_CALL_MINUTES = env.int("CALLBACK_CALL_MINUTES", 10)
CALLBACK_ATTEMPTS = env.int("CALLBACK_ATTEMPTS", 2)
CALLBACK_RETRY_MINUTES = env.int("CALLBACK_RETRY_MINUTES", 30)
CALLBACK_REMINDER_MINUTES = env.int("CALLBACK_REMINDER_MINUTES", 30)
# Calls that may be asked for from one network in a day: nobody books all times, or has strangers rung
CALLBACKS_PER_SOURCE = env.int("CALLBACKS_PER_SOURCE", 30)
# Countries whose numbers are called, such as FR,BE; empty: all
CALLBACK_COUNTRIES = env.list("CALLBACK_COUNTRIES", default=[])
# What one telephone system may tell in a minute
CALL_EVENTS_PER_MINUTE = env.int("CALL_EVENTS_PER_MINUTE", 1200)
# Mail on new articles: news is gathered for so long, then sent, but no sooner than so many hours after the last
ALERT_GATHER_SECONDS = env.int("ALERT_GATHER_SECONDS", 3600)
ALERT_EVERY_HOURS = env.int("ALERT_EVERY_HOURS", 24)
# Whoever asks for it confirms within so many hours; so often may one network address ask in an hour, and all together
ALERT_CONFIRM_HOURS = env.int("ALERT_CONFIRM_HOURS", 48)
ALERT_REQUESTS_PER_SOURCE = env.int("ALERT_REQUESTS_PER_SOURCE", 20)
ALERT_REQUESTS_PER_HOUR = env.int("ALERT_REQUESTS_PER_HOUR", 300)
PRESENCE_SECONDS = env.int("PRESENCE_SECONDS", 30)
# Whoever closes his last window and is back within so many seconds never left
LEAVING_SECONDS = env.float("LEAVING_SECONDS", 2.0)
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", 120)
# Rules after the intake: how many may act one because of the other, and how often on one ticket within an hour
RULES_MAX_DEPTH = env.int("RULES_MAX_DEPTH", 3)
RULES_MAX_RUNS_PER_HOUR = env.int("RULES_MAX_RUNS_PER_HOUR", 20)
RULES_TIME_SECONDS = env.int("RULES_TIME_SECONDS", 60)
# Accounts of runs that changed nothing are kept so long
RULES_IDLE_DAYS = env.int("RULES_IDLE_DAYS", 14)
# From so many open tickets in the queue of what nothing places, the unrouted alarm is on
UNROUTED_ALARM = env.int("UNROUTED_ALARM", 10)
JOB_MAX_ATTEMPTS = env.int("JOB_MAX_ATTEMPTS", 8)
JOB_SWEEP_SECONDS = env.int("JOB_SWEEP_SECONDS", 5)
JOBS_HAND_OVER = env.bool("JOBS_HAND_OVER", True)
WORKER_THREADS = env.int("WORKER_THREADS", 2)
SOCKET_FRAME_MAX_BYTES = env.int("SOCKET_FRAME_MAX_BYTES", 65_536)
SOCKET_FRAMES_PER_10S = env.int("SOCKET_FRAMES_PER_10S", 200)
SOCKET_THREADS = env.int("SOCKET_THREADS", 6)
SOCKETS_PER_PERSON = env.int("SOCKETS_PER_PERSON", 30)
# Of one network address (an office behind one counts as one), in each web process
SOCKETS_PER_SOURCE = env.int("SOCKETS_PER_SOURCE", 500)
RATE_PUBLIC_PER_MINUTE = env.int("RATE_PUBLIC_PER_MINUTE", 60)
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# --- logs: structured, never message text ----------------------------------------------------------------------------
LOGGING = logs.setup(env.str("LOG_LEVEL", "WARNING"))
