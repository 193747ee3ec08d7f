using System.Reflection;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;
using GlueOrleans.Tests.FuzzSuite.Cases;

namespace GlueOrleans.Tests.FuzzSuite.Hosts;

/// <summary>
/// All grains that the gateway calls, and their factory. They answer at once, at random: with refusals, with nothing, or
/// with what they were just given and texts that are awkward to write.
/// </summary>
/// <remarks>One class for all: a proxy gets each call with its arguments, and the answer depends on the return type.</remarks>
public class RandomGrains : DispatchProxy
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private Dice _dice = null!;
    private string _key = "";

    internal static IGrainFactory Create(Dice dice)
    {
        var factory = Create<IGrainFactory, RandomGrains>();
        ((RandomGrains)(object)factory)._dice = dice;
        return factory;
    }

    /// <summary>The random numbers of the case that is being tried.</summary>
    internal sealed class Dice
    {
        public Random Random { get; set; } = new(0);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var method = targetMethod!;
        var given = args ?? [];
        if (method.Name == nameof(IGrainFactory.GetGrain) && given is [string key, ..])
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(key); // as Orleans does
            var grain = (RandomGrains)Create(method.ReturnType, typeof(RandomGrains));
            (grain._dice, grain._key) = (_dice, key);
            return grain;
        }

        var answer = method.ReturnType;
        return answer == typeof(Task) ? Task.CompletedTask
            : answer == typeof(Task<bool>) ? Task.FromResult(Chance(2))
            : answer == typeof(Task<JobDefinition>) ? Task.FromResult(Chance(3) ? null : Job(given))
            : answer == typeof(Task<Outcome<JobDefinition>>) ? Outcome(Job(given))
            : answer == typeof(Task<Outcome<string>>) ? Outcome("jr_1")
            : answer == typeof(Task<IReadOnlyList<StopRunAnswer>>) ? Task.FromResult(Stops(given))
            : answer == typeof(Task<Outcome<RunRecord>>) ? Outcome(Run())
            : answer == typeof(Task<Outcome<IReadOnlyList<RunRecord>>>) ? OutcomeOf(Some(Run, given))
            : answer == typeof(Task<Outcome<BookmarkEntry>>) ? Outcome(Bookmark())
            : answer == typeof(Task<Outcome<IReadOnlyList<BookmarkEntry>>>) ? OutcomeOf(Some(Bookmark, given))
            : answer == typeof(Task<IReadOnlyList<string>>) ? Task.FromResult(Some(Text, given))
            : answer == typeof(Task<IReadOnlyList<JobDefinition?>>) ? Task.FromResult(JobsNamed(given))
            : answer == typeof(Task<Outcome<UsageProfile>>) ? Outcome(Profile(given))
            : answer == typeof(Task<UsageProfile>) ? Task.FromResult(Chance(3) ? null : Profile(given))
            : answer == typeof(Task<IReadOnlyList<UsageProfile>>) ? Task.FromResult(Some(() => Profile(given), given))
            : answer == typeof(Task<Outcome<SecurityConfiguration>>) ? Outcome(Configuration(given))
            : answer == typeof(Task<SecurityConfiguration>) ? Task.FromResult(Chance(3) ? null : Configuration(given))
            : answer == typeof(Task<IReadOnlyList<SecurityConfiguration>>)
                ? Task.FromResult(Some(() => Configuration(given), given))
            : answer == typeof(Task<RunLogPart>) ? Task.FromResult(Chance(3) ? null : Log())
            : throw new NotSupportedException($"{method} has no answer here yet: give it one.");
    }

    private Random Random => _dice.Random;

    private bool Chance(int oneIn) => Random.Next(oneIn) == 0;

    private string Text() => Texts.Awkward(Random);

    private Task<Outcome<T>> Outcome<T>(T value)
        where T : notnull => Task.FromResult<Outcome<T>>(Chance(4) ? AnyRefusal() : value);

    private Task<Outcome<IReadOnlyList<T>>> OutcomeOf<T>(IReadOnlyList<T> values) =>
        Task.FromResult(Chance(4) ? AnyRefusal() : GrainInterfaces.Outcome.Of(values));

    private Refusal AnyRefusal() =>
        new((RefusalKind)Random.Next(1, Enum.GetValues<RefusalKind>().Length), $"No: {Text()}");

    /// <summary>No more than the limit, which is the last argument of every listing.</summary>
    private IReadOnlyList<T> Some<T>(Func<T> make, object?[] given)
    {
        var limit = given is [.., int last] ? last : 3;
        return [.. Enumerable.Range(0, Math.Min(limit, Random.Next(5))).Select(_ => make())];
    }

    private IReadOnlyList<StopRunAnswer> Stops(object?[] given) =>
        [
            .. given
                .OfType<IReadOnlyList<string>>()
                .Single()
                .Select(id => new StopRunAnswer(id, (StopRunResult)Random.Next(1, 4))),
        ];

    private IReadOnlyList<JobDefinition?> JobsNamed(object?[] given) =>
        [
            .. given
                .OfType<IReadOnlyList<string>>()
                .Single()
                .Select(name => Chance(3) ? null : Job([]) with { Name = name }),
        ];

    private JobDefinition Job(object?[] given) =>
        new()
        {
            Name = JobKey.Parse(_key.Contains('/', StringComparison.Ordinal) ? _key : "000000000000/job").Name,
            Settings =
                given.OfType<JobSettings>().FirstOrDefault()
                ?? new JobSettings
                {
                    Role = Text(),
                    Command = new JobCommand { Name = Text() },
                },
            Tags =
                given.OfType<IReadOnlyDictionary<string, string>>().FirstOrDefault()
                ?? new Dictionary<string, string> { [Text()] = Text() },
            CreatedOn = Noon,
            LastModifiedOn = Noon,
        };

    private RunRecord Run() =>
        new()
        {
            Job = new JobKey("000000000000", Text()),
            Id = Text(),
            Ordinal = Random.NextInt64(1, long.MaxValue),
            Version = 1,
            State = (JobRunState)Random.Next(1, Enum.GetValues<JobRunState>().Length),
            StartedOn = Noon,
            RunningSince = Chance(2) ? null : Noon,
            LastModifiedOn = Noon,
            CompletedOn = Chance(2) ? null : Noon.AddYears(Random.Next(-5, 100)),
            ErrorMessage = Chance(2) ? null : Text(),
            StateDetail = Chance(2) ? null : Text(),
            Settings = new RunSettings
            {
                Arguments = new Dictionary<string, string> { [Text()] = Text() },
                ScriptArguments = new Dictionary<string, string>(),
                Command = new JobCommand(),
                JobMode = "SCRIPT",
                LogGroupName = Text(),
                ExecutionClass = Chance(2) ? null : "FLEX",
                MaxCapacity = Random.Next(1, 300),
            },
        };

    private BookmarkEntry Bookmark() =>
        new()
        {
            Job = new JobKey("000000000000", Text()),
            Revision = Random.Next(1, int.MaxValue),
            Version = Random.Next(),
            Run = Random.Next(),
            Attempt = Random.Next(),
            RunId = Chance(2) ? null : Text(),
            State = Text(),
        };

    private UsageProfile Profile(object?[] given) =>
        new()
        {
            Name = given is [string name, ..] ? name : Text(),
            Description = Text(),
            Configuration = given.OfType<ProfileConfiguration>().FirstOrDefault() ?? new ProfileConfiguration(),
            Tags = new Dictionary<string, string> { [Text()] = Text() },
            CreatedOn = Noon,
            LastModifiedOn = Noon,
        };

    private SecurityConfiguration Configuration(object?[] given) =>
        new()
        {
            Name = given is [string name, ..] ? name : Text(),
            CreatedTimeStamp = Noon,
            EncryptionConfiguration =
                given.OfType<EncryptionConfiguration>().FirstOrDefault() ?? new EncryptionConfiguration(),
        };

    private RunLogPart Log() =>
        new()
        {
            Events = [.. Enumerable.Range(0, Random.Next(4)).Select(i => new RunLogEvent(i, Text()))],
            Start = Random.NextInt64(),
            End = Random.NextInt64(),
            NotBefore = Noon,
            NotAfter = Noon.AddHours(1),
        };
}
