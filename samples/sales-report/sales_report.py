# Adds up a year of sales from monthly CSV files, per region, product and month, and writes report.csv and summary.json.
# Arguments: --input_dir, --output_dir, and optionally --pause_seconds after each file, so that one can watch (default 0).
import csv
import datetime
import decimal
import json
import os
import sys
import time
from collections import Counter, defaultdict

from awsglue.job import Job
from awsglue.utils import getResolvedOptions


def read_sale(row):
    """The row's month, region, product, units and revenue; ValueError says what is wrong with a row that has none."""
    try:
        day = datetime.date.fromisoformat(row["date"])
    except (TypeError, ValueError):
        raise ValueError("bad date")
    if not row["region"]:
        raise ValueError("no region")
    try:
        units = int(row["units"])
        price = decimal.Decimal(row["unit_price"])
    except (TypeError, ValueError, decimal.InvalidOperation):
        raise ValueError("bad number")
    if units <= 0 or not price.is_finite() or price <= 0:
        raise ValueError("not positive")
    return day.strftime("%Y-%m"), row["region"], row["product"], units, units * price


def write_atomically(path, write):
    """A reader finds the whole file, or the one of before."""
    draft = path + ".draft"
    with open(draft, "w", newline="", encoding="utf-8") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def main():
    names = ["JOB_NAME", "input_dir", "output_dir"]
    if "--pause_seconds" in sys.argv:
        names.append("pause_seconds")
    args = getResolvedOptions(sys.argv, names)
    pause = float(args.get("pause_seconds", 0))
    job = Job()
    job.init(args["JOB_NAME"], args)

    files = sorted(name for name in os.listdir(args["input_dir"]) if name.endswith(".csv"))
    if not files:
        raise FileNotFoundError("no .csv files in " + args["input_dir"])
    units = Counter()
    revenue = defaultdict(decimal.Decimal)
    skipped = Counter()
    for number, name in enumerate(files, start=1):
        rows = bad = 0
        with open(os.path.join(args["input_dir"], name), newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                rows += 1
                try:
                    month, region, product, sold, amount = read_sale(row)
                except ValueError as error:
                    skipped[str(error)] += 1
                    bad += 1
                    continue
                units[region, product, month] += sold
                revenue[region, product, month] += amount
        print("[%2d/%d] %s: %d rows, %d skipped" % (number, len(files), name, rows, bad))
        time.sleep(pause)

    def write_report(file):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["region", "product", "month", "units", "revenue"])
        for key in sorted(revenue):
            writer.writerow([*key, units[key], "%.2f" % revenue[key]])

    by_region = defaultdict(decimal.Decimal)
    for (region, _, _), amount in revenue.items():
        by_region[region] += amount
    summary = {
        "files": len(files),
        "units": sum(units.values()),
        "revenue": "%.2f" % sum(revenue.values()),
        "revenue_by_region": {region: "%.2f" % by_region[region] for region in sorted(by_region)},
        "skipped_rows": dict(sorted(skipped.items())),
    }
    os.makedirs(args["output_dir"], exist_ok=True)
    write_atomically(os.path.join(args["output_dir"], "report.csv"), write_report)
    write_atomically(os.path.join(args["output_dir"], "summary.json"), lambda file: json.dump(summary, file, indent=2))
    job.commit()
    print("Revenue %s from %d units; %d rows skipped." % (summary["revenue"], summary["units"], sum(skipped.values())))
    print("Wrote report.csv and summary.json to " + args["output_dir"])


main()
