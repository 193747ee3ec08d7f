using BenchmarkDotNet.Attributes;
using GlueOrleans.Storage.Sqlite;

namespace GlueOrleans.Benchmarks.Micro;

/// <summary>
/// What the writer of a SQLite file adds to each write besides SQLite's own work: the queue, the batch, the answer. The
/// writes write nothing, so a commit flushes nothing.
/// </summary>
[MemoryDiagnoser]
public class GroupCommitBenchmarks
{
    private const int Writes = 512;

    private readonly string _folder = Directory.CreateTempSubdirectory("glue-micro-").FullName;
    private readonly Task<int>[] _answers = new Task<int>[Writes];
    private GroupCommitWriter _writer = null!;

    [GlobalSetup]
    public void Open()
    {
        var path = Path.Combine(_folder, "runs.db");
        SqliteFile.OpenOrCreate(path).Dispose();
        _writer = new GroupCommitWriter(path, TimeProvider.System, 2 * Writes);
    }

    /// <summary>As many callers at a time as one batch takes. The figure is for one of them.</summary>
    [Benchmark(OperationsPerInvoke = Writes)]
    public async Task<int> Writes_of_many_callers()
    {
        for (var i = 0; i < Writes; i++)
            _answers[i] = _writer.Write(static _ => 1);
        return (await Task.WhenAll(_answers)).Length;
    }

    [GlobalCleanup]
    public async Task Close()
    {
        await _writer.Close();
        Directory.Delete(_folder, recursive: true);
    }
}
