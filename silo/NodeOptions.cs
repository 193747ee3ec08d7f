namespace GlueOrleans.Silo;

/// <summary>What the command line says about a node.</summary>
/// <param name="Data">The data folder; relative to the working directory.</param>
/// <param name="Urls">Where the gateway listens, as ASP.NET writes it; several are separated by semicolons.
/// <c>null</c>: what the configuration says, else the command's default.</param>
/// <param name="Settings">Configuration given on the command line: <c>--Section:Key=value</c>.</param>
internal sealed record NodeOptions(string? Data, string? Urls, IReadOnlyList<string> Settings)
{
    public const string DefaultUrl = "http://127.0.0.1:4580";
    public const string DefaultData = "glue-data";

    /// <summary>The configuration key of the data folder.</summary>
    public const string DataKey = "DataFolder";

    /// <summary>The sections that the node reads; a setting of another one is a typing error.</summary>
    public static readonly IReadOnlyList<string> Sections =
    [
        "Cluster",
        "Executor",
        "S3",
        "Runs",
        "Glue",
        "Gateway",
        "Auth",
        "Limits",
        "Upkeep",
        "Clock",
        "Events",
        "Telemetry",
        "Logging",
    ];
}
