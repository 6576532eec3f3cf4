"""Addresses of cases; they carry case codes, never names."""

from django.urls import path

from naungan.protection.cases.views import admin, desk, lists, people, record

urlpatterns = [
    path("", lists.case_list, name="case_list"),
    path("print/", lists.case_list_print, name="case_list_print"),
    path("open/", record.open_new, name="case_open"),
    path("bulk/", lists.bulk, name="case_bulk"),
    path("undo/", lists.undo, name="case_undo"),
    path("views/save/", lists.view_save, name="view_save"),
    path("views/<str:ref>/rename/", lists.view_rename, name="view_rename"),
    path("views/<str:ref>/remove/", lists.view_remove, name="view_remove"),
    path("caseloads/", people.caseloads, name="caseloads"),
    path("caseloads/<str:ref>/hand-over/", people.hand_over, name="hand_over"),
    path("emergency/", people.emergency, name="emergency"),
    path("due/<str:ref>/done/", desk.deadline_done, name="deadline_done"),
    path("fields/", admin.own_fields, name="own_fields"),
    path("fields/<str:ref>/", admin.own_field, name="own_field"),
    path("words/add/", admin.word_add, name="word_add"),
    path("words/<int:pk>/end/", admin.word_end, name="word_end"),
    path("<str:code>/", record.case_page, name="case_page"),
    path("<str:code>/timeline/", record.timeline_more, name="case_timeline"),
    path("<str:code>/reveal/", record.reveal, name="case_reveal"),
    path("<str:code>/hide/", record.hide, name="case_hide"),
    path("<str:code>/edit/<str:section>/", record.edit, name="case_edit"),
    path("<str:code>/parts/<str:prefix>/", record.part_edit, name="part_add"),
    path("<str:code>/parts/<str:prefix>/<str:ref>/", record.part_edit, name="part_edit"),
    path("<str:code>/parts/<str:prefix>/<str:ref>/remove/", record.part_remove, name="part_remove"),
    path("<str:code>/notes/", desk.note_add, name="note_add"),
    path("<str:code>/due/", desk.deadline_add, name="deadline_add"),
    path("<str:code>/files/", desk.file_add, name="file_add"),
    path("<str:code>/files/<str:ref>/", desk.file_read, name="file_read"),
    path("<str:code>/files/<str:ref>/remove/", desk.file_remove, name="file_remove"),
    path("<str:code>/move/<str:step>/", desk.move, name="case_move"),
    path("<str:code>/people/", people.case_people, name="case_people"),
    path("<str:code>/who-saw/", people.who_saw, name="who_saw"),
    path("<str:code>/erase/", people.erase, name="case_erase"),
]
