"""A job's beginning and end, as scripts announce them."""


class Job:
    """Notes that the script called init and commit. Bookmarks are not kept: no state is read or written."""

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

    def init(self, job_name, args={}):
        self._name = job_name
        self._args = dict(args)
        self._committed = False

    def isInitialized(self):
        return self._name is not None

    def commit(self):
        if not self.isInitialized():
            raise RuntimeError("Job.commit() was called before Job.init()")
        self._committed = True

    @classmethod
    def job_bookmark_options(cls):
        return ["job-bookmark-option", "job-bookmark-from", "job-bookmark-to"]

    @classmethod
    def job_bookmark_values(cls):
        return ["job-bookmark-enable", "job-bookmark-pause", "job-bookmark-disable"]

    @classmethod
    def continuation_options(cls):
        return ["continuation-option"]
