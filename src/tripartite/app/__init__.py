"""Reports and viewers, made from saved results."""
