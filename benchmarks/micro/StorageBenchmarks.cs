using BenchmarkDotNet.Attributes;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Storage.Postgres;

namespace GlueOrleans.Benchmarks.Micro;

/// <summary>What becomes of a row in this process on its way to PostgreSQL, as one of a batch. Figures are for one row.</summary>
[MemoryDiagnoser]
public class StorageBenchmarks
{
    private const int BatchSize = 64;

    private static readonly AdmissionEpochs Epochs = new(1, 1);

    private readonly RunRecord[] _starting = [.. Enumerable.Range(1, BatchSize).Select(n => Samples.Starting(n))];
    private readonly RunRecord[] _running = [.. Enumerable.Range(1, BatchSize).Select(n => Samples.Running(n))];
    private RunWrite[] _creations = [];
    private RunWrite[] _changes = [];

    [GlobalSetup]
    public void Fill()
    {
        _creations = [.. _starting.Select(run => RunWrite.Creation(run, Epochs))];
        _changes = [.. _running.Select(run => RunWrite.Change(run, run.Version - 1, null))];
    }

    /// <summary>With the settings as JSON: the part that is done on the caller's thread.</summary>
    [Benchmark(OperationsPerInvoke = BatchSize)]
    public object? Creations_to_be_queued()
    {
        RunWrite? last = null;
        foreach (var run in _starting)
            last = RunWrite.Creation(run, Epochs);
        return last;
    }

    /// <summary>The statements of one transaction: rows sorted, and their columns as arrays.</summary>
    [Benchmark(OperationsPerInvoke = BatchSize)]
    public object Batch_of_creations() => RunWriter.Statements(_creations);

    [Benchmark(OperationsPerInvoke = BatchSize)]
    public object Batch_of_changes() => RunWriter.Statements(_changes);

    [Benchmark(OperationsPerInvoke = BatchSize * 2)]
    public object Batch_of_both() => RunWriter.Statements(_creations.Concat(_changes));
}
