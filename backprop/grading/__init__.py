"""A folder of submissions to grades: run in a sandbox, judged outside it.

The way of a submission, room by room:

submissions   who handed in what, in each known layout; assignments: what there is to hand in
run           which are still to be graded; stations, cluster: where, side by side
grader        judges what a submission answers, and puts it into words; findings: where answers are
examination   asks it, whatever it does; conversation, wire: values over a socket
sandbox       the walls: bubblewrap outside, inside/ a warm process that forks for each; staging
notebooks     a hostile file as cells, read within the walls
results       what it came to; gradebook: kept; exports: for other programs
feedback      a page for its student; report: one on the class; pages, templates: what both share
command       all of it on the command line; gradescope: all of it in a zip
"""
