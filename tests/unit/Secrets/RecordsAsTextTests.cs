using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Runs;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.Unit.Secrets;

/// <summary>What crosses the cluster is printed by those who trace it, and by Orleans in what it says of a call that took too
/// long.</summary>
public sealed class RecordsAsTextTests
{
    private const string Secret = "hunter2hunter2";

    private static readonly Dictionary<string, string> Arguments = new() { ["--db_password"] = Secret };

    private static readonly JobSettings Settings = new()
    {
        DefaultArguments = Arguments,
        NonOverridableArguments = Arguments,
        CodeGenConfigurationNodes = """{"node":{"password":"?"}}""".Replace("?", Secret, StringComparison.Ordinal),
        SourceControlDetails = new SourceControlDetails { Repository = "jobs", AuthToken = Secret },
    };

    public static TheoryData<object> Records
    {
        get
        {
            RunRecord run = ARun();
            run = run with { Settings = run.Settings with { Arguments = Arguments, ScriptArguments = Arguments } };
            return
            [
                Settings,
                Settings.SourceControlDetails!,
                new StartRun { Arguments = Arguments },
                run.Settings,
                run,
                new RunDecision.Moved(run, []),
                new JobDefinition
                {
                    Name = "nightly",
                    Settings = Settings,
                    CreatedAs = Settings,
                    Tags = new Dictionary<string, string>(),
                    CreatedOn = default,
                    LastModifiedOn = default,
                },
            ];
        }
    }

    [Theory]
    [MemberData(nameof(Records), DisableDiscoveryEnumeration = true)]
    public void Show_no_secret(object record) =>
        Assert.DoesNotContain(Secret, record.ToString(), StringComparison.Ordinal);
}
