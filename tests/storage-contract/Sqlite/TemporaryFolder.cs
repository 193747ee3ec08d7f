using GlueOrleans.Storage.Sqlite;

namespace GlueOrleans.Tests.StorageContract.Sqlite;

/// <summary>A data folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("glue-storage-");

    internal string Path => _folder.FullName;

    internal SqliteStorageOptions Options => new() { DataFolder = Path };

    internal SqliteStorage Open() => SqliteStorage.Open(Options, TimeProvider.System);

    public void Dispose() => _folder.Delete(recursive: true);
}
