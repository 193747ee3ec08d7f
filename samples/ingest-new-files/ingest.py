# Appends the rows of the .csv files that are new since its last successful run to OUTPUT_DIR/orders.csv. What is new, the
# job's bookmark says: run it twice and the second run finds nothing; add a file and the next run takes that one;
# reset-job-bookmark and it takes all of them again.
#
# Arguments: --input_dir, --output_dir, and optionally --fail_before_commit yes, to see that a run which fails after it has
# written moves no bookmark: the next run takes the same files, and their rows are there twice. A job that must not repeat
# rows writes so that a repetition replaces what it wrote before, one output per input for example.
#
# New is a file that was modified after the newest one of before, as Glue tells for S3. So files must come complete, by a
# rename into the folder.
import csv
import os
import sys

from awsglue.job import Job
from awsglue.utils import getResolvedOptions

#: The bookmark before the first file: [modified, names], the newest files' time in nanoseconds, and which have that very
#: time. It stays small however many files there were.
BEGINNING = [-1, []]


def is_after(mark, name, modified):
    newest, names = mark
    return modified > newest or (modified == newest and name not in names)


def mark_of(files, mark):
    """The bookmark once these files are ingested."""
    newest = max([mark[0]] + [modified for _, modified in files])
    names = [name for name, modified in files if modified == newest]
    return [newest, sorted(names + (mark[1] if newest == mark[0] else []))]


def main():
    names = ["JOB_NAME", "input_dir", "output_dir"]
    if "--fail_before_commit" in sys.argv:
        names.append("fail_before_commit")
    args = getResolvedOptions(sys.argv, names)
    job = Job()
    job.init(args["JOB_NAME"], args)
    lower, upper = job.bookmark_bounds("files", default=BEGINNING)

    new = []
    for entry in os.scandir(args["input_dir"]):
        modified = entry.stat().st_mtime_ns
        wanted = is_after(lower, entry.name, modified) and not (upper and is_after(upper, entry.name, modified))
        if entry.name.endswith(".csv") and wanted:
            new.append((entry.name, modified))

    os.makedirs(args["output_dir"], exist_ok=True)
    with open(os.path.join(args["output_dir"], "orders.csv"), "a", newline="", encoding="utf-8") as output:
        writer = csv.writer(output, lineterminator="\n")
        for name, _ in sorted(new, key=lambda file: (file[1], file[0])):
            with open(os.path.join(args["input_dir"], name), newline="", encoding="utf-8") as file:
                rows = [[name] + list(row.values()) for row in csv.DictReader(file)]
            writer.writerows(rows)
            print("Ingested %s: %d rows." % (name, len(rows)))
    print("%d new files." % len(new))

    if args.get("fail_before_commit") == "yes":
        raise RuntimeError("failed after writing and before the commit, as asked for")
    job.set_bookmark("files", mark_of(new, lower))
    job.commit()


main()
