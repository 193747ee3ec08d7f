namespace GlueOrleans.Tests.FuzzSuite.Drivers;

/// <summary>What became of a case.</summary>
/// <param name="Problem">What is wrong, in a sentence; <c>null</c>: nothing.</param>
/// <param name="Code">What it was answered with: an error's code, <c>200</c> …</param>
/// <param name="Allocated">Bytes; 0: not measured.</param>
internal readonly record struct Tried(string? Problem, string Code, long Allocated = 0);

/// <summary>One way to make cases and to try them.</summary>
internal abstract class Driver<TCase>
{
    /// <summary>For <c>tests/fuzz --driver</c>: the name of its test, in lower case.</summary>
    public abstract string Name { get; }

    /// <summary>The same case for the same random numbers.</summary>
    public abstract TCase Make(Random random);

    /// <param name="theCase">What to try.</param>
    /// <param name="random">For whatever is part of the case besides.</param>
    public abstract Task<Tried> Try(TCase theCase, Random random);

    /// <summary>Whether all is well after some cases; the problem, if not.</summary>
    public virtual Task<string?> Sane() => Task.FromResult<string?>(null);

    /// <summary>Smaller cases than one that failed, which may fail as well. None: it is as small as can be.</summary>
    public virtual IEnumerable<TCase> Smaller(TCase theCase) => [];

    /// <summary>A case for people, whole.</summary>
    public virtual string Show(TCase theCase) => $"{theCase}";
}
