"""The course is read as a lecturer's folder is, never imported."""

collect_ignore = ["course"]
