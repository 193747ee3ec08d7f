using GlueOrleans.Tests.FuzzSuite.Cases;
using GlueOrleans.Tests.FuzzSuite.Drivers;
using GlueOrleans.Tests.FuzzSuite.Hosts;
using Xunit;

namespace GlueOrleans.Tests.FuzzSuite;

/// <summary>Requests at random, against more and more of a node: <c>tests/fuzz --help</c>.</summary>
/// <remarks>One after the other: they share the time, and what they allocate and how long they take is looked at.</remarks>
[Collection(nameof(Fuzz))]
public sealed class Fuzz
{
    private static readonly FuzzOptions Options = FuzzOptions.FromEnvironment;

    [Fact, Trait("driver", "endpoint")]
    public async Task The_endpoint_answers_whatever_comes_with_an_error_of_the_protocol()
    {
        var pipeline = new PipelineServer();
        await using var gateway = await FakeGateway.Start(pipeline);
        await Run(new HttpDriver("endpoint", pipeline, HttpCases.Any, dice => gateway.Random = dice), share: 0.35);
    }

    [Fact, Trait("driver", "sockets")]
    public async Task A_connection_is_answered_or_closed_whatever_bytes_come()
    {
        await using var gateway = await FakeGateway.Start(server: null);
        await Run(new SocketDriver(gateway), share: 0.15);
    }

    [Fact, Trait("driver", "signatures")]
    public Task A_signed_request_is_refused_once_anything_signed_is_changed() => Run(new SignatureDriver(), share: 0.1);

    [Fact, Trait("driver", "node")]
    public async Task A_node_on_SQLite_refuses_what_it_cannot_do()
    {
        await using var node = await RealNode.OnSqlite();
        await Run(new HttpDriver("node", node.Pipeline, HttpCases.NearlyValid), share: 0.2);
    }

    [Fact, Trait("driver", "cluster")]
    public async Task A_silo_on_PostgreSQL_refuses_what_it_cannot_do()
    {
        await using var node = await RealNode.OnPostgres();
        await Run(new HttpDriver("cluster", node.Pipeline, HttpCases.NearlyValid), share: 0.2);
    }

    private static Task Run<TCase>(Driver<TCase> driver, double share) =>
        new Campaign<TCase>(driver, Options).Run(Options.IsAlone ? Options.Time : Options.Time * share);
}
