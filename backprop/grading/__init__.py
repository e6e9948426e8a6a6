"""A folder of submissions to grades: run in a sandbox, judged outside it."""
