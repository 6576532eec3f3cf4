"""Published standards as data: fields, code lists, regions, and how a value is checked against them."""
