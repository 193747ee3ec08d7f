-- Queues, retries and restarts, and what an account's runs use together.

-- Rebuilt rather than altered: added columns would stand behind the settings, whose long values they must not wait for.
CREATE TABLE new_runs (
    id                TEXT    NOT NULL PRIMARY KEY,
    account           TEXT    NOT NULL,
    job_name          TEXT    NOT NULL CHECK (job_name <> ''),
    ordinal           INTEGER NOT NULL CHECK (ordinal >= 1),
    version           INTEGER NOT NULL CHECK (version >= 1),
    state             TEXT    NOT NULL CHECK (state IN (
                          'WAITING', 'STARTING', 'RUNNING', 'STOPPING',
                          'STOPPED', 'SUCCEEDED', 'FAILED', 'TIMEOUT', 'ERROR', 'EXPIRED')),
    ends_as           TEXT             CHECK (ends_as IN (
                          'STOPPED', 'SUCCEEDED', 'FAILED', 'TIMEOUT', 'ERROR', 'EXPIRED')),
    attempt           INTEGER NOT NULL CHECK (attempt >= 0),
    previous_run_id   TEXT,
    trigger_name      TEXT,
    started_on        INTEGER NOT NULL,
    running_since     INTEGER,
    last_modified_on  INTEGER NOT NULL,
    completed_on      INTEGER,
    deadline_at       INTEGER,
    due_at            INTEGER,
    delay_notified_in TEXT,
    -- When the retry or restart is owed that follows the run; set to NULL by the transaction that creates it.
    successor_due_at  INTEGER,
    -- Copied from the settings, to add up what an account's runs hold.
    dpus              REAL    NOT NULL CHECK (dpus >= 0),
    is_flex           INTEGER NOT NULL CHECK (is_flex IN (0, 1)),
    state_detail      TEXT,
    error_message     TEXT,
    -- JSON, written once. Last, so that reading the columns above never walks a long value's overflow pages.
    settings          TEXT    NOT NULL,

    -- The keyset for reading a job's history.
    UNIQUE (account, job_name, ordinal),

    CHECK ((state IN ('WAITING', 'STARTING', 'RUNNING', 'STOPPING')) = (completed_on IS NULL)),
    CHECK ((state = 'STOPPING') = (ends_as IS NOT NULL)),
    CHECK (state = 'WAITING' OR state_detail IS NULL),
    CHECK (completed_on IS NOT NULL OR successor_due_at IS NULL)
) STRICT;

INSERT INTO new_runs
SELECT
    id, account, job_name, ordinal, version, state, ends_as, attempt, previous_run_id, NULL, started_on, running_since,
    last_modified_on, completed_on, due_at, due_at, NULL, NULL, COALESCE(json_extract(settings, '$.MaxCapacity'), 0),
    COALESCE(json_extract(settings, '$.ExecutionClass') = 'FLEX', 0), NULL, error_message, settings
FROM runs;

DROP TABLE runs;
ALTER TABLE new_runs RENAME TO runs;

-- The partial indexes hold only runs that have not ended, so they stay small however long the history grows. SQLite
-- takes one only for a query that repeats its condition: "completed_on IS NULL" is how unfinished is spelled everywhere.
CREATE INDEX runs_unfinished_of_job ON runs (account, job_name, ordinal) WHERE completed_on IS NULL;
CREATE INDEX runs_unfinished        ON runs (id)                         WHERE completed_on IS NULL;
CREATE INDEX runs_due               ON runs (due_at, id)                 WHERE completed_on IS NULL AND due_at IS NOT NULL;
CREATE INDEX runs_waiting           ON runs (account, job_name, ordinal) WHERE state = 'WAITING';
CREATE INDEX runs_with_successor    ON runs (account, job_name, successor_due_at) WHERE successor_due_at IS NOT NULL;

-- Who may give out an account's capacity: only the activation of its grain that claimed the current epoch.
CREATE TABLE account_epochs (
    account TEXT    NOT NULL PRIMARY KEY,
    epoch   INTEGER NOT NULL CHECK (epoch >= 1)
) STRICT, WITHOUT ROWID;
