"""How the documentation is built: Markdown in this folder, by Sphinx, without anything fetched from elsewhere."""

from __future__ import annotations

project = "Naungan"
author = "the Naungan authors"
copyright = "2026, the Naungan authors"  # noqa: A001 - the name that Sphinx reads
language = "en"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True
# Words of a code block that no lexer knows are shown plain.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = "Naungan"
html_static_path = ["_static"]
html_css_files = ["naungan.css"]
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5d57", "color-brand-content": "#0b5d57"},
    "dark_css_variables": {"color-brand-primary": "#7fd1c7", "color-brand-content": "#7fd1c7"},
}
