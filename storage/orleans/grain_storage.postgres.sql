-- The statements of Microsoft.Orleans.Persistence.AdoNet 10.4. Brought up to date at every start of a node; a row that is
-- right already is not written.
--
-- The provider reads OrleansQuery when the silo starts and runs the texts with the parameters named in them. Its rules:
--   * writing, clearing and deleting answer with one row, NewGrainStateVersion: the state's new ETag;
--   * no row means that the ETag was not the stored one, and becomes an InconsistentStateException;
--   * @GrainStateVersion is NULL when the grain has read no state.
-- Each text is one statement, and so one transaction. Of two that change a state at once, the second waits for the first
-- and then finds its ETag outdated; of two first writes, the primary key lets one through.

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('WriteToStorageKey', $$
    WITH updated AS (
        UPDATE OrleansStorage SET Version = Version + 1, Payload = @PayloadBinary
        WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
          AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
          AND GrainTypeString = @GrainTypeString AND GrainIdExtension = COALESCE(@GrainIdExtensionString, '')
          AND ServiceId = @ServiceId
          AND Version = @GrainStateVersion::integer
        RETURNING Version
    ), inserted AS (
        INSERT INTO OrleansStorage (
            GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtension, ServiceId, Version, Payload)
        SELECT
            @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainTypeString, COALESCE(@GrainIdExtensionString, ''),
            @ServiceId, 1, @PayloadBinary
        WHERE @GrainStateVersion::integer IS NULL
        ON CONFLICT DO NOTHING
        RETURNING Version
    )
    SELECT Version AS NewGrainStateVersion FROM updated
    UNION ALL
    SELECT Version AS NewGrainStateVersion FROM inserted
$$)
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText WHERE OrleansQuery.QueryText <> excluded.QueryText;

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('ReadFromStorageKey', $$
    SELECT Payload AS PayloadBinary, Version AS Version
    FROM OrleansStorage
    WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
      AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
      AND GrainTypeString = @GrainTypeString AND GrainIdExtension = COALESCE(@GrainIdExtensionString, '')
      AND ServiceId = @ServiceId
$$)
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText WHERE OrleansQuery.QueryText <> excluded.QueryText;

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('ClearStorageKey', $$
    UPDATE OrleansStorage SET Version = Version + 1, Payload = NULL
    WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
      AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
      AND GrainTypeString = @GrainTypeString AND GrainIdExtension = COALESCE(@GrainIdExtensionString, '')
      AND ServiceId = @ServiceId
      AND Version = @GrainStateVersion::integer
    RETURNING Version AS NewGrainStateVersion
$$)
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText WHERE OrleansQuery.QueryText <> excluded.QueryText;

-- The provider compares the answer with the ETag it sent and takes equality for a conflict: hence + 1.
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('DeleteStorageKey', $$
    DELETE FROM OrleansStorage
    WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
      AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
      AND GrainTypeString = @GrainTypeString AND GrainIdExtension = COALESCE(@GrainIdExtensionString, '')
      AND ServiceId = @ServiceId
      AND Version = @GrainStateVersion::integer
    RETURNING Version + 1 AS NewGrainStateVersion
$$)
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText WHERE OrleansQuery.QueryText <> excluded.QueryText;
