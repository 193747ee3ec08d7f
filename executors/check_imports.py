"""Prints, one a line, the modules that a script imports without condition and this interpreter cannot find.

    python3 check_imports.py SCRIPT

Only what certainly fails is named: imports at the top level of the script. Those inside functions, `if` or `try` are the
script's own business. A script that does not parse imports nothing here; running it says what is wrong with it.
Of a dotted name only the package is looked for, because looking further would import it, with all that this may set off;
awsglue is the exception, as only a part of it exists here.
"""

import ast
import importlib.util
import sys


def imported(tree):
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield alias.name
        elif isinstance(statement, ast.ImportFrom) and statement.level == 0:
            yield statement.module
            if statement.module == "awsglue":
                for alias in statement.names:
                    yield "awsglue." + alias.name


def is_missing(module):
    name = module if module.split(".")[0] == "awsglue" else module.split(".")[0]
    if name == "awsglue.*":
        return False
    try:
        return importlib.util.find_spec(name) is None
    except ModuleNotFoundError:
        return True
    except Exception:
        # A package that is there but fails to load: the script's own traceback will say more than this could.
        return False


def main():
    # The directory of this file is no part of what the script will see.
    sys.path[0] = ""
    with open(sys.argv[1], "rb") as script:
        source = script.read()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for module in sorted({module for module in imported(tree) if is_missing(module)}):
        print(module)


main()
