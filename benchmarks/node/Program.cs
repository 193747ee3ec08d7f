using System.CommandLine;
using GlueOrleans.Benchmarks.Node;

var data = new Option<string>("--data") { Description = "The node's folder.", Required = true };
var urls = new Option<string>("--urls")
{
    Description = "Where it listens; port 0 takes a free one.",
    DefaultValueFactory = _ => "http://127.0.0.1:0",
};
var root = new RootCommand(
    """
    A node of GlueOrleans for benchmarks: the real one, but for its scripts, which are simulated. Settings are given as to the node
    itself, --Section:Key=value, and

      --Simulated:Outcome=running|succeed   what becomes of a script at once: it runs until it is stopped, or it ends well
      --Simulated:RememberedGrains=N        of how many grains it is remembered where they live, instead of 10,000
    """
)
{
    data,
    urls,
};
root.TreatUnmatchedTokensAsErrors = false;
root.SetAction(
    (given, cancellation) =>
        SimulatedNode.Serve(given.GetValue(data)!, given.GetValue(urls)!, given.UnmatchedTokens, cancellation)
);
root.Add(YardstickCommand.Create());
return await root.Parse(args).InvokeAsync();
