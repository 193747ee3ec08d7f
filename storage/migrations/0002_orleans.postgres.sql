-- What the AdoNet providers of Orleans 10.4 keep here: who is in the cluster, reminders, and the state of grains. The
-- statements they use are in orleans/*.postgres.sql. Names are Orleans' own.

CREATE TABLE OrleansQuery (
    QueryKey  text COLLATE "C" NOT NULL PRIMARY KEY,
    QueryText text             NOT NULL
);

-- One row for each cluster: the version of its membership, which every change of a member's row raises.
CREATE TABLE OrleansMembershipVersionTable (
    DeploymentId text COLLATE "C" NOT NULL PRIMARY KEY,
    Version      integer          NOT NULL
);

CREATE TABLE OrleansMembershipTable (
    DeploymentId text COLLATE "C" NOT NULL,
    Address      text COLLATE "C" NOT NULL,
    Port         integer          NOT NULL,
    Generation   integer          NOT NULL,
    SiloName     text             NOT NULL,
    HostName     text             NOT NULL,
    Status       integer          NOT NULL,
    ProxyPort    integer,
    SuspectTimes text,
    StartTime    timestamptz      NOT NULL,
    IAmAliveTime timestamptz      NOT NULL,

    PRIMARY KEY (DeploymentId, Address, Port, Generation)
);

CREATE TABLE OrleansRemindersTable (
    ServiceId    text COLLATE "C" NOT NULL,
    GrainId      text COLLATE "C" NOT NULL,
    ReminderName text COLLATE "C" NOT NULL,
    StartTime    timestamptz      NOT NULL,
    -- Milliseconds.
    Period       bigint           NOT NULL,
    GrainHash    integer          NOT NULL,
    Version      integer          NOT NULL,

    PRIMARY KEY (ServiceId, GrainId, ReminderName)
);

-- Every silo reads those of its part of the ring.
CREATE INDEX OrleansReminders_by_hash ON OrleansRemindersTable (ServiceId, GrainHash);

-- The hashes come first because the provider computes them for that: a short prefix decides nearly every lookup.
-- A grain without a key extension has '' here, not NULL: NULLs differ from each other, so they would not be unique.
CREATE TABLE OrleansStorage (
    GrainIdHash      integer          NOT NULL,
    GrainTypeHash    integer          NOT NULL,
    GrainIdN0        bigint           NOT NULL,
    GrainIdN1        bigint           NOT NULL,
    GrainTypeString  text COLLATE "C" NOT NULL,
    GrainIdExtension text COLLATE "C" NOT NULL,
    ServiceId        text COLLATE "C" NOT NULL,
    Version          integer          NOT NULL,
    -- NULL after a clear that keeps the row, and with it the ETag.
    Payload          bytea,

    PRIMARY KEY (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtension, ServiceId)
);
