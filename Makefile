PYTHON ?= python3
LAB_FLAGS ?=
BIN := .venv/bin

# One thread: small matrices run faster so, and everybody's numbers agree.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.PHONY: help lab slides release kit test lint bench clean

help:   ## show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/'

lab:    .venv/course ## open the course in JupyterLab (options for it: LAB_FLAGS=...)
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb $(LAB_FLAGS)

slides: build/kit ## turn every lesson into slides, in build/slides
	$(BIN)/python site/slides.py

release: .venv/course ## turn solutions/ into exercises/, when all are sound
	$(BIN)/python -m backprop.release

kit:    .venv/course ## the same, and pack build/backprop-course-kit.zip for students
	$(BIN)/python -m backprop.release --kit build/backprop-course-kit.zip

test:   lint build/kit ## run every test, every doctest and every notebook
	$(BIN)/python -m pytest
	PYTHONSTARTUP=$(CURDIR)/tests/strict_kernel.py $(BIN)/python -m pytest --nbval-lax $(wildcard notebooks/*.ipynb solutions/*.ipynb exercises/*.ipynb)

lint:   .venv/test ## check style and spelling, notebooks included
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

bench:  .venv/bench ## measure speed against the peers in benchmarks/requirements.txt
	for script in benchmarks/bench_*.py benchmarks/grading.py; do $(BIN)/python $$script || exit 1; done

clean:  ## remove what was built, .venv too
	rm -rf .venv .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/course: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("The course needs Python 3.11 or newer; $(PYTHON) is %d.%d. Try: make PYTHON=python3.12" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

.venv/test: .venv/course
	$(BIN)/python -m pip install --quiet -e '.[test]'
	@touch $@

build/kit: site/requirements.txt .venv/course
	rm -rf $@
	$(BIN)/python -m pip install --quiet --no-deps --target $@ -r $<
	@touch $@

.venv/bench: .venv/course benchmarks/requirements.txt
	$(BIN)/python -m pip install --quiet -r benchmarks/requirements.txt
	@touch $@
