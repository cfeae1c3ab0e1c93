# Needs Python 3.11 or later, pip and make; everything else comes into .venv.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check --quiet

.PHONY: demo test bench fuzz simulate scenarios meaning torture torture-listening powercut mutation \
        transitions play coverage extra clean

# A simulated bank, end to end. With DEMO_SECONDS=20: headless for that long, then a verdict.
demo: $(VENV)/.installed
	$(BIN)/slotgw demo $(if $(DEMO_SECONDS),--seconds $(DEMO_SECONDS))

# Everything that can be checked with PyPI alone. Three workers on two cores: live tests wait a lot.
# A worker that dies is not replaced: pytest-xdist may wait for its successor for ever.
test: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 3 --dist loadfile --max-worker-restart 0 $(PYTEST_OPTIONS)

# Figures, each beside a yardstick measured in the same run, and a table of the goals: minutes.
bench: $(VENV)/.installed-dev
	PYTHONPATH=. $(BIN)/python tests/bench/run.py

# Ten million spoiled frames and random streams at the protocol's readers: a few minutes.
fuzz: $(VENV)/.installed-dev
	$(BIN)/python tests/fuzz/run_fuzz.py $(FUZZ_OPTIONS)

# Whole floors in virtual time, crashed at any step: a seed is a life, and the same life again.
simulate: $(VENV)/.installed-dev
	$(BIN)/python tests/simulation/run_simulation.py --seeds $(or $(SEEDS),500) --first $(or $(FIRST),1)

# Every scenario that comes with slotsim, against our gateway: in virtual time, then as processes
# over ptys and a real server: two minutes. SCENARIO_OPTIONS="--tag short --only live" is shorter.
scenarios: $(VENV)/.installed-dev
	$(BIN)/python tests/scenarios/run_scenarios.py $(SCENARIO_OPTIONS)

# What machines mean held to what happened, over seeds in virtual time: half an hour.
meaning: $(VENV)/.installed-dev
	$(BIN)/python tests/simulation/run_meaning.py --seeds $(or $(SEEDS),20) $(MEANING_OPTIONS)

# Everything is killed, 500 times, and the account settled: ten to twenty minutes.
torture: $(VENV)/.installed-dev
	$(BIN)/python tests/torture/run_torture.py --kills $(or $(KILLS),500) $(TORTURE_OPTIONS)

# The same for a gateway that only listens to another host, on taps: ten minutes.
torture-listening: $(VENV)/.installed-dev
	$(BIN)/python tests/torture/run_listening.py --kills $(or $(KILLS),200) $(TORTURE_OPTIONS)

# The outbox on a disk that loses its power and fails; needs a C compiler: ten minutes.
powercut: $(VENV)/.installed-dev
	$(BIN)/python tests/powercut/run_powercut.py $(POWERCUT_OPTIONS)

# Small changes to the code on which all else rests, one at a time: does a test notice? An hour;
# MUTATION_OPTIONS="--modules crc bcd allowlist" takes five minutes.
mutation: $(VENV)/.installed-dev
	$(BIN)/python tests/mutation/run_mutation.py $(MUTATION_OPTIONS)

# What becomes of meters: thousands of stretches with rollovers, RAM clears, lies and lost power,
# half of them from seeds that were not used while building: a minute.
transitions: $(VENV)/.installed-dev
	$(BIN)/python tests/transitions/run_transitions.py $(TRANSITION_OPTIONS)

# What games return in the long run, each beside 100 % less its par: ten million, half a minute.
play: $(VENV)/.installed-dev
	PYTHONPATH=. $(BIN)/python tests/bench/long_play.py --games $(or $(GAMES),10000000)

# Which branches of the protocol room its tests take.
coverage: $(VENV)/.installed-dev
	$(BIN)/python -m coverage run --branch --source protocols -m pytest -q tests/protocols
	$(BIN)/python -m coverage report --show-missing --skip-covered

# What needs more than PyPI; names what it could not run.
extra: $(VENV)/.installed-dev
	$(BIN)/python tests/extra/run.py

clean:
	rm -rf $(VENV) run build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("Python 3.11 or later is needed, and this is %d.%d: make PYTHON=python3.11" % v[:2])'
	@$(PYTHON) -m venv --without-pip $(VENV)
	@echo "installing into $(VENV)"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.installed
	@echo "installing what the tests need into $(VENV)"
	@$(PIP) install --editable '.[dev]'
	@touch $@
