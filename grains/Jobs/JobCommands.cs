namespace GlueOrleans.Grains.Jobs;

/// <summary>The four values of <c>Command.Name</c>.</summary>
public static class JobCommands
{
    public const string Spark = "glueetl";
    public const string SparkStreaming = "gluestreaming";
    public const string PythonShell = "pythonshell";
    public const string Ray = "glueray";

    public static readonly IReadOnlyList<string> All = [Spark, SparkStreaming, PythonShell, Ray];
}
