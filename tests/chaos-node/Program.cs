using GlueOrleans.Silo;
using GlueOrleans.Tests.ChaosNode;

// The program itself, as `silo` starts it, but for the services that NamedPoints wraps. Arguments as there; the folder of the
// triggers and the node's name for them come from the environment.
var triggers = Environment.GetEnvironmentVariable("CHAOS_TRIGGERS");
if (triggers is null || args is not ["--data", var data, "--urls", var urls, .. var settings])
{
    await Console.Error.WriteLineAsync(
        "Usage: CHAOS_TRIGGERS=FOLDER chaos-node --data FOLDER --urls URL --Section:Key=value …"
    );
    return 2;
}

try
{
    var points = new NamedPoints(triggers, Environment.GetEnvironmentVariable("CHAOS_NODE") ?? "node");
    await using var node = await Node.Start(
        new NodeOptions(data, urls, settings),
        NodeOptions.DefaultData,
        NodeOptions.DefaultUrl,
        customize: builder => Hooks.Add(builder.Services, points)
    );
    await node.Stopped();
    return 0;
}
catch (StartupException e)
{
    await Console.Error.WriteLineAsync($"glue-orleans: {e.Message}");
    return 2;
}
