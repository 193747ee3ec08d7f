"""A job's beginning and end, as scripts announce them, and the job's bookmark.

    job = Job(glueContext)                  # or Job(): nothing here needs Spark
    job.init(args["JOB_NAME"], args)
    last = job.get_bookmark("orders", default="")
    ...                                     # process what is newer than last, write it
    job.set_bookmark("orders", newest)
    job.commit()

The bookmark of a job is a value for each transformation_ctx, a name that the script chooses for one of its inputs. What
commit() saves becomes the bookmark when the run has succeeded, at once and in the same transaction; a run that fails, is
stopped or times out leaves the bookmark as it was, and so does one whose script never calls commit().

Whether bookmarks are used is the run's argument --job-bookmark-option: job-bookmark-enable reads and writes,
job-bookmark-pause only reads (with --job-bookmark-from and --job-bookmark-to: what lies between two earlier runs),
job-bookmark-disable, the default, does neither. The same script serves for all of them.

get_bookmark, set_bookmark and bookmark_bounds are GlueOrleans' own: AWS's library keeps bookmarks inside Spark, where
scripts cannot reach them.
"""

import json
import os

_INPUT = "GLUE_ORLEANS_BOOKMARK_INPUT"
_COMMIT = "GLUE_ORLEANS_BOOKMARK_COMMIT"

#: Bytes of JSON. A bookmark says how far a job has come; it is not the place for a list that only grows.
LARGEST_BOOKMARK = 1 << 20


class Job:
    #: Glue's older spelling of the bookmark options.
    CONTINUATIONS = {
        "continuation-enabled": "job-bookmark-enable",
        "continuation-readonly": "job-bookmark-pause",
        "continuation-ignore": "job-bookmark-disable",
    }

    def __init__(self, glue_context=None):
        self.glue_context = glue_context
        self._name = None
        self._args = {}
        self._committed = False
        self._read = {}
        self._up_to = None
        self._new = {}

    def init(self, job_name, args={}):
        """Begins the job: reads the bookmark as it was when the run was launched."""
        self._name = job_name
        self._args = dict(args)
        self._committed = False
        self._new = {}
        self._read, self._up_to = {}, None
        if os.environ.get(_INPUT):
            with open(os.environ[_INPUT], encoding="utf-8") as file:
                given = json.load(file)
            self._read, self._up_to = given["state"], given["upTo"]

    def isInitialized(self):
        return self._name is not None

    def commit(self):
        """Saves the values set so far, and those of before for contexts that were not set. May be called again."""
        self._require_init("commit")
        if os.environ.get(_COMMIT):
            state = dict(self._read)
            state.update((ctx, json.loads(value)) for ctx, value in self._new.items())
            _save(os.environ[_COMMIT], json.dumps(state, separators=(",", ":")))
        self._committed = True

    def get_bookmark(self, transformation_ctx, default=None):
        """The value that the last successful run committed for this context, or ``default``.

        Set and committed values of this run do not show here. With a range it is the value of the run
        --job-bookmark-from: what came up to there is not wanted.
        """
        self._require_init("get_bookmark")
        return self._read.get(_context(transformation_ctx), default)

    def bookmark_bounds(self, transformation_ctx, default):
        """Two values: process what comes after the first, and nothing that comes after the second.

        The first is get_bookmark's. The second is that of the run --job-bookmark-to, and None where there is no bound:
        outside of ranges. ``default`` stands for a run that had no value for this context, that is for the very beginning
        of the input; it cannot be None, which would be no bound.
        """
        if default is None:
            raise ValueError("default must stand for the beginning of the input: None means that there is no bound")
        lower = self.get_bookmark(transformation_ctx, default)
        return lower, None if self._up_to is None else self._up_to.get(transformation_ctx, default)

    def set_bookmark(self, transformation_ctx, value):
        """What commit() shall save for this context: anything that JSON can hold. It is copied now.

        Harmless where bookmarks are paused or disabled: then commit() saves nothing.
        """
        self._require_init("set_bookmark")
        self._new[_context(transformation_ctx)] = json.dumps(value, allow_nan=False)

    def _require_init(self, method):
        if not self.isInitialized():
            raise RuntimeError("Job.%s() was called before Job.init()" % method)

    @classmethod
    def job_bookmark_options(cls):
        return ["job-bookmark-option", "job-bookmark-from", "job-bookmark-to"]

    @classmethod
    def job_bookmark_values(cls):
        return ["job-bookmark-enable", "job-bookmark-pause", "job-bookmark-disable"]

    @classmethod
    def continuation_options(cls):
        return ["continuation-option"]


def _context(name):
    if not isinstance(name, str) or not name:
        raise ValueError("transformation_ctx must be a non-empty string, not %r" % (name,))
    return name


def _save(path, text):
    """Whoever reads the file finds the whole of it, or that of the commit before, also after a power cut."""
    content = text.encode("ascii")
    if len(content) > LARGEST_BOOKMARK:
        raise ValueError(
            "the bookmark has %d bytes of JSON, at most %d can be committed: keep a place in the input there (a date, the "
            "last name), not a list of all there ever was" % (len(content), LARGEST_BOOKMARK)
        )
    draft = "%s.%d" % (path, os.getpid())
    with open(draft, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
