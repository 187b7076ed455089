"""The reference project as it would be run: Django's own password hash, and sqlite as its documentation advises for production."""

from datetime import timedelta

from django.conf import global_settings
from settings import *  # noqa: F403
from settings import DATABASES, SIMPLE_JWT

PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS

# Longer than the benchmark takes.
SIMPLE_JWT = {**SIMPLE_JWT, "ACCESS_TOKEN_LIFETIME": timedelta(hours=1)}

DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["OPTIONS"] = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
