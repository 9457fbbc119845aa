# make serve · make test: everything else is behind these two.
# PYTHON=/path/to/python3.10 chooses the interpreter, PORT= and HOST= where the bot listens.
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
PACKAGES := $(patsubst %/__init__.py,%,$(sort $(wildcard */__init__.py)))
UV ?= uv
COMPILE = $(UV) pip compile --quiet --generate-hashes --no-header \
	--python-version 3.10 --python-platform x86_64-manylinux_2_28 pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev serve train check test lint audit bench lock clean
.NOTPARALLEL:

help: ## 显示这些命令
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)$$/  make \1\t\2/p' Makefile | expand -t 20

setup: ## 准备运行环境（第一次要几分钟，之后立即完成）
	@tools/setup.sh base

setup-dev: ## 准备运行和测试环境
	@tools/setup.sh dev

# exec: Ctrl-C and SIGTERM reach the server itself, and make reports its exit code, nothing else.
serve: setup ## 启动（网页和机器人同一个端口，PORT 默认 5005）
	@exec $(PY) -m bot serve

train: setup ## 重新训练模型（只有改了训练例句才需要）
	@exec $(PY) -m bot train --force

check: setup ## 检查内容，指出文件和行
	@exec $(PY) -m bot check

# Trained before: the processes of the tests would each train for themselves.
test: setup-dev ## 检查内容，然后跑全部测试
	@$(PY) -m bot check
	@$(PY) -m bot train
	@$(PY) -m pytest -q -n logical --maxprocesses 4 --dist loadgroup --no-loadscope-reorder -m "not alone" tests; shared=$$?; \
	 $(PY) -m pytest -q -m alone tests && exit $$shared

lint: setup-dev ## 代码检查（ruff 和 mypy）
	@$(PY) -m ruff check $(PACKAGES); ruff=$$?; $(PY) -m mypy $(PACKAGES) && exit $$ruff

audit: setup ## 查依赖里有没有已知的漏洞（要联网；pip-audit 和 npm audit）
	@exec $(PY) -m tools.audit

bench: setup-dev ## 性能测量，和 Rasa 自带的机器人对照
	@$(PY) -m benchmarks.scale
	@$(PY) -m benchmarks.understanding
	@exec $(PY) -m benchmarks

lock: ## 按 pyproject.toml 重写两个锁文件（维护者用，需要 uv）
	@command -v $(UV) >/dev/null || { echo "缺少 uv，无法更新锁文件。 / uv is missing: the locks cannot be updated." >&2; exit 1; }
	@mkdir -p requirements
	$(COMPILE) --output-file requirements/base.lock
	$(COMPILE) --extra dev --constraint requirements/base.lock --output-file requirements/dev.lock

clean: ## 删除环境、缓存和模型（不删 var/ 里的对话）
	rm -rf $(VENV) .cache models .mypy_cache .ruff_cache .pytest_cache .hypothesis benchmarks/out
