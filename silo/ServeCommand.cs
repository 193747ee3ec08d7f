using GlueOrleans.Silo.Clustering;
using Npgsql;
using Spectre.Console;

namespace GlueOrleans.Silo;

/// <summary>Serves until Ctrl-C or SIGTERM, and says how to talk to it.</summary>
internal static class ServeCommand
{
    public static async Task<int> Run(NodeOptions options, CancellationToken cancellation)
    {
        await using var node = await Node.Start(options, NodeOptions.DefaultData, NodeOptions.DefaultUrl);
        // Plain text without wrapping or markup, so that the commands can be pasted as they stand.
        Console.WriteLine(Greeting(node));
        await using var stop = cancellation.Register(node.Stop);
        await node.Stopped();
        AnsiConsole.WriteLine(
            node.Shape.HasExecutor
                ? "Stopped. A script that is still running goes on, and is found again by the next start."
                : "Stopped."
        );
        return 0;
    }

    private static string Greeting(Node node) =>
        node.Shape.Kind switch
        {
            NodeKind.GatewayOnly => $"""
                GlueOrleans serves the AWS Glue Job Runs API on {node.Url}, as a gateway to the silos of a cluster
                {InCluster(node)}
                {Access.Line(node)}
                {Watch(node)}

                Ctrl-C stops it.
                """,
            NodeKind.ClusterSilo =>
                $"""
                GlueOrleans {(
                    node.Shape.HasGateway ? $"serves the AWS Glue Job Runs API on {node.Url}, as" : $"is"
                )} a silo of a cluster{(node.Shape.HasExecutor ? ", and runs scripts" : "")}
                {InCluster(node)}
                  silo         {node.Cluster.Address}:{node.Cluster.SiloPort}, for gateways {node.Cluster.Address}:{node.Cluster.ClientPort}{OpenPorts(node)}
                {Folders(node)}
                {Access.Line(node)}
                {Watch(node)}

                Ctrl-C stops the node; {(
                    node.Shape.HasExecutor ? "scripts that are running go on, and " : ""
                )}other silos take its work over.
                """,
            _ => $"""
                GlueOrleans serves the AWS Glue Job Runs API on {node.Url}
                {Folders(node)}
                {Access.Line(node)}
                  dashboard    {node.Url}{Dashboards.Path}{(node.Clock is { } clock ? $"\n  clock        {clock}" : "")}

                {FirstSteps(node)}

                Ctrl-C stops the node; scripts that are running go on.
                """,
        };

    /// <summary>Access keys keep nobody out who is on the machine already, as scripts are.</summary>
    private static string OpenPorts(Node node) =>
        node is { Credentials: not null, Shape.HasExecutor: true, Cluster.Tls.IsOn: false }
            ? "\n               without Cluster:Tls scripts on this machine can reach these ports, and so every account"
            : "";

    private static string InCluster(Node node)
    {
        var database = new NpgsqlConnectionStringBuilder(node.Cluster.Database);
        return $"""
              node         {node.Shape.Name}, in cluster {node.Cluster.Id}
              database     {database.Database ?? database.Username} on {database.Host}:{database.Port}
            """;
    }

    private static string Folders(Node node) =>
        node.Shape.HasExecutor
            ? $"""
                  data folder  {node.DataPath}
                  run logs     {node.RunsPath}/<run id>/stdout.log and stderr.log
                """
            : $"  data folder  {node.DataPath}";

    private static string Watch(Node node) =>
        $"""
              dashboard    {node.Url}{Dashboards.Path}
              health       {node.Url}{Health.HealthEndpoints.Ready}
              metrics      {node.Url}{Telemetry.TelemetryRegistration.MetricsPath}
            """;

    private static string FirstSteps(Node node)
    {
        var script = Path.Combine(Samples.Folder, "sales-report");
        var glue = $"aws --endpoint-url {node.Url} glue";
        var (with, export) = node.Credentials is null
            ? (
                "any credentials will do",
                "export AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=us-east-1"
            )
            : (
                "with the lines that \"credentials add\" printed",
                "export AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=... AWS_DEFAULT_REGION=..."
            );
        return $$"""
            Paste these to create a job, run it and see what became of it ({{with}}):

              {{export}}
              {{glue}} create-job --name sales-report --role any --command Name=pythonshell,ScriptLocation={{script}}/sales_report.py
              {{glue}} start-job-run --job-name sales-report --arguments '{"--input_dir":"{{script}}/input","--output_dir":"/tmp/sales-report"}'
              {{glue}} get-job-runs --job-name sales-report
            """;
    }
}
