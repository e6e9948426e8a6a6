"""What runs within the sandbox: a warm process that forks one for each submission.

Nothing here is trusted by the grader: what comes out are values, which are judged elsewhere.
"""
