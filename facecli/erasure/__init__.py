"""Is it gone? What is due by the purposes' retention, erasing it, and proof that it is gone."""
