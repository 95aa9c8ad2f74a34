"""Makes the weights that `pipeline.enrich` loads, and measures them. Nothing in `pipeline` imports it."""
