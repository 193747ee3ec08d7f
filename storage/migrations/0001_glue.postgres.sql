-- Runs, job names, bookmarks, executor nodes and leases. Text is compared and sorted by its UTF-8 bytes (COLLATE "C").
-- Instants are written in whole milliseconds.

CREATE TABLE runs (
    id                text COLLATE "C" NOT NULL PRIMARY KEY,
    account           text COLLATE "C" NOT NULL,
    job_name          text COLLATE "C" NOT NULL CHECK (job_name <> ''),
    ordinal           bigint           NOT NULL CHECK (ordinal >= 1),
    version           bigint           NOT NULL CHECK (version >= 1),
    state             text COLLATE "C" NOT NULL CHECK (state IN (
                          'WAITING', 'STARTING', 'RUNNING', 'STOPPING',
                          'STOPPED', 'SUCCEEDED', 'FAILED', 'TIMEOUT', 'ERROR', 'EXPIRED')),
    ends_as           text COLLATE "C" CHECK (ends_as IN (
                          'STOPPED', 'SUCCEEDED', 'FAILED', 'TIMEOUT', 'ERROR', 'EXPIRED')),
    attempt           integer          NOT NULL CHECK (attempt >= 0),
    previous_run_id   text COLLATE "C",
    trigger_name      text COLLATE "C",
    started_on        timestamptz      NOT NULL,
    running_since     timestamptz,
    last_modified_on  timestamptz      NOT NULL,
    completed_on      timestamptz,
    deadline_at       timestamptz,
    due_at            timestamptz,
    delay_notified_in text COLLATE "C",
    -- When the retry or restart is owed that follows the run; set to NULL by the transaction that creates it.
    successor_due_at  timestamptz,
    -- Copied from the settings, to add up what an account's runs hold.
    dpus              double precision NOT NULL CHECK (dpus >= 0),
    is_flex           boolean          NOT NULL,
    -- The executor node that the run is placed on, and that node's epoch then. NULL: none yet.
    executor_node     text COLLATE "C" CHECK (executor_node <> ''),
    executor_epoch    bigint,
    state_detail      text COLLATE "C",
    error_message     text COLLATE "C",
    -- JSON, written once. Kept as text: nothing in it is searched for.
    settings          text COLLATE "C" NOT NULL,

    -- The keyset for reading a job's history.
    UNIQUE (account, job_name, ordinal),

    CHECK ((state IN ('WAITING', 'STARTING', 'RUNNING', 'STOPPING')) = (completed_on IS NULL)),
    CHECK ((state = 'STOPPING') = (ends_as IS NOT NULL)),
    CHECK (state = 'WAITING' OR state_detail IS NULL),
    CHECK (completed_on IS NOT NULL OR successor_due_at IS NULL),
    CHECK ((executor_node IS NULL) = (executor_epoch IS NULL))
);

-- The partial indexes hold only what is unfinished, owed or ended, so that all but the last stay small however long the
-- history grows. A query has to repeat the condition: "completed_on IS NULL" is how unfinished is spelled everywhere.
CREATE INDEX runs_unfinished_of_job ON runs (account, job_name, ordinal) WHERE completed_on IS NULL;
CREATE INDEX runs_unfinished        ON runs (id)                         WHERE completed_on IS NULL;
CREATE INDEX runs_due               ON runs (due_at, id)                 WHERE completed_on IS NULL AND due_at IS NOT NULL;
CREATE INDEX runs_waiting           ON runs (account, job_name, ordinal) WHERE state = 'WAITING';
CREATE INDEX runs_with_successor    ON runs (account, job_name, successor_due_at) WHERE successor_due_at IS NOT NULL;
CREATE INDEX runs_ended             ON runs (completed_on, id)           WHERE completed_on IS NOT NULL;
CREATE INDEX runs_unfinished_on_executor ON runs (executor_node, id)
    WHERE completed_on IS NULL AND executor_node IS NOT NULL;

-- Who may create runs of a job: only the activation of its grain that claimed the current epoch. 0: nobody has claimed
-- one. Such a row is there to be locked by those who create under epoch 0.
CREATE TABLE job_epochs (
    account  text COLLATE "C" NOT NULL,
    job_name text COLLATE "C" NOT NULL CHECK (job_name <> ''),
    epoch    bigint           NOT NULL CHECK (epoch >= 0),
    PRIMARY KEY (account, job_name)
);

-- Who may give out an account's capacity: the same.
CREATE TABLE account_epochs (
    account text COLLATE "C" NOT NULL PRIMARY KEY,
    epoch   bigint           NOT NULL CHECK (epoch >= 0)
);

CREATE TABLE job_names (
    account text COLLATE "C" NOT NULL,
    name    text COLLATE "C" NOT NULL CHECK (name <> ''),
    settled boolean          NOT NULL,
    PRIMARY KEY (account, name)
);

CREATE INDEX job_names_unsettled ON job_names (account, name) WHERE NOT settled;

-- The revision of a job's bookmark: the number of its updates, resets and deletions, under this name. It only rises, also
-- when the job is deleted and another one takes its name, so that nothing which was decided on before can be written
-- after. The latest entry is the one with this revision, if there is one. 0: there to be locked by the first to write.
CREATE TABLE bookmark_heads (
    account  text COLLATE "C" NOT NULL,
    job_name text COLLATE "C" NOT NULL CHECK (job_name <> ''),
    revision bigint           NOT NULL CHECK (revision >= 0),
    -- The revision of the last deletion: which of the jobs of this name it is. 0: there was none.
    era      bigint           NOT NULL CHECK (era BETWEEN 0 AND revision),
    PRIMARY KEY (account, job_name)
);

-- The last entries of each job. Versions begin again after a reset, and a run has a second entry after a rewind to it.
CREATE TABLE bookmark_entries (
    account         text COLLATE "C" NOT NULL,
    job_name        text COLLATE "C" NOT NULL CHECK (job_name <> ''),
    revision        bigint           NOT NULL CHECK (revision >= 1),
    version         integer          NOT NULL CHECK (version >= 0),
    run             integer          NOT NULL CHECK (run >= 0),
    attempt         integer          NOT NULL CHECK (attempt >= 0),
    run_id          text COLLATE "C",
    previous_run_id text COLLATE "C",
    -- JSON, as text.
    state           text COLLATE "C" NOT NULL,

    PRIMARY KEY (account, job_name, revision)
);

CREATE INDEX bookmark_entries_by_run ON bookmark_entries (account, job_name, run_id, revision) WHERE run_id IS NOT NULL;
CREATE INDEX bookmark_entries_by_version ON bookmark_entries (account, job_name, version, revision);

-- The executor nodes and until when each may be believed to be there. Times are this database's: clock_timestamp().
CREATE TABLE executor_nodes (
    name         text COLLATE "C" NOT NULL PRIMARY KEY CHECK (name <> ''),
    -- Rises when the node is declared lost; what it reports under an earlier one is not believed. 0: there to be locked by
    -- the first who asks for the name.
    epoch        bigint           NOT NULL CHECK (epoch >= 0),
    -- Which data folder, and which process on it, serves the node.
    folder       text COLLATE "C" NOT NULL,
    holder       text COLLATE "C" NOT NULL,
    is_accepting boolean          NOT NULL,
    -- 0: any number.
    max_runs     integer          NOT NULL CHECK (max_runs >= 0),
    dpus         double precision NOT NULL CHECK (dpus >= 0),
    -- NULL: nobody holds it; it was declared lost.
    expires_at   timestamptz
);

-- Who does a duty that one silo at a time does.
CREATE TABLE upkeep_leases (
    name       text COLLATE "C" NOT NULL PRIMARY KEY CHECK (name <> ''),
    holder     text COLLATE "C" NOT NULL,
    expires_at timestamptz      NOT NULL
);
