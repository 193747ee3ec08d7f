namespace GlueOrleans.Grains.Accounts;

/// <summary>What Orleans keeps of one account's things of one kind: all of them, by name.</summary>
[GenerateSerializer, Alias("AccountMap`1")]
public sealed class AccountMap<TEntry>
    where TEntry : class
{
    [Id(0)]
    public IReadOnlyDictionary<string, TEntry> Entries { get; set; } = new Dictionary<string, TEntry>();
}
