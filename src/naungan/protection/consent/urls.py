"""Addresses of consents, below the address of their case."""

from django.urls import path

from naungan.protection.consent import views

urlpatterns = [
    path("", views.consents, name="consents"),
    path("ask/", views.consent_ask, name="consent_ask"),
    path("answer/", views.consent_answer, name="consent_answer"),
    path("form/", views.consent_form, name="consent_form"),
    path("<str:ref>/withdraw/", views.consent_withdraw, name="consent_withdraw"),
    path("confirmations/<str:ref>/", views.consent_confirm, name="consent_confirm"),
]
