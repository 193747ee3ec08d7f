using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Startup;

public sealed class The_command_line(SharedServer shared) : StartupTest
{
    [Fact]
    public async Task Explains_itself()
    {
        var help = await Program.Node(Folder, "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.All(
            [
                "--data",
                "--urls",
                "--help",
                "--version",
                "demo",
                "Cluster:Database",
                "Cluster:Roles",
                "Cluster:Node",
                "Cluster:Address",
                "Cluster:SiloPort",
                "Cluster:ClientPort",
                "Cluster:Id",
                "Cluster:DrainDelay",
                "credentials",
                "Auth:CredentialsFile",
                "Auth__Credentials__0__AccessKeyId",
                "Cluster:PasswordFile",
                "Cluster:Tls:Certificate",
                "Cluster:Tls:Key",
                "Cluster:Tls:PasswordFile",
                "Cluster:Tls:Authority",
                "Cluster:Tls:Name",
                "Gateway:MaxRequestBytes",
                "Gateway:MaxBodyBytes",
                "Gateway:MaxConcurrentRequests",
                "Gateway:RequestsPerSecond",
                "Gateway:RequestBurst",
                "Gateway:MaxConnections",
                "Gateway:BodyTimeout",
                "Gateway:HeadersTimeout",
                "Gateway:KeepAliveTimeout",
                "Gateway:MinBytesPerSecond",
                "Gateway:MaxRequestLineBytes",
                "Gateway:MaxHeaderBytes",
                "Gateway:MaxHeaders",
                "Gateway:MaxStreamsPerConnection",
                "Telemetry:OtlpEndpoint",
                "--Section:Key=value",
                "Exit codes",
                "4580",
            ],
            text => Assert.Contains(text, help.Output, StringComparison.Ordinal)
        );
        Assert.All(
            ["Executor", "S3", "Runs", "Glue", "Gateway", "Upkeep", "StopGrace", "LaunchDeadline", "SweepPeriod"],
            text => Assert.Contains(text, help.Output, StringComparison.Ordinal)
        );
        var demo = await Program.Node(Folder, "demo", "--help");
        Assert.All(
            ["--data", "--urls", "sales-report", "failing", "long-running"],
            text => Assert.Contains(text, demo.Output, StringComparison.Ordinal)
        );
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder));
    }

    [Theory]
    [InlineData("--dta", "--dta")]
    [InlineData("serve", "serve")]
    [InlineData("--Executer:StopGrace=00:00:01", "Executer", "Executor")]
    [InlineData("--Executor:StopGrase=00:00:01", "StopGrase")]
    [InlineData("--Executor:StopGrace=banana", "StopGrace")]
    [InlineData("--Executor:StopGrace=-00:00:01", "Executor:StopGrace")]
    [InlineData("--Executor:StopGrace=00:03:00", "Executor:StopGrace", "Runs:StopDeadline")]
    [InlineData("--Runs:LaunchDeadline=00:00:00", "Runs:LaunchDeadline", "00:00:00")]
    [InlineData("--Runs:KeepHistory=00:10:00", "Runs:KeepHistory", "00:10:00")]
    [InlineData("--Clock:Speed=0.5", "Clock:Speed", "0.5", "100000")]
    [InlineData("--Clock:Speed=fast", "Clock:Speed")]
    [InlineData("--Events:MaxFileBytes=1", "Events:MaxFileBytes", "4096")]
    [InlineData("--Events:WebhookUrl=nowhere", "Events:WebhookUrl", "http://127.0.0.1:9000/glue")]
    [InlineData("--Upkeep:SweepPeriod=00:00:00", "Upkeep:SweepPeriod", "00:00:00")]
    [InlineData("--Upkeep:BatchSize=0", "Upkeep:BatchSize")]
    [InlineData("--Cluster:Roles=gateway", "Cluster:Roles", "gateway", "Cluster:Database")]
    [InlineData("--Cluster:Database=Database=glue", "Cluster:Database", "Host=")]
    [InlineData("--Telemetry:OtlpEndpoint=nowhere", "Telemetry:OtlpEndpoint", "nowhere")]
    [InlineData("--Gateway:MaxRequestBytes=12", "MaxRequestBytes", "12")]
    [InlineData("--Gateway:MaxConcurrentRequests=-1", "Gateway:MaxConcurrentRequests", "-1", "10000")]
    [InlineData("--Gateway:MaxBodyBytes=1000000", "Gateway:MaxBodyBytes", "Gateway:MaxRequestBytes", "4194304")]
    [InlineData("--Gateway:BodyTimeout=00:00:00", "Gateway:BodyTimeout", "00:10:00")]
    [InlineData("--Executor:Commands:glueetl=spark-submit", "Executor:Commands:glueetl", "{script}")]
    public async Task Takes_no_typing_errors(string word, params string[] names)
    {
        var message = await Refused("--data", Path.Combine(Folder, "data"), word);
        Assert.All(names, text => Assert.Contains(text, message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://+:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://[127.0.0.1]:0")]
    [InlineData("http://127.0.0.1]:0")]
    [InlineData("http://192.0.2.1:4580")]
    [InlineData("https://127.0.0.1:0")]
    [InlineData("4580")]
    [InlineData(";")]
    public async Task Takes_only_loopback_urls(string url)
    {
        Assert.Contains(url, await Refused("--urls", url), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder));
    }

    [Fact]
    public async Task Names_a_port_that_is_taken()
    {
        var url = shared.Server.Url.ToString().TrimEnd('/');
        var message = await Refused("--data", Path.Combine(Folder, "data"), "--urls", url);
        Assert.Contains(url, message, StringComparison.Ordinal);
        Assert.Contains("--urls", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_no_sample_that_does_not_exist()
    {
        var message = await Refused("demo", "no-such-sample");
        Assert.Contains("no-such-sample", message, StringComparison.Ordinal);
        Assert.Contains("sales-report", message, StringComparison.Ordinal);
    }
}
