using GlueOrleans.GrainInterfaces;
using GlueOrleans.Grains.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Unit.Jobs;

public sealed class CapacityRulesTests
{
    private static readonly Capacity Nothing = new(null, null, null, null);

    [Theory]
    [InlineData("glueetl", null, null, 10, 10.0)]
    [InlineData("gluestreaming", null, null, 10, 10.0)]
    [InlineData("pythonshell", null, null, 0, 0.0625)]
    [InlineData("glueetl", "G.1X", 10, 10, 10.0)]
    [InlineData("glueetl", "G.2X", 5, 10, 10.0)]
    [InlineData("gluestreaming", "G.025X", 3, 0, 0.75)]
    [InlineData("glueetl", "G.12X", 2, 24, 24.0)]
    [InlineData("glueray", "Z.2X", 1, 2, 2.0)]
    public void Both_capacities_are_derived_from_the_workers_or_the_command(
        string command,
        string? workerType,
        int? workers,
        int allocated,
        double max
    )
    {
        var resolved = CapacityRules.Resolve(
            command,
            Nothing with
            {
                WorkerType = workerType,
                NumberOfWorkers = workers,
            }
        );

        Assert.Equal(new Capacity(allocated, max, workerType, workers), resolved.Value);
    }

    [Theory]
    [InlineData("pythonshell", 1.0, 1)]
    [InlineData("pythonshell", 0.0625, 0)]
    [InlineData("glueetl", 2.0, 2)]
    [InlineData("glueetl", 100.0, 100)]
    public void A_max_capacity_within_the_commands_range_is_taken(string command, double max, int allocated) =>
        Assert.Equal(
            new Capacity(allocated, max, null, null),
            CapacityRules.Resolve(command, Nothing with { MaxCapacity = max }).Value
        );

    [Theory]
    [InlineData("glueetl", 10, 10.0, null, null, "Please set only Allocated Capacity or Max Capacity")]
    [InlineData("glueetl", null, 10.0, "G.1X", 10, "Please do not set Max Capacity if using Worker Type")]
    [InlineData("glueetl", null, null, "G.1X", null, "Please set both Worker Type and Number of Workers.")]
    [InlineData("glueetl", null, null, null, 4, "Please set both Worker Type and Number of Workers.")]
    [InlineData(
        "glueetl",
        null,
        null,
        "G.1X",
        1,
        "To use Worker Type G.1X, minimum allowed value of Number of Workers is 2."
    )]
    [InlineData("glueetl", null, null, "X.1X", 4, "Worker Type 'X.1X' is not known")]
    [InlineData("glueetl", null, null, "Z.2X", 4, "Worker Type Z.2X is not supported for Job Command glueetl")]
    [InlineData("glueray", null, null, "G.1X", 4, "Worker Type G.1X is not supported for Job Command glueray")]
    [InlineData("glueetl", null, 1.0, null, null, "Max Capacity 1 is not valid for Job Command glueetl")]
    [InlineData("glueetl", null, 2.5, null, null, "Max Capacity 2.5 is not valid for Job Command glueetl")]
    [InlineData("glueetl", 101, null, null, null, "Max Capacity 101 is not valid for Job Command glueetl")]
    [InlineData("pythonshell", null, 2.0, null, null, "Max Capacity 2 is not valid for Job Command pythonshell")]
    [InlineData("pythonshell", 1, null, null, null, "Allocated Capacity is not supported for Job Command pythonshell")]
    [InlineData("pythonshell", null, null, "G.1X", 2, "Worker Type is not supported for Job Command pythonshell")]
    public void A_size_that_glue_refuses_is_refused_in_its_words(
        string command,
        int? allocated,
        double? max,
        string? workerType,
        int? workers,
        string message
    )
    {
        var refused = CapacityRules.Resolve(command, new Capacity(allocated, max, workerType, workers));

        Assert.Equal(RefusalKind.InvalidInput, refused.Refusal?.Kind);
        Assert.StartsWith(message, refused.Refusal?.Message, StringComparison.Ordinal);
    }
}
