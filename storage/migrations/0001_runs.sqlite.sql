-- The run table and the index of job names. Instants are milliseconds since 1970, UTC.

CREATE TABLE runs (
    id               TEXT    NOT NULL PRIMARY KEY,
    account          TEXT    NOT NULL,
    job_name         TEXT    NOT NULL CHECK (job_name <> ''),
    ordinal          INTEGER NOT NULL CHECK (ordinal >= 1),
    version          INTEGER NOT NULL CHECK (version >= 1),
    state            TEXT    NOT NULL CHECK (state IN (
                         'WAITING', 'STARTING', 'RUNNING', 'STOPPING',
                         'STOPPED', 'SUCCEEDED', 'FAILED', 'TIMEOUT', 'ERROR', 'EXPIRED')),
    ends_as          TEXT             CHECK (ends_as IN (
                         'STOPPED', 'SUCCEEDED', 'FAILED', 'TIMEOUT', 'ERROR', 'EXPIRED')),
    attempt          INTEGER NOT NULL CHECK (attempt >= 0),
    previous_run_id  TEXT,
    started_on       INTEGER NOT NULL,
    running_since    INTEGER,
    last_modified_on INTEGER NOT NULL,
    completed_on     INTEGER,
    due_at           INTEGER,
    error_message    TEXT,
    -- JSON, written once. Last, so that reading the columns above never walks a long value's overflow pages.
    settings         TEXT    NOT NULL,

    -- The keyset for reading a job's history.
    UNIQUE (account, job_name, ordinal),

    CHECK ((state IN ('WAITING', 'STARTING', 'RUNNING', 'STOPPING')) = (completed_on IS NULL)),
    CHECK ((state = 'STOPPING') = (ends_as IS NOT NULL))
) STRICT;

-- The partial indexes hold only runs that have not ended, so they stay small however long the history grows. SQLite
-- takes one only for a query that repeats its condition: "completed_on IS NULL" is how unfinished is spelled everywhere.
CREATE INDEX runs_unfinished_of_job ON runs (account, job_name, ordinal) WHERE completed_on IS NULL;
CREATE INDEX runs_unfinished        ON runs (id)                         WHERE completed_on IS NULL;
CREATE INDEX runs_due               ON runs (due_at, id)                 WHERE completed_on IS NULL AND due_at IS NOT NULL;

-- Who may create runs of a job: only the activation of its grain that claimed the current epoch. One row for each job
-- that was ever run.
CREATE TABLE job_epochs (
    account  TEXT    NOT NULL,
    job_name TEXT    NOT NULL CHECK (job_name <> ''),
    epoch    INTEGER NOT NULL CHECK (epoch >= 1),
    PRIMARY KEY (account, job_name)
) STRICT, WITHOUT ROWID;

-- Compared and sorted as UTF-8 bytes (SQLite's BINARY collation).
CREATE TABLE job_names (
    account TEXT    NOT NULL,
    name    TEXT    NOT NULL CHECK (name <> ''),
    settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX job_names_unsettled ON job_names (account, name) WHERE settled = 0;
