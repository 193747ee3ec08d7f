using Spectre.Console;

namespace GlueOrleans.Silo;

/// <summary>Serves until Ctrl-C or SIGTERM, and says how to talk to it.</summary>
internal static class ServeCommand
{
    public static async Task<int> Run(NodeOptions options, CancellationToken cancellation)
    {
        await using var node = await Node.Start(options, NodeOptions.DefaultData, NodeOptions.DefaultUrl);
        Greet(node);
        await node.Stopped().WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        AnsiConsole.WriteLine("Stopped. A script that is still running goes on, and is found again by the next start.");
        return 0;
    }

    /// <remarks>Plain text without wrapping or markup, so that the commands can be pasted as they stand.</remarks>
    private static void Greet(Node node)
    {
        var script = Path.Combine(Samples.Folder, "sales-report");
        var glue = $"aws --endpoint-url {node.Url} glue";
        Console.WriteLine(
            $$"""
            GlueOrleans serves the AWS Glue Job Runs API on {{node.Url}}
              data folder  {{node.DataPath}}
              run logs     {{node.RunsPath}}/<run id>/stdout.log and stderr.log
              dashboard    {{node.Url}}/dashboard{{(node.Clock is { } clock ? $"\n  clock        {clock}" : "")}}

            Paste these to create a job, run it and see what became of it (any credentials will do):

              export AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=us-east-1
              {{glue}} create-job --name sales-report --role any --command Name=pythonshell,ScriptLocation={{script}}/sales_report.py
              {{glue}} start-job-run --job-name sales-report --arguments '{"--input_dir":"{{script}}/input","--output_dir":"/tmp/sales-report"}'
              {{glue}} get-job-runs --job-name sales-report

            Ctrl-C stops the node; scripts that are running go on.
            """
        );
    }
}
