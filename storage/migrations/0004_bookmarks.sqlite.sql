-- The bookmarks of jobs: how far each job's successful runs have come in their input.

-- The revision of a job's bookmark: the number of its updates, resets and deletions, under this name. It only rises, also
-- when the job is deleted and another one takes its name, so that nothing which was decided on before can be written after.
-- One row for each job that was ever created. The latest entry is the one with this revision, if there is one.
CREATE TABLE bookmark_heads (
    account  TEXT    NOT NULL,
    job_name TEXT    NOT NULL CHECK (job_name <> ''),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    -- The revision of the last deletion: which of the jobs of this name it is. 0: there was none.
    era      INTEGER NOT NULL CHECK (era BETWEEN 0 AND revision),
    PRIMARY KEY (account, job_name)
) STRICT, WITHOUT ROWID;

-- The last entries of each job. Versions begin again after a reset, and a run has a second entry after a rewind to it.
CREATE TABLE bookmark_entries (
    account         TEXT    NOT NULL,
    job_name        TEXT    NOT NULL CHECK (job_name <> ''),
    revision        INTEGER NOT NULL CHECK (revision >= 1),
    version         INTEGER NOT NULL CHECK (version >= 0),
    run             INTEGER NOT NULL CHECK (run >= 0),
    attempt         INTEGER NOT NULL CHECK (attempt >= 0),
    run_id          TEXT,
    previous_run_id TEXT,
    -- JSON. Last, so that reading the columns above never walks a long value's overflow pages.
    state           TEXT    NOT NULL,

    UNIQUE (account, job_name, revision)
) STRICT;

CREATE INDEX bookmark_entries_by_run ON bookmark_entries (account, job_name, run_id, revision) WHERE run_id IS NOT NULL;
CREATE INDEX bookmark_entries_by_version ON bookmark_entries (account, job_name, version, revision);
