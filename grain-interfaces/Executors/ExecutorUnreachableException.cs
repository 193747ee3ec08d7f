namespace GlueOrleans.GrainInterfaces.Executors;

/// <summary>The executor node that a run is placed on cannot be asked now: its silo is not in the cluster, or did not answer.
/// What was asked of it may or may not have happened.</summary>
[GenerateSerializer, Alias("ExecutorUnreachableException")]
public sealed class ExecutorUnreachableException : Exception
{
    public ExecutorUnreachableException() { }

    public ExecutorUnreachableException(string message)
        : base(message) { }

    public ExecutorUnreachableException(string message, Exception innerException)
        : base(message, innerException) { }
}
