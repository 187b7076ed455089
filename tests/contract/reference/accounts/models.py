"""Users who log in with their e-mail, as in the tutorials."""

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models


class UserManager(BaseUserManager):
    """Makes users without a user name."""

    def create_user(self, email, password, **names):
        """Stores the e-mail with its domain in lower case, as Django's own manager does."""
        user = self.model(email=self.normalize_email(email), **names)
        user.set_password(password)
        user.save()
        return user


class User(AbstractUser):
    """Django's user with the e-mail in the place of the user name."""

    username = None
    email = models.EmailField(unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()
