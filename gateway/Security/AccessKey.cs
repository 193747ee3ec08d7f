using System.Security.Cryptography;
using System.Text;

namespace GlueOrleans.Gateway.Security;

/// <summary>One access key: whose it is, what it may do, and its secret, which nobody gets out of here.</summary>
/// <remarks>No record, whose <c>ToString</c> would print its members. Instances end with a reload, and what they derived
/// from the secret with them.</remarks>
internal sealed class AccessKey
{
    private readonly SigningKeys _signingKeys;
    private readonly byte[] _secretHash;

    /// <param name="id">The access key id.</param>
    /// <param name="secret">The secret access key.</param>
    /// <param name="account">Twelve digits.</param>
    /// <param name="user">Of the account.</param>
    /// <param name="permissions">What the key may be used for.</param>
    /// <param name="isOperator">May see the dashboard and the metrics, which are of all accounts.</param>
    public AccessKey(
        string id,
        string secret,
        string account,
        string user,
        Permissions permissions,
        bool isOperator = false
    )
    {
        (Id, Account, User, Permissions, IsOperator) = (id, account, user, permissions, isOperator);
        _signingKeys = new SigningKeys(secret);
        _secretHash = SHA256.HashData(Encoding.UTF8.GetBytes(secret));
    }

    /// <summary>Stands in for a key that does not exist, so that it takes no less time to be refused. Its secret is known
    /// to nobody.</summary>
    public static AccessKey Nobody { get; } =
        new("", Convert.ToHexString(RandomNumberGenerator.GetBytes(32)), "000000000000", "nobody", Permissions.All);

    public string Id { get; }

    public string Account { get; }

    public string User { get; }

    public Permissions Permissions { get; }

    public bool IsOperator { get; }

    public string Arn => $"arn:aws:iam::{Account}:user/{User}";

    /// <param name="text">That is signed.</param>
    /// <param name="day"><c>yyyymmdd</c></param>
    /// <param name="region">For which.</param>
    /// <param name="service">For which.</param>
    /// <param name="code">Gets the signature: 32 bytes.</param>
    public void Sign(ReadOnlySpan<byte> text, string day, string region, string service, Span<byte> code) =>
        HMACSHA256.HashData(_signingKeys.For(day, region, service), text, code);

    /// <summary>In the same time whether it is or not.</summary>
    public bool HasSecret(string secret) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(secret)), _secretHash);

    public override string ToString() => $"access key {Id}";
}
