"""What others need for the same list: Django admin on the same table, and Directus."""
