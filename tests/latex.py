"""Is a piece of LaTeX well formed, and free of names of the code?"""

import re


def leaks(latex):
    """Names of the code that stand in LaTeX: two letters side by side, or a letter and a digit."""
    text = re.sub(r"\\(text|mathrm|begin|end)\{[a-z]+\}|\\[A-Za-z]+", " ", latex)
    return re.findall(r"[A-Za-z]{2,}|[A-Za-z]\d|\*|_[^{]", text)


def well_formed(latex):
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", latex):
        depth += 1 if brace == "{" else -1
        assert depth >= 0, latex
    assert depth == 0, latex
    assert len(re.findall(r"\\left\b", latex)) == len(re.findall(r"\\right\b", latex)), latex
    assert re.findall(r"\\begin\{(\w+)\}", latex)[::-1] == re.findall(r"\\end\{(\w+)\}", latex)
    return not leaks(latex)
