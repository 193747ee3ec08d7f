using System.Reflection;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Profiles;
using GlueOrleans.Grains.Runs;
using GlueOrleans.Grains.Tags;
using Xunit;

namespace GlueOrleans.Tests.Architecture;

/// <summary>Dependencies point inward: gateway → grain-interfaces ← grains ← storage, executors.</summary>
public sealed class DependencyTests
{
    public static TheoryData<string, string[]> Arrows =>
        new()
        {
            { "GlueOrleans.GrainInterfaces", [] },
            { "GlueOrleans.Gateway", ["GlueOrleans.GrainInterfaces"] },
            { "GlueOrleans.Grains", ["GlueOrleans.GrainInterfaces"] },
            { "GlueOrleans.Storage", ["GlueOrleans.GrainInterfaces", "GlueOrleans.Grains"] },
            { "GlueOrleans.Executors", ["GlueOrleans.GrainInterfaces", "GlueOrleans.Grains"] },
        };

    [Theory]
    [MemberData(nameof(Arrows))]
    public void A_project_refers_only_to_those_further_in(string project, string[] allowed)
    {
        var ours = Assembly
            .Load(project)
            .GetReferencedAssemblies()
            .Select(a => a.Name!)
            .Where(name => name.StartsWith("GlueOrleans.", StringComparison.Ordinal));

        Assert.Subset(allowed.ToHashSet(), ours.ToHashSet());
    }

    [Theory]
    [InlineData("GlueOrleans.GrainInterfaces")]
    [InlineData("GlueOrleans.Grains")]
    public void Drivers_and_web_servers_stay_out_of_the_decisions(string project)
    {
        string[] outside = ["Microsoft.Data", "Npgsql", "AWSSDK", "Microsoft.AspNetCore", "System.Data", "Polly"];
        var referenced = Assembly.Load(project).GetReferencedAssemblies().Select(a => a.Name!);

        Assert.DoesNotContain(referenced, name => outside.Any(o => name.StartsWith(o, StringComparison.Ordinal)));
    }

    /// <summary>A decision sees values only: no clock, no task, no grain, nothing that could differ at the second look.</summary>
    [Theory]
    [InlineData(typeof(RunLifecycle))]
    [InlineData(typeof(RunAdmission))]
    [InlineData(typeof(CapacityRules))]
    [InlineData(typeof(JobRules))]
    [InlineData(typeof(ArgumentRules))]
    [InlineData(typeof(ExecutionClassRules))]
    [InlineData(typeof(RunSettingsResolver))]
    [InlineData(typeof(TagRules))]
    [InlineData(typeof(UsageProfileRules))]
    [InlineData(typeof(ProfileConfigurationRules))]
    [InlineData(typeof(BookmarkLedger))]
    public void A_decision_is_a_function_of_its_arguments(Type decider)
    {
        Assert.True(decider is { IsAbstract: true, IsSealed: true }, $"{decider.Name} is not a static class");
        const BindingFlags Any =
            BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var types = decider
            .GetMethods(Any)
            .SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType))
            .Concat(decider.GetFields(Any).Select(f => f.FieldType))
            .ToList();

        Assert.NotEmpty(types);
        Assert.DoesNotContain(
            types,
            t =>
                t == typeof(TimeProvider)
                || typeof(Task).IsAssignableFrom(t)
                || typeof(IAddressable).IsAssignableFrom(t)
        );
    }
}
