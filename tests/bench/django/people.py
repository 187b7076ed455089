"""Makes people, each with a pair of tokens, and prints them as JSON: `people.py COUNT PASSWORD`. One hash serves all: it is slow on purpose."""

import json
import sys

import django

django.setup()

from accounts.models import User  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from rest_framework_simplejwt.tokens import RefreshToken  # noqa: E402

count, password = int(sys.argv[1]), sys.argv[2]
hashed = make_password(password)
users = [User(email=f"person-{place}@example.com", password=hashed) for place in range(count)]
User.objects.bulk_create(users)


def pair(user):
    refresh = RefreshToken.for_user(user)
    return {"email": user.email, "refresh": str(refresh), "access": str(refresh.access_token)}


json.dump([pair(user) for user in User.objects.all()], sys.stdout)
