"""A folder hashed, and copied if it is not there yet: python staged_by_hand.py FOLDER OUTDIR."""

import hashlib
import shutil
import sys
from pathlib import Path

folder, outdir = map(Path, sys.argv[1:])
digest = hashlib.sha256()
for file in sorted(one for one in folder.rglob("*") if one.is_file()):
    with file.open("rb") as opened:
        digest.update(hashlib.file_digest(opened, "sha256").digest())
staged = outdir / digest.hexdigest()
if not staged.is_dir():
    shutil.copytree(folder, staged)
