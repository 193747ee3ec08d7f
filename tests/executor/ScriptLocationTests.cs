using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

public sealed class ScriptLocationTests : ExecutorTest
{
    [Fact]
    public async Task A_script_is_found_by_its_file_url()
    {
        var file = Path.Combine(Folder, "with space.py");
        await File.WriteAllTextAsync(file, "print('here')");

        Assert.Equal(0, (await Exit(ARunAt(new Uri(file).AbsoluteUri))).ExitCode);
    }

    [Fact]
    public async Task The_scriptLocation_argument_wins_over_the_command()
    {
        var file = Path.Combine(Folder, "other.py");
        await File.WriteAllTextAsync(file, "print('other')");
        var run = ARun("print('one')", Arguments(("--scriptLocation", file)));

        Assert.Equal(0, (await Exit(run)).ExitCode);

        Assert.Equal("other\n", Output(run));
    }

    [Theory]
    [InlineData(null, "Job nightly names no script: set Command.ScriptLocation")]
    [InlineData("/no/such/script.py", "Script /no/such/script.py does not exist on this node.")]
    [InlineData("/tmp", "Script /tmp is a directory.")]
    [InlineData("file:///a%00b", "Script file:///a%00b has a control character in its location.")]
    [InlineData("a\0b", "Script a?b has a control character in its location.")]
    [InlineData(
        "http://169.254.169.254/latest/meta-data",
        "Script http://169.254.169.254/latest/meta-data cannot be fetched"
    )]
    [InlineData("ftp://host/x.py", "Script ftp://host/x.py cannot be fetched: ftp:// is not supported.")]
    [InlineData("file://host/x.py", "Script file://host/x.py names another host.")]
    [InlineData("s3://bucket", "Script s3://bucket is not the address of an object. Use s3://bucket/key.")]
    public async Task A_missing_script_fails_the_launch_and_says_what_to_do(string? location, string message)
    {
        Assert.StartsWith(message, await LaunchFailure(ARunAt(location)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_of_the_least_impossible_bucket_or_key_is_not_asked_for()
    {
        await using var store = await Store();

        Assert.All(
            await Task.WhenAll(
                new[]
                {
                    "s3://169.254.169.254/etl/job.py",
                    "s3://user@host/etl/job.py",
                    "s3://host:8080/etl/job.py",
                    "s3://Scripts/etl/job.py",
                    "s3://ab/etl/job.py",
                    "s3://a..b/etl/job.py",
                    "s3://-scripts/etl/job.py",
                    "s3://xn--scripts/etl/job.py",
                    "s3://scripts--x-s3/etl/job.py",
                    "s3://scripts%2fetl/job.py",
                    "s3://arn:aws:s3:us-east-1:000000000000:accesspoint/x",
                    "s3://other/../scripts/etl/job.py",
                    "s3://scripts/./etl/job.py",
                    $"s3://scripts/{new string('k', 1025)}",
                }.Select(location => LaunchFailure(ARunAt(location)))
            ),
            message => Assert.Contains(" is not the address of an object: ", message, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_script_that_is_a_pipe_is_refused_and_not_waited_for()
    {
        var pipe = Path.Combine(Folder, "pipe");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", pipe))
            await mkfifo.WaitForExitAsync();

        Assert.StartsWith($"Script {pipe} is no regular file.", await LaunchFailure(ARunAt(pipe)));
    }

    [Fact]
    public async Task A_script_is_fetched_from_an_S3_compatible_store()
    {
        await using var store = await Store();
        var run = ARunAt("s3://scripts/etl/job.py");

        Assert.Equal(0, (await Exit(run)).ExitCode);

        Assert.Equal("from s3\n", Output(run));
    }

    [Theory]
    [InlineData("s3://scripts/none.py", "Script s3://scripts/none.py does not exist (NoSuchKey). Upload it")]
    [InlineData("s3://scripts/forbidden.py", "Script s3://scripts/forbidden.py may not be read (AccessDenied")]
    public async Task An_object_that_cannot_be_read_fails_the_launch(string location, string message)
    {
        await using var store = await Store();

        Assert.StartsWith(message, await LaunchFailure(ARunAt(location)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_fails_the_launch_and_is_named()
    {
        await using (await Store()) { } // its port is free again

        var message = await LaunchFailure(ARunAt("s3://scripts/etl/job.py"));

        Assert.StartsWith("Script s3://scripts/etl/job.py could not be read", message, StringComparison.Ordinal);
        Assert.Contains(S3.ServiceUrl!, message);
    }

    [Fact]
    public async Task A_node_without_credentials_is_told_where_to_put_them()
    {
        await using var store = await Store();
        S3.AccessKey = null;
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
        Environment.SetEnvironmentVariable("AWS_SHARED_CREDENTIALS_FILE", Path.Combine(Folder, "none"));

        Assert.Equal(
            "Script s3://scripts/etl/job.py cannot be read: this node has no AWS credentials. "
                + "Set S3:AccessKey and S3:SecretKey, or provide them in one of AWS's usual places.",
            await LaunchFailure(ARunAt("s3://scripts/etl/job.py"))
        );
    }

    private async Task<FakeS3> Store()
    {
        var store = await FakeS3.Start("scripts", "etl/job.py", "print('from s3')");
        S3.ServiceUrl = store.Url;
        S3.AccessKey = S3.SecretKey = "test";
        return store;
    }

    private static Func<RunSettings, RunSettings> Arguments(params (string Name, string Value)[] arguments) =>
        settings => settings with { ScriptArguments = arguments.ToDictionary(a => a.Name, a => a.Value) };
}
