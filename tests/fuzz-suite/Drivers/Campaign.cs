using System.Diagnostics;
using System.Text;
using Xunit;

namespace GlueOrleans.Tests.FuzzSuite.Drivers;

/// <summary>Tries the cases of a driver, one after the other, until one fails or the time is over.</summary>
internal sealed class Campaign<TCase>(Driver<TCase> driver, FuzzOptions options)
{
    /// <summary>Not about speed: what takes so long would never have ended, or would have stopped everything else.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    private const int CasesPerLook = 256;

    /// <summary>For looking for a smaller case that fails.</summary>
    private static readonly TimeSpan ShrinkingTime = TimeSpan.FromSeconds(5);

    private readonly Tally _tally = new(driver.Name);
    private long _number;
    private long _begun;

    /// <param name="time">After which no case is begun.</param>
    public async Task Run(TimeSpan time)
    {
        Console.WriteLine($"fuzz {driver.Name}: seed {options.Seed}");
        var outcome = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _begun = Stopwatch.GetTimestamp();
        // A thread of its own: one that hangs can be left behind, and what it allocates is its own.
        new Thread(() => Loop(time, outcome)) { IsBackground = true, Name = driver.Name }.Start();
        while (await Task.WhenAny(outcome.Task, Task.Delay(Between, TimeProvider.System)) != outcome.Task)
        {
            if (options.IsLong)
                Console.WriteLine(_tally.Progress());
            var number = Interlocked.Read(ref _number);
            if (Stopwatch.GetElapsedTime(Interlocked.Read(ref _begun)) > Hang)
                Assert.Fail(Explain(number, $"no answer after {Hang.TotalSeconds} s", Made(number)));
        }

        Console.WriteLine(_tally.Summary());
        if (await outcome.Task is { } failure)
            Assert.Fail(failure);
        Assert.NotEqual(0, _tally.Cases);
    }

    private void Loop(TimeSpan time, TaskCompletionSource<string?> outcome)
    {
        try
        {
            outcome.SetResult(FirstFailure(time));
        }
        catch (Exception e)
        {
            outcome.SetException(e);
        }
    }

    private string? FirstFailure(TimeSpan time)
    {
        var start = Stopwatch.GetTimestamp();
        for (var number = options.OnlyCase ?? 0; ; number++)
        {
            var theCase = Made(number);
            Interlocked.Exchange(ref _number, number);
            Interlocked.Exchange(ref _begun, Stopwatch.GetTimestamp());
            var tried = Try(number, theCase);
            _tally.Add(number, tried, Stopwatch.GetElapsedTime(_begun));
            var isLast = options.OnlyCase is not null || Stopwatch.GetElapsedTime(start) > time;
            if (tried.Problem is { } problem)
                return Explain(number, problem, Smallest(number, theCase, problem));
            if (
                (isLast || number % CasesPerLook == CasesPerLook - 1)
                && driver.Sane().GetAwaiter().GetResult() is { } insane
            )
                return $"{driver.Name}, after case {number} of seed {options.Seed}: {insane}";
            if (isLast)
                return null;
        }
    }

    private TCase Made(long number) => driver.Make(Dice(number, salt: 0));

    private Tried Try(long number, TCase theCase)
    {
        try
        {
            return driver.Try(theCase, Dice(number, salt: 1)).GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            return new Tried($"{e.GetType().Name} left the server: {e}", e.GetType().Name);
        }
    }

    private Random Dice(long number, int salt)
    {
        var mixed = (ulong)options.Seed * 0x9E37_79B9_7F4A_7C15 + (ulong)number * 0xBF58_476D_1CE4_E5B9 + (ulong)salt;
        foreach (var c in driver.Name)
            mixed = (mixed ^ c) * 0x100_0000_01B3;
        return new Random((int)(mixed >> 33));
    }

    /// <summary>A case that fails in the same way, and of which nothing can be left out.</summary>
    private TCase Smallest(long number, TCase failed, string problem)
    {
        var start = Stopwatch.GetTimestamp();
        for (var again = true; again; )
        {
            again = false;
            foreach (var smaller in driver.Smaller(failed))
            {
                if (Stopwatch.GetElapsedTime(start) > ShrinkingTime)
                    return failed;
                Interlocked.Exchange(ref _begun, Stopwatch.GetTimestamp());
                if (Try(number, smaller).Problem is not { } other || Kind(other) != Kind(problem))
                    continue;
                (failed, again) = (smaller, true);
                break;
            }
        }

        return failed;
    }

    /// <summary>As much of a problem as does not depend on the case's values.</summary>
    private static string Kind(string problem) => problem[..Math.Min(problem.Length, 24)];

    private string Explain(long number, string problem, TCase theCase) =>
        new StringBuilder()
            .AppendLine($"{driver.Name}, case {number} of seed {options.Seed}: {problem}")
            .AppendLine($"Repeat it: tests/fuzz --driver {driver.Name} --seed {options.Seed} --case {number}")
            .AppendLine("The case, without what can be left out:")
            .AppendLine(driver.Show(theCase))
            .ToString();
}
