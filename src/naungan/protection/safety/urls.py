"""Addresses of safety, below the address of their case."""

from django.urls import path

from naungan.protection.safety import views

urlpatterns = [
    path("", views.safety, name="safety"),
    path("plan/", views.safety_plan, name="safety_plan"),
    path("danger/", views.danger_report, name="danger_report"),
    path("measures/", views.measure_add, name="measure_add"),
    path("measures/<str:ref>/end/", views.measure_end, name="measure_end"),
    path("plans/<str:ref>/confirm/", views.plan_confirm, name="plan_confirm"),
    path("plans/<str:ref>/close/", views.plan_close, name="plan_close"),
]
