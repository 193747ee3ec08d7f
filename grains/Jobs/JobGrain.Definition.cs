using System.Text.Json;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.State;
using GlueOrleans.Grains.Tags;

namespace GlueOrleans.Grains.Jobs;

/// <summary>
/// The job's definition. One change at a time, each in three steps: announce it in the name index, write it to grain
/// storage (this decides), settle the index. A crash after any step leaves an unsettled name, which upkeep has
/// <see cref="SettleIndex"/> put right. Reads answer from <c>_definition</c>, which is only ever what storage has.
/// </summary>
public sealed partial class JobGrain
{
    private Task _lastChange = Task.CompletedTask;

    public Task<JobDefinition?> Find() => Task.FromResult(_definition);

    public Task<Outcome<JobDefinition>> Create(
        JobSettings settings,
        IReadOnlyDictionary<string, string> tags,
        string? profileName
    ) =>
        OneChange<Outcome<JobDefinition>>(async () =>
        {
            if (_definition is { } existing)
                return AlreadyThere(existing, settings);

            var checkedTags = TagRules.Check(tags);
            if (checkedTags.IsRefused)
                return checkedTags.Refusal;
            var definition = await Define(settings, tags, profileName);
            if (definition.IsRefused)
                return definition.Refusal;
            await DeleteLeftBookmark();
            return _definition is { } unknown ? AlreadyThere(unknown, settings) : await Store(definition.Value);
        });

    public Task<Outcome<JobDefinition>> Update(JobSettings settings) =>
        OneChange<Outcome<JobDefinition>>(async () =>
        {
            if (_definition is not { } existing)
                return Refusal.NotFound($"Job with name: {_key.Name} not found.");

            var complete = JobRules.Complete(settings, existing.Settings.GlueVersion, defaults.Value);
            if (complete.IsRefused)
                return complete.Refusal;

            var updated = await Store(
                existing with
                {
                    Settings = complete.Value,
                    CreatedAs = null,
                    LastModifiedOn = clock.GetUtcMilliseconds(),
                    TimeoutIsDefault = settings.Timeout is null,
                    SizeIsDefault = JobRules.IsUnsized(settings),
                }
            );
            // More of them may run at a time now.
            if (_admission is { IsCompletedSuccessfully: true } && !_admission.Result.Queue.IsEmpty)
                StartWhatCan();
            return updated;
        });

    public Task<Outcome<JobDefinition>> Tag(IReadOnlyDictionary<string, string> tags) =>
        WithTags(existing => TagRules.Add(existing, tags));

    public Task<Outcome<JobDefinition>> Untag(IReadOnlyList<string> keys) =>
        WithTags(existing => Outcome.Of(TagRules.Remove(existing, keys)));

    public Task Delete() =>
        OneChange(async () =>
        {
            if (_definition is not null)
            {
                await index.MarkUnsettled(_key);
                await Write(null);
                await bookmarks.Delete(_key);
                await index.Remove(_key);
            }

            return true;
        });

    public Task SettleIndex() =>
        OneChange(async () =>
        {
            if (_definition is null)
                await DeleteLeftBookmark();
            await (_definition is null ? index.Remove(_key) : index.Settle(_key));
            return true;
        });

    /// <remarks>LastModifiedOn stays: it dates the definition, which GetJob shows without its tags.</remarks>
    private Task<Outcome<JobDefinition>> WithTags(
        Func<IReadOnlyDictionary<string, string>, Outcome<IReadOnlyDictionary<string, string>>> change
    ) =>
        OneChange<Outcome<JobDefinition>>(async () =>
        {
            if (_definition is not { } existing)
                return Refusal.NotFound($"Job with name: {_key.Name} not found.");
            var tags = change(existing.Tags);
            if (tags.IsRefused)
                return tags.Refusal;
            return TagRules.AreSame(existing.Tags, tags.Value)
                ? existing
                : await Store(existing with { Tags = tags.Value });
        });

    /// <summary>Refusal: ResourceNumberLimitExceeded, for a new job beyond the account's limit.</summary>
    private async Task<Outcome<JobDefinition>> Store(JobDefinition definition)
    {
        var isNew = _definition is null;
        if (isNew && !await index.TryMarkUnsettled(_key, limits.Value.Jobs))
            return AccountLimits.Reached("jobs", nameof(AccountLimits.Jobs), limits.Value.Jobs);
        await Write(definition);
        if (isNew)
            await index.Settle(_key);
        return definition;
    }

    /// <summary>Asks storage, where this activation would otherwise go by what it read when it began.</summary>
    private async Task ReadDefinition()
    {
        try
        {
            await state.ReadStateAsync();
            _definition = state.State.Definition;
        }
        catch (Exception e)
        {
            throw new StoreUnavailableException($"The job '{_key.Name}' could not be read: {e.Message}", e);
        }
    }

    private async Task Write(JobDefinition? definition)
    {
        state.State = new JobState { Definition = definition };
        try
        {
            await (definition is null ? state.ClearStateAsync() : state.WriteStateAsync());
            _definition = definition;
        }
        catch (Exception e)
        {
            // Whether it was written is unknown, and this activation may not be the only one: the next starts from storage.
            DeactivateOnIdle();
            throw new StoreUnavailableException($"The job '{_key.Name}' could not be stored: {e.Message}", e);
        }
    }

    /// <summary>Other settings under a name in use are a mismatch; the same ones are a repetition. The texts are the real
    /// service's, the choice of code for the repetition is a guess.</summary>
    private Refusal AlreadyThere(JobDefinition existing, JobSettings settings) =>
        existing.CreatedAs is { } first && SameJson(first, settings)
            ? new Refusal(RefusalKind.AlreadyExists, $"Job with name '{_key.Name}' already exists.")
            : new Refusal(
                RefusalKind.IdempotentParameterMismatch,
                $"Job with name '{_key.Name}' already submitted with different configuration"
            );

    private static bool SameJson(JobSettings a, JobSettings b) =>
        JsonElement.DeepEquals(
            JsonSerializer.SerializeToElement(a, GrainStateJson.Default.JobSettings),
            JsonSerializer.SerializeToElement(b, GrainStateJson.Default.JobSettings)
        );

    private Task<T> OneChange<T>(Func<Task<T>> change)
    {
        var mine = After(_lastChange);
        _lastChange = mine;
        return mine;

        async Task<T> After(Task before)
        {
            // A change that failed has told its own caller; the next one begins from what storage has.
            await before.ConfigureAwait(
                ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing
            );
            return await change();
        }
    }
}
