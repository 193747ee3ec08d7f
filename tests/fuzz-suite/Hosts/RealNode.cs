using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Silo;
using GlueOrleans.Tests.Support;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Tests.FuzzSuite.Hosts;

/// <summary>A whole node in this process, with its grains and its database; only the network and the scripts are left out.</summary>
internal sealed class RealNode : IAsyncDisposable
{
    private readonly string _data;
    private readonly Node _node;

    private RealNode(Node node, PipelineServer pipeline, string data) =>
        (_node, Pipeline, _data) = (node, pipeline, data);

    public PipelineServer Pipeline { get; }

    public static Task<RealNode> OnSqlite() => Start([]);

    /// <summary>In a database of its own, as the one silo of a cluster without executors.</summary>
    public static async Task<RealNode> OnPostgres()
    {
        var server = await PostgresServer.Shared;
        return await Start([
            $"--Cluster:Database={await server.CreateDatabase()}",
            $"--Cluster:SiloPort={FreePort.Next()}",
            $"--Cluster:ClientPort={FreePort.Next()}",
            "--Cluster:Roles=silo,gateway",
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    private static async Task<RealNode> Start(IReadOnlyList<string> settings)
    {
        var data = Directory.CreateTempSubdirectory("glue-fuzz-").FullName;
        var pipeline = new PipelineServer();
        var node = await Node.Start(
            new NodeOptions(data, "http://127.0.0.1:0", settings),
            data,
            NodeOptions.DefaultUrl,
            customize: builder =>
            {
                // One case is repeated by somebody who wants to know what the log says.
                if (FuzzOptions.FromEnvironment.OnlyCase is null)
                    builder.Logging.ClearProviders();
                builder.Services.AddSingleton<IServer>(pipeline);
                builder.Services.AddSingleton<IRunExecutor, NoScripts>();
            }
        );
        return new RealNode(node, pipeline, data);
    }

    /// <summary>Takes every run, and never says what became of it: requests at random must not start programs.</summary>
    private sealed class NoScripts : IRunExecutor
    {
        public Task Launch(RunRecord run, BookmarkInput? bookmark) => Task.CompletedTask;

        public Task FailLaunch(RunRecord run, string errorMessage) => Task.CompletedTask;

        public Task Resume(RunRecord run) => Task.CompletedTask;

        public Task Stop(RunRecord run) => Task.CompletedTask;

        public Task Drain(RunRecord run) => Task.CompletedTask;

        public Task<bool> Forget(string runId, ExecutorTenure? executor) => Task.FromResult(true);
    }
}
