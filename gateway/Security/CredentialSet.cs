using System.Collections.Frozen;

namespace GlueOrleans.Gateway.Security;

/// <summary>Access keys that were read together. Never changes: a reload makes another set.</summary>
internal sealed class CredentialSet : ICredentials
{
    private readonly FrozenDictionary<string, AccessKey> _keys;

    /// <exception cref="CredentialException">Two keys have the same id.</exception>
    public CredentialSet(IEnumerable<AccessKey> keys)
    {
        var byId = new Dictionary<string, AccessKey>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (!byId.TryAdd(key.Id, key))
                throw new CredentialException($"The access key {key.Id} is there twice: remove one of the two.");
        }

        _keys = byId.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public static CredentialSet None { get; } = new([]);

    public int Count => _keys.Count;

    public AccessKey? Find(string accessKeyId) => _keys.GetValueOrDefault(accessKeyId);
}
