"""Addresses of imports and exports; they carry references, never names."""

from django.urls import path

from naungan.exchange.views import exports, imports, rows

urlpatterns = [
    path("imports/", imports.import_list, name="import_list"),
    path("imports/start/", imports.import_start, name="import_start"),
    path("imports/<str:ref>/", imports.import_batch, name="import_batch"),
    path("imports/<str:ref>/map/", imports.import_map, name="import_map"),
    path("imports/<str:ref>/rows/<int:row>/", rows.import_row, name="import_row"),
    path("imports/<str:ref>/accept/", imports.import_accept, name="import_accept"),
    path("imports/<str:ref>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<str:ref>/marked/", rows.import_marked, name="import_marked"),
    path("imports/<str:ref>/return/", rows.import_return, name="import_return"),
    path("imports/<str:ref>/report/", rows.import_report, name="import_report"),
    path("exports/", exports.export_start, name="export_start"),
    path("exports/choose/", exports.export_choose, name="export_choose"),
    path("exports/<str:ref>/", exports.export_download, name="export_download"),
]
