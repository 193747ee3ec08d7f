using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Grains.Accounts;

/// <summary>
/// One account's things of one kind, by name: a map in a single row of grain storage, for things that are few, small and
/// seldom changed. Each change writes the row whole; the ETag of the row is its condition.
/// </summary>
/// <remarks>
/// Orleans runs the calls that change it one at a time; calls that read may run in between
/// (<c>[AlwaysInterleave]</c> in the interfaces) and answer from what storage has, never from what is being written.
/// What bounds the row: a limit of the account on the number, and <see cref="MostBytes"/> on each.
/// </remarks>
public abstract class AccountMapGrain<TEntry>(IPersistentState<AccountMap<TEntry>> state) : Grain
    where TEntry : class
{
    /// <summary>Of what a caller may choose freely in one entry, as JSON. Far above anything useful: Glue's model gives
    /// such lists and maps no bound.</summary>
    public const int MostBytes = 16 * 1024;

    /// <summary>Only ever what storage has, in ordinal order.</summary>
    private ImmutableSortedDictionary<string, TEntry> _entries = ImmutableSortedDictionary.Create<string, TEntry>(
        StringComparer.Ordinal
    );

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _entries = state.State.Entries.ToImmutableSortedDictionary(StringComparer.Ordinal);
        return Task.CompletedTask;
    }

    protected int Count => _entries.Count;

    protected TEntry? Entry(string name) => _entries.GetValueOrDefault(name);

    /// <summary>Up to <paramref name="limit"/> entries in ordinal order of their names, after
    /// <paramref name="after"/>.</summary>
    protected IReadOnlyList<TEntry> EntriesAfter(string? after, int limit) =>
        [
            .. _entries
                .SkipWhile(entry => after is not null && string.CompareOrdinal(entry.Key, after) <= 0)
                .Take(limit)
                .Select(entry => entry.Value),
        ];

    protected Task Put(string name, TEntry entry) => Write(_entries.SetItem(name, entry));

    protected Task Remove(string name) => Write(_entries.Remove(name));

    /// <summary>Why a value is too large to be kept, as the sentence of the refusal; <c>null</c> when it is not.</summary>
    protected static string? SizeProblem<T>(string member, T value, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type).Length;
        return bytes > MostBytes
            ? $"{member} has {bytes} bytes as JSON: at most {MostBytes} are kept. Make it smaller."
            : null;
    }

    private async Task Write(ImmutableSortedDictionary<string, TEntry> entries)
    {
        state.State = new AccountMap<TEntry> { Entries = entries };
        try
        {
            await state.WriteStateAsync();
            _entries = entries;
        }
        catch (Exception e)
        {
            // Whether it was written is unknown, and this activation may not be the only one: the next starts from storage.
            DeactivateOnIdle();
            throw new StoreUnavailableException(
                $"The {typeof(TEntry).Name}s of account {this.GetPrimaryKeyString()} could not be stored: {e.Message}",
                e
            );
        }
    }
}
