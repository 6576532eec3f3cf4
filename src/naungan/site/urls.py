"""Every address of the site."""

from django.urls import include, path

from naungan.site import components, views

urlpatterns = [
    path("", views.home, name="home"),
    path("alive", views.alive, name="alive"),
    path("search/", views.search, name="search"),
    path("notices/", views.notices, name="notices"),
    path("language/", views.set_language, name="set_language"),
    path("theme/", views.set_theme, name="set_theme"),
    path("lock/", views.lock, name="lock"),
    path("signed-out/", views.signed_out, name="signed_out"),
    path("components/", components.page, name="components"),
    path("account/", include("naungan.site.account_urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("", include("naungan.access.urls")),
    path("cases/", include("naungan.protection.cases.urls")),
    path("cases/<str:code>/safety/", include("naungan.protection.safety.urls")),
    path("cases/<str:code>/consents/", include("naungan.protection.consent.urls")),
    path("", include("naungan.exchange.api.urls")),
    path("", include("naungan.exchange.urls")),
]

handler400 = "naungan.site.views.error_400"
handler403 = "naungan.site.views.error_403"
handler404 = "naungan.site.views.error_404"
handler500 = "naungan.site.views.error_500"
