using System.Collections.Concurrent;
using System.Threading.Channels;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Tests.Cluster;

internal enum Asked
{
    Launch,
    FailLaunch,
    Resume,
    Stop,
    Drain,
}

/// <summary>An executor that does nothing but tell the test what it was asked; the test plays the process.</summary>
internal sealed class ScriptedExecutor : INodeExecutor
{
    private readonly Channel<(Asked Asked, RunRecord Run)> _requests = Channel.CreateUnbounded<(Asked, RunRecord)>();
    private readonly ConcurrentQueue<(Asked, string)> _all = new();

    /// <summary>Everything asked so far, in order.</summary>
    public IReadOnlyList<(Asked Asked, string RunId)> All => [.. _all];

    /// <summary>What each run was launched with, the last time.</summary>
    public ConcurrentDictionary<string, BookmarkInput?> Bookmarks { get; } = new();

    /// <summary>Of a node of a cluster.</summary>
    public ExecutorTenure? Tenure { get; set; }

    public string? WhyNotReady => null;

    /// <summary>The runs that it is to be said to observe.</summary>
    public ConcurrentDictionary<string, bool> Known { get; } = new();

    public bool Knows(string runId) => Known.ContainsKey(runId);

    public void ExpectOnly(IReadOnlySet<string> runIds) { }

    /// <summary>Why launches were ruled out.</summary>
    public ConcurrentDictionary<string, string> LaunchFailures { get; } = new();

    public Task Launch(RunRecord run, BookmarkInput? bookmark)
    {
        Bookmarks[run.Id] = bookmark;
        return Note(Asked.Launch, run);
    }

    public Task FailLaunch(RunRecord run, string errorMessage)
    {
        LaunchFailures[run.Id] = errorMessage;
        return Note(Asked.FailLaunch, run);
    }

    public Task Resume(RunRecord run) => Note(Asked.Resume, run);

    public Task Stop(RunRecord run) => Note(Asked.Stop, run);

    public Task Drain(RunRecord run) => Note(Asked.Drain, run);

    public Task<bool> Forget(string runId, ExecutorTenure? executor) => Task.FromResult(true);

    /// <summary>The next request, which must be this one.</summary>
    public async Task<RunRecord> Next(Asked expected)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            var (asked, run) = await _requests.Reader.ReadAsync(patience.Token);
            return asked == expected
                ? run
                : throw new InvalidOperationException(
                    $"Expected {expected}; the executor was asked to {asked} {run.Id}."
                );
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Expected {expected}; asked so far: {string.Join(", ", All)}.");
        }
    }

    /// <summary>The next request of any kind; <c>null</c> when none came before the token was cancelled.</summary>
    public async Task<(Asked Asked, string RunId)?> TryNext(CancellationToken cancellation)
    {
        try
        {
            var (asked, run) = await _requests.Reader.ReadAsync(cancellation);
            return (asked, run.Id);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Forgets what it was asked.</summary>
    public void Clear() => _all.Clear();

    private Task Note(Asked asked, RunRecord run)
    {
        _all.Enqueue((asked, run.Id));
        _requests.Writer.TryWrite((asked, run));
        return Task.CompletedTask;
    }
}
