namespace GlueOrleans.Grains.Telemetry;

/// <summary>The meter of everything that is our own, in whichever project.</summary>
public static class GlueMeter
{
    public const string Name = "GlueOrleans";
}
