"""The paths of the library's documentation and of the tutorials built on it."""

from django.urls import path
from rest_framework_simplejwt import views as simplejwt

from accounts import views

urlpatterns = [
    path("api/token/", simplejwt.TokenObtainPairView.as_view()),
    path("api/token/refresh/", simplejwt.TokenRefreshView.as_view()),
    path("api/token/verify/", simplejwt.TokenVerifyView.as_view()),
    path("api/token/blacklist/", simplejwt.TokenBlacklistView.as_view()),
    path("api/token/sliding/", simplejwt.TokenObtainSlidingView.as_view()),
    path("api/token/sliding/refresh/", simplejwt.TokenRefreshSlidingView.as_view()),
    path("api/v1/users/registration/", views.RegistrationView.as_view()),
    path("api/v1/users/registartion/", views.RegistrationView.as_view()),  # as one tutorial spells it
    path("api/v1/users/info/", views.InfoView.as_view()),
    path("api/v1/users/reset-all-token/", views.ResetAllTokenView.as_view()),
    path("logout_token/", views.LogoutTokenView.as_view()),
    path("reference/standing/", views.StandingView.as_view()),
]
