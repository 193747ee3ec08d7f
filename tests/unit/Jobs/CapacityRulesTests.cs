using CsCheck;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.Grains.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Unit.Jobs;

public sealed class CapacityRulesTests
{
    private const string NoVersionNamed = GlueVersions.OfJobsThatNameNone;

    private static readonly Capacity Nothing = new(null, null, null, null);

    [Theory]
    [InlineData("glueetl", null, null, 10, 10.0)]
    [InlineData("gluestreaming", null, null, 10, 10.0)]
    [InlineData("pythonshell", null, null, 0, 0.0625)]
    [InlineData("glueetl", "G.1X", 10, 10, 10.0)]
    [InlineData("glueetl", "G.2X", 5, 10, 10.0)]
    [InlineData("gluestreaming", "G.025X", 3, 0, 0.75)]
    [InlineData("glueetl", "G.12X", 2, 24, 24.0)]
    [InlineData("gluestreaming", "R.8X", 2, 16, 16.0)]
    [InlineData("glueetl", "G.1X", 299, 299, 299.0)]
    [InlineData("glueetl", "G.2X", 149, 298, 298.0)]
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
            NoVersionNamed,
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
            CapacityRules.Resolve(command, "5.0", Nothing with { MaxCapacity = max }).Value
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
    [InlineData(
        "glueetl",
        null,
        null,
        "G.1X",
        300,
        "To use Worker Type G.1X, maximum allowed value of Number of Workers is 299."
    )]
    [InlineData(
        "gluestreaming",
        null,
        null,
        "G.2X",
        150,
        "To use Worker Type G.2X, maximum allowed value of Number of Workers is 149."
    )]
    [InlineData(
        "glueetl",
        null,
        null,
        "G.8X",
        int.MaxValue,
        "To use Worker Type G.8X, maximum allowed value of Number of Workers is 299."
    )]
    [InlineData("glueray", null, null, "Z.2X", 0, "To use Worker Type Z.2X, minimum allowed value")]
    [InlineData("glueetl", null, null, "G.025X", 4, "Worker Type G.025X is not supported for Job Command glueetl")]
    [InlineData("gluestreaming", null, null, "Z.2X", 4, "Worker Type Z.2X is not supported for Job Command glue")]
    [InlineData("gluestreaming", null, 1.0, null, null, "Max Capacity 1 is not valid for Job Command gluestreaming")]
    [InlineData("glueetl", null, double.NaN, null, null, "Max Capacity NaN is not valid for Job Command glueetl")]
    [InlineData("pythonshell", null, 0.5, null, null, "Max Capacity 0.5 is not valid for Job Command pythonshell")]
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
        var refused = CapacityRules.Resolve(command, NoVersionNamed, new Capacity(allocated, max, workerType, workers));

        Assert.Equal(RefusalKind.InvalidInput, refused.Refusal?.Kind);
        Assert.StartsWith(message, refused.Refusal?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gluestreaming", "G.025X", "3.0")]
    [InlineData("glueetl", "G.4X", "5.1")]
    [InlineData("glueetl", "Standard", "1.0")]
    [InlineData("glueetl", "G.1X", "2.0")]
    [InlineData("glueetl", "G.16X", "10.0")]
    [InlineData("glueetl", "G.4X", "next.one")]
    [InlineData("glueetl", "G.4X", null)]
    public void A_worker_type_goes_with_the_Glue_versions_that_have_it(string command, string type, string? version) =>
        Assert.False(CapacityRules.Resolve(command, version, Workers(type, 2)).IsRefused);

    [Theory]
    [InlineData("gluestreaming", "G.025X", "2.0", "set GlueVersion to 3.0 or later")]
    [InlineData("glueetl", "G.4X", "2.0", "set GlueVersion to 3.0 or later")]
    [InlineData("gluestreaming", "G.8X", "1.0", "set GlueVersion to 3.0 or later")]
    [InlineData("glueetl", "R.1X", "2.0", "set GlueVersion to 3.0 or later")]
    [InlineData("glueetl", "Standard", "2.0", "use G.1X, or set GlueVersion to 1.0.")]
    [InlineData("glueetl", "Standard", "5.0", "use G.1X, or set GlueVersion to 1.0.")]
    public void A_worker_type_that_a_named_version_has_not_is_refused(
        string command,
        string type,
        string version,
        string remedy
    )
    {
        var refusal = CapacityRules.Resolve(command, version, Workers(type, 2)).Refusal;

        Assert.Equal(RefusalKind.InvalidInput, refusal?.Kind);
        Assert.StartsWith(
            $"Worker Type {type} is not supported with Glue version {version}: ",
            refusal?.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(remedy, refusal!.Message, StringComparison.Ordinal);
    }

    /// <summary>Such jobs have 0.9 filled in, from clients that mean "whatever is current".</summary>
    [Theory]
    [InlineData("glueetl", "G.4X")]
    [InlineData("gluestreaming", "G.025X")]
    [InlineData("glueetl", "Standard")]
    public void No_worker_type_is_held_against_a_job_that_names_no_version(string command, string type) =>
        Assert.False(CapacityRules.Resolve(command, NoVersionNamed, Workers(type, 2)).IsRefused);

    private static readonly Gen<(string Command, string Version, Capacity Asked)> Anything = Gen.Select(
        Gen.OneOf(JobCommands.All.ToArray()),
        Gen.OneOf("0.9", "1.0", "2.0", "5.0"),
        Gen.Select(
            Gen.OneOf<int?>(null, 1, 5, 100, 101),
            Gen.OneOf<double?>(null, 0.0625, 1, 2, 2.5, 100),
            Gen.OneOf([null, "none", .. WorkerTypes.ByName.Keys]),
            Gen.OneOf<int?>(null, -1, 0, 1, 2, 149, 150, 299, 300, int.MaxValue),
            (allocated, max, type, count) => new Capacity(allocated, max, type, count)
        )
    );

    [Fact]
    public void Both_capacities_of_whatever_is_accepted_say_the_same() =>
        Anything.Sample(
            (command, version, asked) =>
                CapacityRules.Resolve(command, version, asked).Value is not { } accepted
                || (
                    accepted.MaxCapacity is { } max
                    && accepted.AllocatedCapacity == (int)Math.Floor(max)
                    && accepted.WorkerType == asked.WorkerType
                    && accepted.NumberOfWorkers == asked.NumberOfWorkers
                    && (
                        accepted.WorkerType is not { } type
                        || max == accepted.NumberOfWorkers * WorkerTypes.ByName[type].Dpus
                    )
                )
        );

    /// <summary>As a client does that creates a job like another: it reads it, and drops what Glue derives.</summary>
    [Fact]
    public void Whatever_is_accepted_is_accepted_again_as_the_same() =>
        Anything.Sample(
            (command, version, asked) =>
            {
                if (CapacityRules.Resolve(command, version, asked).Value is not { } accepted)
                    return true;
                var again = accepted with
                {
                    AllocatedCapacity = null,
                    MaxCapacity = accepted.WorkerType is null ? accepted.MaxCapacity : null,
                };
                return CapacityRules.Resolve(command, version, again).Value == accepted;
            }
        );

    private static Capacity Workers(string type, int count) =>
        Nothing with
        {
            WorkerType = type,
            NumberOfWorkers = count,
        };
}
