"""What may be asked about imports and exports; every answer stays inside the scope of the one who asks."""
