"""The addresses of access: people, teams, the organisation, one's own profile, the policy and the audit chain."""

from django.urls import path

from naungan.access.views import chain, organisation, people, person, profile

urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/invite/", people.person_invite, name="person_invite"),
    path("people/<str:ref>/", person.person_edit, name="person_edit"),
    path("people/<str:ref>/email/", person.person_email, name="person_email"),
    path("people/<str:ref>/roles/", person.role_grant, name="role_grant"),
    path("people/<str:ref>/roles/<int:grant_id>/revoke/", person.role_revoke, name="role_revoke"),
    path("people/<str:ref>/away/", person.person_away, name="person_away"),
    path("people/<str:ref>/close/", person.person_close, name="person_close"),
    path("people/<str:ref>/reopen/", person.person_reopen, name="person_reopen"),
    path("people/<str:ref>/invite-again/", person.person_invite_again, name="person_invite_again"),
    path("people/<str:ref>/sessions/end/", person.sessions_end, name="person_sessions_end"),
    path("people/<str:ref>/sessions/<int:session_id>/end/", person.session_end, name="person_session_end"),
    path("people/<str:ref>/recovery/", person.recovery_ask, name="recovery_ask"),
    path("people/<str:ref>/recovery/<str:recovery_ref>/grant/", person.recovery_grant, name="recovery_grant"),
    path("people/<str:ref>/recovery/<str:recovery_ref>/decline/", person.recovery_decline, name="recovery_decline"),
    path("organisation/", organisation.organisation, name="organisation"),
    path("organisation/teams/", organisation.teams, name="teams"),
    path("organisation/teams/<str:ref>/end/", organisation.team_end, name="team_end"),
    path("profile/", profile.profile, name="profile"),
    path("profile/away/", profile.profile_away, name="profile_away"),
    path("profile/notices/", profile.notice_settings, name="notice_settings"),
    path("profile/sessions/end/", profile.sessions_end, name="profile_sessions_end"),
    path("profile/sessions/<int:session_id>/end/", profile.session_end, name="profile_session_end"),
    path("policy/", profile.policy, name="policy"),
    path("audit/", chain.audit, name="audit"),
    path("audit/verify/", chain.audit_verify, name="audit_verify"),
    path("audit/download/", chain.audit_download, name="audit_download"),
    path("recover/<str:token>/", profile.recover, name="recover"),
]
