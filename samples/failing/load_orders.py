# Loads orders.csv and fails on a record that is not what the script expects: see the run's ErrorMessage and error log.
# Arguments: --input, the file.
import csv
import sys

from awsglue.utils import getResolvedOptions


def read_order(line, row):
    try:
        quantity = int(row["quantity"])
    except ValueError as error:
        raise ValueError("line %d, order %s: quantity %r is not a number" % (line, row["order_id"], row["quantity"])) from error
    return row["order_id"], quantity


def main():
    args = getResolvedOptions(sys.argv, ["input"])
    with open(args["input"], newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            order, quantity = read_order(line, row)
            print("order %s: %d pieces" % (order, quantity))


main()
