"""The tutorials' endpoints, with the faults their clients have met."""

from rest_framework import generics, permissions, status
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.models import User
from accounts.serializers import InfoSerializer, RegistrationSerializer


def blacklist_all(user):
    """Calls back every outstanding refresh and sliding token of a user, spent ones included."""
    for token in OutstandingToken.objects.filter(user=user):
        BlacklistedToken.objects.get_or_create(token=token)


class RegistrationView(generics.CreateAPIView):
    """Registers a user."""

    permission_classes = [permissions.AllowAny]
    serializer_class = RegistrationSerializer


class InfoView(APIView):
    """Tells who the caller is."""

    permission_classes = [permissions.IsAuthenticated]

    def get(self, request):
        return Response(InfoSerializer(request.user).data)


class ResetAllTokenView(APIView):
    """Logs the caller out everywhere."""

    permission_classes = [permissions.IsAuthenticated]

    def post(self, request):
        blacklist_all(request.user)
        return Response(status=status.HTTP_205_RESET_CONTENT)


class LogoutTokenView(APIView):
    """Logs out once, or everywhere. Its faults are the published view's: nothing is checked before use."""

    permission_classes = [permissions.IsAuthenticated]

    def post(self, request):
        if request.data.get("all"):
            blacklist_all(request.user)
            return Response({"status": "OK, goodbye, all refresh tokens blacklisted"})
        RefreshToken(token=request.data.get("refresh_token")).blacklist()
        return Response({"status": "OK, goodbye"})


class StandingView(APIView):
    """Not part of the contract: lets the recorder deactivate or delete a user, which no recorded endpoint can."""

    authentication_classes = []
    permission_classes = []

    def post(self, request):
        user = User.objects.get(email=request.data["email"])
        if request.data["standing"] == "deleted":
            user.delete()
        else:
            user.is_active = request.data["standing"] == "active"
            user.save()
        return Response({})
