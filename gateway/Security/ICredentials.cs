namespace GlueOrleans.Gateway.Security;

/// <summary>The access keys that are good now.</summary>
internal interface ICredentials
{
    /// <summary><c>null</c>: there is no such key.</summary>
    AccessKey? Find(string accessKeyId);
}
