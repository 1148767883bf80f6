# Each command needs nothing but Python 3.10 or newer: it makes a virtual environment first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: app test lint screenshots space deploy

app: .venv/app
	$(BIN)/python app.py

test: .venv/dev
	$(BIN)/python tests/browser/chromium.py || $(BIN)/playwright install chromium || true
	$(BIN)/python -m pytest

lint: .venv/dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	npm ci --silent && npx biome ci --error-on-warnings

screenshots: .venv/dev
	$(BIN)/python docs/screenshots.py

# the head of README.md, from Space.yaml
space:
	$(PYTHON) -m space.card

# to Hugging Face: make deploy SPACE=your-name/its-name
deploy: .venv/app
	@$(BIN)/python -m space.deploy "$(SPACE)"

.venv/app: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --disable-pip-version-check -q -r requirements.txt
	touch $@

.venv/dev: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --disable-pip-version-check -q -r requirements-dev.txt
	touch $@
