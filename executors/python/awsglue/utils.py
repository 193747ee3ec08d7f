"""Reading a job's arguments the way Glue does."""

import argparse
import os

from awsglue.job import Job

#: Parsed whether or not the script asks for them; None when absent. Asking for one is argparse's conflict error.
_ALWAYS_PRESENT = ("JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION", "encryption-type", "enable-data-lineage")

#: Two names of one thing. Unlike the above they may be asked for.
_TEMP_DIRS = ("RedshiftTempDir", "TempDir")


class GlueArgumentError(Exception):
    """The script's arguments are not what it asked for."""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise GlueArgumentError(message)


def getResolvedOptions(args, options, allow_abbrev=None):
    """Returns a dict with a value for each name in ``options`` (without ``--``), and for Glue's own names.

    ``args`` is sys.argv, the script's name included. Every option asked for is required; what was not asked for is
    dropped. Hyphens in names become underscores. ``allow_abbrev``: whether an unambiguous prefix of a name stands for it.
    The default is Glue's: no from version 6.0 on, yes before.
    """
    for name in Job.job_bookmark_options() + Job.continuation_options():
        if name in options:
            raise RuntimeError("Using reserved arguments " + name)

    if allow_abbrev is None:
        allow_abbrev = _abbreviations_by_version()
    # No --help: a job that prints its usage and ends with 0, because an argument looked like that, helps nobody.
    parser = _Parser(allow_abbrev=allow_abbrev, add_help=False)
    for name in Job.job_bookmark_options():
        parser.add_argument(
            "--" + name, choices=Job.job_bookmark_values() if name == "job-bookmark-option" else None
        )
    parser.add_argument("--continuation-option", choices=list(Job.CONTINUATIONS))
    for name in _ALWAYS_PRESENT + _TEMP_DIRS:
        parser.add_argument("--" + name)
    for name in options:
        if name not in _TEMP_DIRS:
            parser.add_argument("--" + name, required=True)

    resolved = vars(parser.parse_known_args(args[1:])[0])
    _resolve_bookmark(resolved)
    _mirror_temp_dirs(resolved)
    missing = ["--" + name for name in options if name in _TEMP_DIRS and resolved[name] is None]
    if missing:
        parser.error("the following arguments are required: " + ", ".join(missing))
    return resolved


def _resolve_bookmark(resolved):
    legacy = resolved.pop("continuation_option")
    if resolved["job_bookmark_option"] is None:
        resolved["job_bookmark_option"] = Job.CONTINUATIONS[legacy] if legacy else "job-bookmark-disable"

    ends = {"--job-bookmark-from": resolved["job_bookmark_from"], "--job-bookmark-to": resolved["job_bookmark_to"]}
    given = [name for name, value in ends.items() if value is not None]
    if not given:
        return
    if resolved["job_bookmark_option"] != "job-bookmark-pause":
        raise RuntimeError("Invalid option(s)" + " ".join(given))
    for name, value in ends.items():
        if not value:
            raise RuntimeError("Missing option or value for " + name)


def _mirror_temp_dirs(resolved):
    redshift, temp = (resolved[name] for name in _TEMP_DIRS)
    resolved["RedshiftTempDir"] = temp if redshift is None else redshift
    resolved["TempDir"] = redshift if temp is None else temp


def _abbreviations_by_version():
    version = os.environ.get("GLUE_ORLEANS_GLUE_VERSION", "")
    try:
        return float(version) < 6.0
    except ValueError:
        return False
