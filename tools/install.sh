#!/usr/bin/env bash
# Makes the environment .venv from hash-locked requirements; does nothing when it is up to date.
# Usage: tools/install.sh base|dev
set -euo pipefail
cd "$(dirname "$0")/.."
want=${1:-base}
python=${PYTHON:-python3}
stamp=.venv/.installed-$want
sum=$(cat requirements/"$want".txt requirements/uv.txt | cksum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ]; then exit 0; fi

"$python" - <<'E2' || { echo "Naungan needs Python 3.11 or newer; set PYTHON=python3.11" >&2; exit 1; }
import sys
sys.exit(sys.version_info < (3, 11))
E2
echo "Making the environment ($want)..."
[ -x .venv/bin/python ] || "$python" -m venv .venv
if ! .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt 2>/dev/null; then
  echo "uv cannot be had; pip will do, more slowly."
fi
if [ -x .venv/bin/uv ]; then
  .venv/bin/uv pip install -q --python .venv/bin/python --require-hashes -r "requirements/$want.txt" ||
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "requirements/$want.txt"
else
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "requirements/$want.txt"
fi
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$PWD/src" > "$site/naungan.pth"
printf '#!%s\nimport sys\nfrom naungan.cli import main\nsys.exit(main())\n' "$PWD/.venv/bin/python" > .venv/bin/naungan
chmod +x .venv/bin/naungan
echo "$sum" > "$stamp"
[ "$want" = dev ] && cat requirements/base.txt requirements/uv.txt | cksum > .venv/.installed-base || true
