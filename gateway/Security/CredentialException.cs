namespace GlueOrleans.Gateway.Security;

/// <summary>Credentials cannot be used; the message says why and what to do, and holds no secret.</summary>
public sealed class CredentialException(string message, Exception? cause = null) : Exception(message, cause);
