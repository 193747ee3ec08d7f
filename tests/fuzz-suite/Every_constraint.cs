using System.Globalization;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Tests.FuzzSuite.Cases;
using GlueOrleans.Tests.FuzzSuite.Hosts;
using Xunit;

namespace GlueOrleans.Tests.FuzzSuite;

/// <summary>The model, systematically: each constraint on each value of each operation's request, broken alone.</summary>
public sealed class Every_constraint : IAsyncLifetime
{
    /// <summary>Valid requests of each operation to begin from.</summary>
    private const int Beginnings = 3;

    private static readonly int Seed = FuzzOptions.FromEnvironment.Seed;
    private readonly PipelineServer _pipeline = new();
    private FakeGateway _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await FakeGateway.Start(_pipeline);

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Broken_alone_is_answered_with_its_error_and_the_path_of_the_member()
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var operation in HttpCases.Operations)
        {
            for (var i = 0; i < Beginnings; i++)
            {
                foreach (var broken in BrokenRequests.Of(operation, new Random(Seed + i)))
                {
                    counts[broken.Kind] = counts.GetValueOrDefault(broken.Kind) + 1;
                    var answer = await _pipeline.Send(HttpCase.Json(operation.Name, broken.Body));
                    var json = JsonNode.Parse(answer.Body)!;
                    Assert.True(
                        answer.Status == 400
                            && (string?)json["__type"] == broken.Code
                            && ((string?)json["message"])!.Contains(broken.Says, StringComparison.Ordinal),
                        $"GLUE_SEED={Seed}: {operation.Name}, {broken.Kind}: expected {broken.Code} that says "
                            + $"'{broken.Says}', got {answer.Status} {answer.Text}\nfor {HttpCase.Shown(broken.Body)}"
                    );
                }
            }
        }

        var kinds = string.Join(", ", counts.Select(kind => $"{kind.Key} {kind.Value}"));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"fuzz constraints: seed {Seed}: {counts.Values.Sum()} requests, each of which breaks one: {kinds}"
            )
        );
        Assert.Superset(
            new HashSet<string>([
                "enum",
                "map key",
                "max length",
                "max size",
                "max value",
                "min length",
                "min size",
                "min value",
                "pattern",
                "required, absent",
                "required, null",
                "type",
            ]),
            counts.Keys.ToHashSet(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Kept_is_not_complained_of()
    {
        for (var seed = Seed; seed < Seed + 300; seed++)
        {
            var request = HttpCases.Valid(new Random(seed));
            _gateway.Random = new Random(seed);
            var answer = await _pipeline.Send(request);
            Assert.False(
                answer.Text.Contains("\"ValidationException\"", StringComparison.Ordinal)
                    || answer.Text.Contains("\"SerializationException\"", StringComparison.Ordinal),
                $"GLUE_SEED={seed}: {answer.Text}\nfor {request}"
            );
        }
    }

    /// <summary>A pattern without examples would be satisfied and missed by luck.</summary>
    [Fact]
    public void That_is_a_pattern_has_examples() =>
        Assert.All(
            ShapeTable.Glue.Shapes.Values.Select(shape => shape.Pattern).OfType<JavaPattern>(),
            pattern =>
            {
                var (hits, misses) = Texts.OfPatterns[pattern.Text];
                Assert.All(hits, hit => Assert.True(pattern.Matches(hit), $"'{hit}' misses {pattern.Text}"));
                Assert.All(misses, miss => Assert.False(pattern.Matches(miss), $"'{miss}' matches {pattern.Text}"));
            }
        );
}
