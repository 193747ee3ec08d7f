-- What Microsoft.Orleans.Persistence.AdoNet 10.4 needs to keep grain state in SQLite. Run at every start: the tables are
-- kept, the query texts replaced by this version's.
--
-- The provider reads OrleansQuery when the silo starts and runs the texts with the parameters named in them. Its rules:
--   * writing, clearing and deleting answer with one row, NewGrainStateVersion: the state's new ETag;
--   * no row means that the ETag was not the stored one, and becomes an InconsistentStateException;
--   * @GrainStateVersion is NULL when the grain has read no state.
-- Each text is a single statement. SQLite commits that by itself, so no error can leave one of the provider's pooled
-- connections inside a transaction.

CREATE TABLE IF NOT EXISTS OrleansQuery (
    QueryKey  TEXT NOT NULL PRIMARY KEY,
    QueryText TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The hashes come first because the provider computes them for that: a short prefix decides nearly every lookup.
-- A grain without a key extension has '' here, not NULL: NULLs differ from each other, so they would not be unique.
CREATE TABLE IF NOT EXISTS OrleansStorage (
    GrainIdHash          INTEGER NOT NULL,
    GrainTypeHash        INTEGER NOT NULL,
    GrainIdN0            INTEGER NOT NULL,
    GrainIdN1            INTEGER NOT NULL,
    GrainTypeString      TEXT    NOT NULL,
    GrainIdExtension     TEXT    NOT NULL,
    ServiceId            TEXT    NOT NULL,
    Version              INTEGER NOT NULL,
    -- NULL after a clear that keeps the row, and with it the ETag.
    Payload              BLOB,
    PRIMARY KEY (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtension, ServiceId)
) STRICT;

-- Inserts when the grain has read no state, and when the row it read is still there in that version; the conflict that
-- then arises is the update. A row that another activation wrote, or removed, leaves nothing to insert or update.
INSERT OR REPLACE INTO OrleansQuery (QueryKey, QueryText) VALUES ('WriteToStorageKey', '
    INSERT INTO OrleansStorage (
        GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtension, ServiceId, Version, Payload)
    SELECT
        @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainTypeString, COALESCE(@GrainIdExtensionString, ''''),
        @ServiceId, 1, @PayloadBinary
    WHERE @GrainStateVersion IS NULL OR EXISTS (
        SELECT 1 FROM OrleansStorage
        WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
          AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
          AND GrainTypeString = @GrainTypeString AND GrainIdExtension = COALESCE(@GrainIdExtensionString, '''')
          AND ServiceId = @ServiceId AND Version = @GrainStateVersion)
    ON CONFLICT (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtension, ServiceId)
    DO UPDATE SET Version = Version + 1, Payload = excluded.Payload
    WHERE Version = @GrainStateVersion
    RETURNING Version AS NewGrainStateVersion');

INSERT OR REPLACE INTO OrleansQuery (QueryKey, QueryText) VALUES ('ReadFromStorageKey', '
    SELECT Payload AS PayloadBinary, Version AS Version
    FROM OrleansStorage
    WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
      AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
      AND GrainTypeString = @GrainTypeString AND GrainIdExtension = COALESCE(@GrainIdExtensionString, '''')
      AND ServiceId = @ServiceId');

INSERT OR REPLACE INTO OrleansQuery (QueryKey, QueryText) VALUES ('ClearStorageKey', '
    UPDATE OrleansStorage SET Version = Version + 1, Payload = NULL
    WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
      AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
      AND GrainTypeString = @GrainTypeString AND GrainIdExtension = COALESCE(@GrainIdExtensionString, '''')
      AND ServiceId = @ServiceId AND Version = @GrainStateVersion
    RETURNING Version AS NewGrainStateVersion');

-- The provider compares the answer with the ETag it sent and takes equality for a conflict: hence + 1.
INSERT OR REPLACE INTO OrleansQuery (QueryKey, QueryText) VALUES ('DeleteStorageKey', '
    DELETE FROM OrleansStorage
    WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
      AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
      AND GrainTypeString = @GrainTypeString AND GrainIdExtension = COALESCE(@GrainIdExtensionString, '''')
      AND ServiceId = @ServiceId AND Version = @GrainStateVersion
    RETURNING Version + 1 AS NewGrainStateVersion');
