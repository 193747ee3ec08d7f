using GlueOrleans.Gateway.Security;

namespace GlueOrleans.Silo;

/// <summary>Who may call a node: its credentials, and what it says of them.</summary>
internal static class Access
{
    private const string Section = "Auth";
    private const string Program = "glue-orleans";

    /// <summary>The credentials that the settings name; <c>null</c>: none, and nobody is asked for any.</summary>
    /// <param name="configuration">With the section <c>Auth</c>.</param>
    /// <param name="dataFolder">Of the node, if it has one. Need not exist.</param>
    /// <exception cref="StartupException">They are named, and cannot be used.</exception>
    public static CredentialSource? Find(IConfiguration configuration, string? dataFolder)
    {
        foreach (var key in configuration.GetSection($"{Section}:{nameof(AuthOptions.Credentials)}").GetChildren())
            RequireLists(key);
        var options = Settings.Reading(() =>
            configuration.GetSection(Section).Get<AuthOptions>(binder => binder.ErrorOnUnknownConfiguration = true)
            ?? new AuthOptions()
        );
        try
        {
            return CredentialSource.Find(options, dataFolder);
        }
        catch (CredentialException e)
        {
            throw new StartupException(e.Message, e);
        }
    }

    public static void AddAccess(this IServiceCollection services, CredentialSource? credentials) =>
        services.AddSingleton(provider => new CredentialStore(
            credentials,
            TimeProvider.System,
            provider.GetRequiredService<ILogger<CredentialStore>>()
        ));

    /// <summary>How a node without credentials gets some.</summary>
    /// <param name="dataFolder">Of the node, if it has one.</param>
    public static string Remedy(string? dataFolder) =>
        dataFolder is null
            ? $"Create some with: {Program} credentials add --file credentials.json --account 123456789012; and name the "
                + "file with Auth:CredentialsFile."
            : $"Create some with: {Program} credentials add --file {CredentialSource.DefaultIn(dataFolder)} --account "
                + "123456789012; then start the node again.";

    /// <summary>For the greeting.</summary>
    public static string Line(Node node) =>
        node.Credentials switch
        {
            null => "  access       open: anyone on this machine may call it; no credentials are asked for",
            { File: { } file } source => $"  access       {Keys(source.Count)}, those in {file} among them",
            var source => $"  access       {Keys(source.Count)}, from the configuration",
        };

    /// <summary>The binder passes over a text where a list should be. Here that would be a key without limits.</summary>
    private static void RequireLists(IConfigurationSection key)
    {
        foreach (var name in (string[])[nameof(CredentialOptions.Operations), nameof(CredentialOptions.Jobs)])
        {
            if (key[name] is { } text)
                throw new StartupException(
                    $"{key.Path}:{name} is '{text}', and has to be a list: write {key.Path}:{name}:0."
                );
        }
    }

    private static string Keys(int count) => $"with credentials only: {count} access key{(count == 1 ? "" : "s")}";
}
