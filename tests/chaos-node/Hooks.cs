using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.DependencyInjection;

namespace GlueOrleans.Tests.ChaosNode;

/// <summary>Which points there are, and where. A point's name says what has been, or is about to be, done.</summary>
internal static class Hooks
{
    public static void Add(IServiceCollection services, NamedPoints points)
    {
        services.Decorate<IRunStore>(
            new()
            {
                [nameof(IRunStore.TryCreate)] = (store, args) =>
                    Create(() => store.TryCreate((RunRecord)args[0]!, (AdmissionEpochs)args[1]!), args, points),
                [nameof(IRunStore.SaveIfUnchanged)] = (store, args) =>
                    Save(
                        () =>
                            store.SaveIfUnchanged(
                                (RunRecord)args[0]!,
                                (long)args[1]!,
                                (AdmissionEpochs?)args[2],
                                (BookmarkEntry?)args[3]
                            ),
                        args,
                        points
                    ),
            }
        );
        services.Decorate<IRunExecutor>(
            new() { [nameof(IRunExecutor.Launch)] = (executor, args) => Launch(executor, args, points) }
        );
        services.Decorate<IRunReports>(
            new() { [nameof(IRunReports.Deliver)] = (reports, args) => Deliver(reports, args, points) }
        );
        services.Decorate<IExecutorNodes>(
            new() { [nameof(IExecutorNodes.Acquire)] = (nodes, args) => Acquire(nodes, args, points) }
        );
    }

    private static async Task Launch(IRunExecutor executor, object?[] args, NamedPoints points)
    {
        await points.Reach("launch.before");
        await executor.Launch((RunRecord)args[0]!, (BookmarkInput?)args[1]);
    }

    private static async Task Deliver(IRunReports reports, object?[] args, NamedPoints points)
    {
        await points.Reach(
            args[1] switch
            {
                RunReport.Launched => "launched.before",
                RunReport.Exited => "exit.before",
                _ => "report.before",
            }
        );
        await reports.Deliver((string)args[0]!, (RunReport)args[1]!, (CancellationToken)args[2]!);
    }

    private static async Task<LeaseAnswer> Acquire(IExecutorNodes nodes, object?[] args, NamedPoints points)
    {
        var answer = await nodes.Acquire((LeaseRequest)args[0]!);
        await points.Reach("lease.after");
        return answer;
    }

    /// <summary>A run's first row: <c>create</c>, or <c>retry</c> for a run that follows another.</summary>
    private static async Task<CreateResult> Create(Func<Task<CreateResult>> write, object?[] args, NamedPoints points)
    {
        var what = RunId.IsSuccessor((RunRecord)args[0]!) ? "retry" : "create";
        await points.Reach($"{what}.before");
        await points.Reach($"{what}.delay");
        var result = await write();
        await points.Reach($"{what}.after");
        await points.Reach($"{what}.doubt");
        return result;
    }

    /// <summary>A later row: <c>save</c>; <c>end</c> when it is the last one, <c>failed</c> when a retry is owed after it,
    /// <c>bookmark</c> when a bookmark is written with it.</summary>
    private static async Task<SaveResult> Save(Func<Task<SaveResult>> write, object?[] args, NamedPoints points)
    {
        var run = (RunRecord)args[0]!;
        List<string> what = ["save"];
        if (run.State.IsTerminal())
            what.Add("end");
        if (run.State == JobRunState.Failed && run.SuccessorDueAt is not null)
            what.Add("failed");
        if (args[3] is not null)
            what.Add("bookmark");

        foreach (var point in what)
        {
            await points.Reach($"{point}.before");
            await points.Reach($"{point}.delay");
        }

        var result = await write();
        foreach (var point in what)
        {
            await points.Reach($"{point}.after");
            await points.Reach($"{point}.doubt");
        }

        return result;
    }
}
