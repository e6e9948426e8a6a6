"""Hostile, broken and honest but odd submissions, each with the grade that an ideal grader gives.

Harmless outside the sandbox: what forks, fills or waits ends by itself; no host but this one is
ever asked for, and there only what the test itself has opened.
"""

from redteam import breaking, escaping, exhausting, forging, garbled, honest, leaking, values

FAMILIES = (honest, values, garbled, forging, leaking, escaping, breaking, exhausting)
CASES = [case for family in FAMILIES for case in family.CASES]
HOSTILE = [case for family in FAMILIES[3:] for case in family.CASES]
PLAIN, SCORES, BUDGET = honest.CASES[0], forging.SCORES, exhausting.BUDGET
