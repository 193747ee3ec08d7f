namespace GlueOrleans.Silo;

/// <summary>The sample jobs: those of the checkout a person stands in, where they may be changed, else those shipped along.</summary>
internal static class Samples
{
    public static string Folder { get; } =
        Directory.Exists(Path.Combine(Environment.CurrentDirectory, "samples", "sales-report"))
            ? Path.Combine(Environment.CurrentDirectory, "samples")
            : Path.Combine(AppContext.BaseDirectory, "samples");
}
