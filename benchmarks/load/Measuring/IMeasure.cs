namespace GlueOrleans.Benchmarks.Load.Measuring;

/// <summary>One line of the table of measures: what is measured, against what, and what is to be reached.</summary>
/// <remarks>
/// Nothing in here may block a thread: what awaits a socket goes on by the one thread that reads all of them (see Program.cs).
/// The <see cref="Generator.Driver"/> waits on threads of its own.
/// </remarks>
internal interface IMeasure
{
    /// <summary>Of the table.</summary>
    int Number { get; }

    /// <summary>For whoever chooses among them.</summary>
    string Title { get; }

    /// <param name="bench">Has what all measures share.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="CannotMeasureException">With what is in the way, and what to do about it.</exception>
    Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation);
}

/// <summary>There is no figure, for a reason that a person can do something about.</summary>
internal sealed class CannotMeasureException(string message) : Exception(message);
