# Each target needs only Python 3.10 or newer and creates a virtual environment first; `make lint`
# needs Node as well. CPU=1 installs PyTorch without CUDA: 200 MB instead of 6 GB on Linux.
PYTHON ?= python3
BIN := .venv/bin
INDEX := $(if $(CPU),--extra-index-url https://download.pytorch.org/whl/cpu)
# Python compiles what is imported, and keeps it: all that is installed would take a minute more
unexport PYTHONDONTWRITEBYTECODE
VENV := $(PYTHON) -m venv --upgrade-deps
PIP := -m pip install --disable-pip-version-check --no-compile -q $(INDEX)
# each process has a browser and an app of its own, and waits now and then: one more than CI has
# cores. The tests of a file stay together. A test that hangs ends its process, which isn't started
# again: it would take the same test again
PYTEST := $(BIN)/python -m pytest -n 3 --max-worker-restart 0 --dist loadfile --no-loadscope-reorder

.PHONY: app quick test test-busy test-slow test-latest lint pins runtime static screenshots space
.PHONY: deploy deploy-static film

app: .venv/app
	$(BIN)/python app.py

# no browser, no server, nothing slow: some four minutes on two cores
quick: .venv/dev
	$(PYTEST) -m "not app and not browser and not slow"

# SLOW=1 adds the slow ones, in the same processes
test: .venv/browser
	$(PYTEST) $(if $(SLOW),,-m "not slow")

test-slow: .venv/browser
	$(PYTEST) -m slow

# what has an app or a browser, three times beside a process that keeps one core busy: no test
# may depend on how fast the machine is
test-busy: .venv/browser
	for k in 1 2 3; do $(BIN)/python -m devtools.busy -- \
		$(PYTEST) -m "app or browser" || exit 1; done

# the tour on film, in both languages: film/tour.en.mp4, film/tour.zh.mp4
film: .venv/dev .venv/browser
	$(BIN)/python $(PIP) imageio-ffmpeg
	$(BIN)/python -m devtools.film film

# all tests on the newest releases that the requirements allow, in a separate environment
test-latest:
	$(VENV) .venv/latest
	.venv/latest/bin/python $(PIP) --upgrade -r requirements-dev.txt
	.venv/latest/bin/python $(PIP) --upgrade gradio gradio_client
	.venv/latest/bin/python -m pytest

lint: .venv/dev node_modules
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	npx biome ci --error-on-warnings
	npx pyright --pythonpath $(BIN)/python

# constraints.txt: the newest releases that the requirements allow, for each Python
pins:
	$(PYTHON) -m venv .venv/uv && .venv/uv/bin/python -m pip install -q uv
	.venv/uv/bin/uv pip compile requirements-dev.txt pyproject.toml --extra mcp --quiet --upgrade \
		--universal --python-version 3.10 --annotation-style line \
		--custom-compile-command "make pins" --output-file constraints.txt

# page/in_browser/runtime, from npm: the release of onnxruntime-web that its Python file names
runtime: .venv/dev
	$(BIN)/python -m devtools.onnxruntime_web

# the edition that needs no server at all, in dist/
static: .venv/app
	$(BIN)/python -m page.static.build dist

screenshots: .venv/dev
	$(BIN)/python -m docs.screenshots

# copy Space.yaml into the front matter of README.md
space:
	$(PYTHON) -m deploy.card

# to Hugging Face: make deploy SPACE=your-name/its-name
deploy: .venv/app
	@$(BIN)/python -m deploy.space "$(SPACE)"

# the static edition, as a Space without a server
deploy-static: static
	@$(BIN)/python -m deploy.static_space "$(SPACE)"

.venv/app: requirements.txt constraints.txt
	$(VENV) .venv
	$(BIN)/python $(PIP) -r requirements.txt -c constraints.txt
	touch $@

.venv/dev: requirements-dev.txt requirements.txt constraints.txt
	$(VENV) .venv
	$(BIN)/python $(PIP) -r requirements-dev.txt -c constraints.txt
	touch $@

.venv/browser: .venv/dev
	$(BIN)/python -m devtools.chromium || $(BIN)/playwright install chromium || true
	touch $@

node_modules: package-lock.json
	npm ci --silent
	touch $@
