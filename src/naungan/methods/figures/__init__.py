"""Charts as Vega-Lite specifications, each with its table, its source line and a sentence."""
