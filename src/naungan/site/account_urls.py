"""
The addresses of the sign-in library that are in use, one by one.

The library has more: pages by which somebody could give their account another address to sign in with. Accounts are
made and corrected by administrators only, so those names lead nowhere; the library still asks for some of them.
"""

from allauth.account import views
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, re_path

# Names that the library's own code reverses.
CLOSED = ("account_signup", "account_email", "account_email_verification_sent", "account_set_password")


def closed(request: HttpRequest) -> HttpResponse:
    """Nothing is here."""
    raise Http404


urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    *(path(f"closed/{name}/", closed, name=name) for name in CLOSED),
]
