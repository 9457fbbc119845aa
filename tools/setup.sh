#!/usr/bin/env bash
# Lays the virtual environment .venv from a lock file: `tools/setup.sh base|dev`.
# Quiet and instant when the environment already fits. Every failure is one sentence, in Chinese and English;
# what pip said is kept in .cache/setup.log.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1

kind=${1:-base}
lock=requirements/$kind.lock
venv=.venv
log=.cache/setup.log
#: What pip says where the package index cannot be reached.
unreachable='Temporary failure in name resolution|Name or service not known|Failed to establish a new connection'
unreachable+='|ReadTimeout|timed out|Connection(Reset|Refused)?Error|Network is unreachable|ProxyError|SSLError'
unreachable+='|from versions: none'
#: Room for the environment (3.0 GB, measured), and for the wheels on their way and in pip's cache.
need_mb=5000

stop() {
  printf '\n%s\n%s\n' "$1" "$2" >&2
  exit 1
}

is_310() {
  "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10) or sys.implementation.name != "cpython")' 2>/dev/null
}

find_python() {
  if [ -n "${PYTHON:-}" ]; then
    is_310 "$PYTHON" && printf '%s\n' "$PYTHON" && return
    stop "PYTHON=$PYTHON 不是可用的 Python 3.10，请改成 3.10 的路径。" "PYTHON=$PYTHON is not a working Python 3.10."
  fi
  local one
  for one in python3.10 python3 python "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python; do
    is_310 "$one" && printf '%s\n' "$one" && return
  done
  stop "找不到 Python 3.10：请先安装，或用 make PYTHON=/路径/python3.10 指明。" \
    "Python 3.10 was not found: install it, or name it with make PYTHON=/path/to/python3.10."
}

# The environment fits if its interpreter runs and it was last laid from this very lock.
if is_310 $venv/bin/python && cmp -s "$lock" "$venv/$kind.lock"; then
  exit 0
fi

mkdir -p .cache && : >"$log" || stop "不能写入项目文件夹，请检查权限和磁盘空间。" \
  "Cannot write to the project folder: check its owner and the disk."

free_mb() { df -Pm . | awk 'NR == 2 { print $4 }'; }

explain() { # what pip's log means, in one sentence
  local last
  if grep -qE 'No space left on device|Errno 28' "$log" || [ "$(free_mb)" -lt 100 ]; then
    stop "磁盘满了：安装共要约 $need_mb MB，请腾出空间再试。记录在 $log。" \
      "The disk is full: the set-up needs about $need_mb MB in all. Log: $log."
  elif grep -qE 'ensurepip is not available|No module named (ensurepip|venv)' "$log"; then
    stop "这个 Python 3.10 缺少 venv：请安装系统的 python3.10-venv 包再试。" \
      "This Python 3.10 lacks venv: install your system's python3.10-venv package."
  elif grep -qE 'DO NOT MATCH THE HASHES' "$log"; then
    stop "下载到的包和锁文件的校验值不符，没有安装。记录在 $log。" \
      "A downloaded package does not match its hash in the lock: not installed. Log: $log."
  elif grep -qiE "$unreachable" "$log"; then
    stop "连不上软件包网站：请检查网络或 pip 的镜像设置再试。记录在 $log。" \
      "The package index cannot be reached: check the network or pip's settings. Log: $log."
  elif grep -qE 'No matching distribution found' "$log"; then
    stop "软件包网站没有锁文件要的版本（锁文件适用于 Linux x86_64）。记录在 $log。" \
      "The index lacks a version that the lock names (the lock is for Linux on x86_64). Log: $log."
  elif grep -qE 'Permission denied|Errno 13|Read-only file system' "$log"; then
    stop "没有写入权限：请检查项目文件夹归谁。记录在 $log。" \
      "No permission to write: check who owns the project folder. Log: $log."
  fi
  last=$(grep -iE '^ *(error|ERROR)' "$log" | tail -n 1)
  stop "安装没有成功（${last:-原因见记录}）。记录在 $log。" "The installation failed. Log: $log."
}

# One line that counts the packages on a terminal; a line for every fortieth elsewhere.
progress() {
  local line n=0 name
  while IFS= read -r line; do
    case $line in
      "Collecting "*)
        n=$((n + 1)) name=${line#Collecting } name=${name%%[=;\[ ]*}
        if [ -t 1 ]; then
          printf '\r  下载 %d/%d %-40s' "$n" "$1" "$name"
        elif [ $((n % 40)) -eq 0 ]; then
          printf '  下载 %d/%d\n' "$n" "$1"
        fi
        ;;
      "Installing collected packages"*)
        [ -t 1 ] && echo
        printf '  安装 %d 个包，要一两分钟……\n' "$n"
        ;;
    esac
  done
}

pip_install() { # the number of packages, then arguments of pip install
  local total=$1
  shift
  $venv/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off --no-deps \
    --require-hashes "$@" 2>&1 | tee -a "$log" | progress "$total"
}

python=$(find_python) || exit 1
[ "$(uname -sm)" = "Linux x86_64" ] ||
  echo "注意：锁文件只在 Linux x86_64 上试过。 / Note: the lock was only tried on Linux x86_64."
free=$(free_mb)
if ! [ -d $venv ] && [ "$free" -lt $need_mb ]; then
  stop "磁盘只剩 $free MB，安装要约 $need_mb MB：请腾出空间再试。" "Only $free MB are free; the set-up needs about $need_mb MB."
fi

total=$(grep -cE '^[A-Za-z0-9][^ ]*==' "$lock")
echo "准备环境：$total 个包，第一次要几分钟…… / Installing $total packages; the first time takes minutes."
if ! is_310 $venv/bin/python || ! $venv/bin/python -m pip --version >/dev/null 2>&1; then
  rm -rf $venv
  "$python" -m venv $venv >>"$log" 2>&1 || explain
fi
rm -f $venv/*.lock

# A few packages come as source only. They are built with the locked setuptools and wheel, not with whatever is newest.
awk '/^[^ ]/ { on = /^(setuptools|wheel)==/ } on' "$lock" >.cache/build.lock
pip_install 2 -r .cache/build.lock >/dev/null || explain
pip_install "$total" --no-build-isolation -r "$lock" || explain

cp "$lock" "$venv/$kind.lock"
# What the tests need includes what the bot needs.
[ "$kind" != dev ] || cp requirements/base.lock $venv/base.lock
echo "环境好了。 / Ready."
