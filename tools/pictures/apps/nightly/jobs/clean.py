"""Write what is there of a few rows."""

from pathlib import Path

rows = [row for row in ("a,1", "b,", "c,3") if not row.endswith(",")]
Path("/opt/ml/processing/output/rows/rows.csv").write_text("\n".join(["name,n", *rows]))
print(len(rows), "rows kept")
