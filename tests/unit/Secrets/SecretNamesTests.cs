using System.Diagnostics;
using GlueOrleans.GrainInterfaces;
using Xunit;

namespace GlueOrleans.Tests.Unit.Secrets;

public sealed class SecretNamesTests
{
    [Theory]
    [InlineData("--db_password")]
    [InlineData("--DB-PASSWD")]
    [InlineData("--dbPwd")]
    [InlineData("--db_pass")]
    [InlineData("--client_secret")]
    [InlineData("--GitHubToken")]
    [InlineData("--credentials")]
    [InlineData("--apikey")]
    [InlineData("--api_key")]
    [InlineData("--api-key")]
    [InlineData("--API.KEY")]
    [InlineData("--private_key")]
    [InlineData("--aws_access_key_id")]
    [InlineData("--CONNECTION_STRING")]
    [InlineData("spark.hadoop.fs.s3a.secret.key")]
    [InlineData("spark.hadoop.fs.azure.account.key.x")]
    public void A_name_that_says_secret_is_one(string name)
    {
        Assert.True(SecretNames.IsSecret(name));
        Assert.Equal("***", SecretNames.Mask(name, "hunter2hunter2"));
    }

    [Theory]
    [InlineData("--input_dir")]
    [InlineData("--key")]
    [InlineData("--partition-keys")]
    [InlineData("--JOB_NAME")]
    [InlineData("")]
    public void Others_are_not(string name)
    {
        Assert.False(SecretNames.IsSecret(name));
        Assert.Equal("s3://bucket/in", SecretNames.Mask(name, "s3://bucket/in"));
    }

    [Theory]
    [InlineData("spark.x.password=hunter2", "spark.x.password=***")]
    [InlineData(
        "spark.a=1 --conf spark.x.password=hunter2 --conf spark.b=2",
        "spark.a=1 --conf spark.x.password=*** --conf spark.b=2"
    )]
    [InlineData("jdbc:db2://h/d;user=me;password=hunter2;ssl=1", "jdbc:db2://h/d;user=me;password=***;ssl=1")]
    [InlineData("""{"user": "me", "token": "hunter2"}""", """{"user": "me", "token": ***}""")]
    [InlineData("password='hunter 2' host=db", "password=*** host=db")]
    [InlineData("https://me:hunter2@host/path", "https://me:***@host/path")]
    [InlineData("https://ghp_hunter2@host/path", "https://***@host/path")]
    [InlineData("https://me:hunt@er2@host/path", "https://me:***@host/path")]
    [InlineData("https://host/?access_token=hunter2&page=1", "https://host/?access_token=***&page=1")]
    [InlineData("url=https://host/?access_token=hunter2&page=1", "url=https://host/?access_token=***&page=1")]
    [InlineData("password=", "password=")]
    [InlineData("password='hunter2", "password=***")]
    [InlineData("plain text: with=signs", "plain text: with=signs")]
    public void A_value_with_secrets_in_it_is_shown_without_them(string value, string shown) =>
        Assert.Equal(shown, SecretNames.Mask(value));

    [Fact]
    public void The_value_of_a_secret_is_taken_out_of_a_text()
    {
        var arguments = new Dictionary<string, string>
        {
            ["--db_password"] = "hunter2hunter2",
            ["--token"] = "hunter2",
            ["--conf"] = "spark.x.secret='s3cr3t!' --conf spark.y=public",
            ["--url"] = "postgres://me:opensesame@db/x",
            ["--region"] = "us-east-1",
            ["--use_token"] = "true",
        };
        Assert.Equal(
            "ValueError: *** and *** and *** and *** in us-east-1 is true or public",
            SecretNames.Redact(
                "ValueError: hunter2hunter2 and hunter2 and s3cr3t! and opensesame in us-east-1 is true or public",
                arguments
            )
        );
    }

    /// <summary>260 KB is the most that arguments can have; what is worst for the search must not be much slower than that.</summary>
    [Theory]
    [InlineData("a", 260_000)]
    [InlineData("a-", 130_000)]
    [InlineData("token=", 43_000)]
    [InlineData("a = ", 65_000)]
    [InlineData("a   ", 65_000)]
    [InlineData("://", 87_000)]
    [InlineData("://a:", 52_000)]
    [InlineData(":", 260_000)]
    [InlineData("://:@:", 43_000)]
    [InlineData("password='", 26_000)]
    [InlineData("a=", 130_000)]
    [InlineData("token= ", 37_000)]
    public void The_time_it_takes_grows_with_the_text_alone(string piece, int times)
    {
        var begun = Stopwatch.GetTimestamp();
        SecretNames.Mask(string.Concat(Enumerable.Repeat(piece, times)));
        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(5), "It took more than 5 s.");
    }
}
