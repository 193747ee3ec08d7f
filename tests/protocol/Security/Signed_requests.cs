using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using GlueOrleans.Tests.Protocol.Support;
using GlueOrleans.Tests.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Security;

/// <summary>A node that asks for credentials, and clients with the right ones, with wrong ones, and in between.</summary>
public sealed class Signed_requests : IAsyncLifetime
{
    private const string Account = "123456789012";
    private const string Region = "eu-central-1";
    private const string Body = """{"MaxResults":2}""";
    private readonly Credentials _credentials = new();
    private ServerProcess _server = null!;
    private TestKey _ann = null!;
    private TestKey _reader = null!;

    public async ValueTask InitializeAsync()
    {
        _ann = await _credentials.Add(Account, "--user", "ann", "--operator");
        _reader = await _credentials.Add(Account, "--read-only");
        _server = await ServerProcess.Start(_credentials.Environment, $"--Gateway:Region={Region}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _credentials.Dispose();
    }

    private string Url => _server.Url.ToString().TrimEnd('/');

    [Fact]
    public async Task Of_boto3_are_answered_and_each_wrong_one_has_its_code() =>
        AssertWell(
            await ClientProgram.Run("signed.py", Url, Region, Account, _ann.Id, _ann.Secret, _reader.Id, _reader.Secret)
        );

    [Fact]
    public async Task Of_the_SDK_for_JavaScript_are_answered_and_each_wrong_one_has_its_code() =>
        AssertWell(await ClientProgram.Run("signed.mjs", Url, Region, _ann.Id, _ann.Secret));

    [Fact]
    public async Task Of_the_AWS_CLI_are_answered_and_each_wrong_one_has_its_code()
    {
        Assert.SkipUnless(Program.IsInstalled("aws"), "The AWS CLI is not installed: apt-get install awscli.");
        var good = await Aws(_ann, Region);
        Assert.True(good.ExitCode == 0, good.ToString());
        await Fails("InvalidSignatureException", _ann with { Secret = "not the secret" }, Region);
        await Fails("UnrecognizedClientException", _ann with { Id = "AKIANOBODYS7EXAMPLE" }, Region);
        await Fails("InvalidSignatureException", _ann, "eu-east-2");

        async Task Fails(string code, TestKey key, string region)
        {
            var ended = await Aws(key, region);
            Assert.True(ended.ExitCode is 254 or 255, ended.ToString());
            Assert.Contains($"({code})", ended.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task That_are_replayed_or_changed_are_refused()
    {
        var now = TimeProvider.System.GetUtcNow();
        Assert.Equal(HttpStatusCode.OK, (await Send(now)).Status);
        AssertRefused(await Send(now.AddMinutes(-6)), "Signature expired: ");
        AssertRefused(await Send(now.AddMinutes(6)), "Signature not yet current: ");
        AssertRefused(await Send(now, sent: """{"MaxResults":3}"""), "does not match");
        AssertRefused(
            await Send(now, change: headers => Replace(headers, "X-Amz-Target", "AWSGlue.GetJobs")),
            "does not match"
        );
        AssertRefused(await Send(now, change: headers => headers.Add("X-Amz-Other", "x")), "must be a 'SignedHeader'");
        var unsigned = await Send(now, change: headers => headers.Remove("Authorization"));
        Assert.Equal("MissingAuthenticationTokenException", unsigned.ErrorCode);
    }

    /// <summary>glue-behaviour.md 1.4. Clients of Glue do not say one; those of S3's ways do.</summary>
    [Fact]
    public async Task That_say_the_hash_of_another_body_are_refused_although_they_sign_it()
    {
        var now = TimeProvider.System.GetUtcNow();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Body)));
        Assert.Equal(HttpStatusCode.OK, (await Send(now, saidHash: hash)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Send(now, saidHash: "UNSIGNED-PAYLOAD")).Status);

        AssertRefused(await Send(now, saidHash: new string('0', hash.Length)), "does not match");

        // The right hash, and what was signed, with another body after it.
        AssertRefused(await Send(now, saidHash: hash, sent: """{"MaxResults":3}"""), "does not match");
        // Words that stand for no hash do not mean that any body will do.
        AssertRefused(await Send(now, saidHash: "UNSIGNED-PAYLOAD", sent: """{"MaxResults":3}"""), "does not match");
    }

    [Fact]
    public async Task Are_what_dashboard_and_metrics_want_of_operators_and_probes_of_nobody()
    {
        using var http = new HttpClient { BaseAddress = _server.Url };
        foreach (var path in new[] { "/dashboard", "/DASHBOARD/", "/dashboard/DashboardCounters", "/metrics" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(path)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, await As(_reader, path));
        }

        Assert.Equal(HttpStatusCode.OK, await As(_ann, "/metrics"));
        Assert.Equal(HttpStatusCode.OK, await As(_ann, "/dashboard/"));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/live")).StatusCode);

        async Task<HttpStatusCode> As(TestKey key, string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            var word = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{key.Id}:{key.Secret}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", word);
            return (await http.SendAsync(request)).StatusCode;
        }
    }

    [Fact]
    public async Task Are_good_as_soon_as_their_key_is_there_and_no_longer_when_it_has_gone()
    {
        var bob = await _credentials.Add(Account);
        await Poll.Until(() => As(bob), answer => (int)answer.Status == 200, "bob may call", _server.Log.ToString);
        var removed = await _credentials.Run("remove", bob.Id);
        Assert.Contains(bob.Id, removed.Output, StringComparison.Ordinal);
        await Poll.Until(
            () => As(bob),
            answer => answer.ErrorCode == "UnrecognizedClientException",
            "bob may not call",
            _server.Log.ToString
        );
        File.Delete(_credentials.File);
        await Poll.Until(
            () => As(_ann),
            answer => answer.ErrorCode == "UnrecognizedClientException",
            "nobody may call",
            _server.Log.ToString
        );

        Task<Answer> As(TestKey key) => Send(TimeProvider.System.GetUtcNow(), key: key);
    }

    [Fact]
    public async Task Leave_no_secret_in_the_node_s_log()
    {
        await Send(TimeProvider.System.GetUtcNow());
        await Send(TimeProvider.System.GetUtcNow(), key: _ann with { Id = "AKIANOBODYS7EXAMPLE" });
        await _server
            .Log.Line(line => line.Contains("with credentials only: 2 access keys", StringComparison.Ordinal))
            .WaitAsync(Poll.Patience);
        Assert.DoesNotContain(_ann.Secret, _server.Log.ToString(), StringComparison.Ordinal);
    }

    private Task<Answer> Send(
        DateTimeOffset now,
        string? sent = null,
        Action<HttpRequestHeaders>? change = null,
        TestKey? key = null,
        string? saidHash = null
    )
    {
        var body = Encoding.UTF8.GetBytes(Body);
        var content = new ByteArrayContent(sent is null ? body : Encoding.UTF8.GetBytes(sent));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        return new GlueUser(_server, Account).Post(
            "AWSGlue.ListJobs",
            content,
            request =>
            {
                if (saidHash is not null)
                    request.Headers.Add("X-Amz-Content-Sha256", saidHash);
                RequestSigner.Sign(request, _server.Url, body, key ?? _ann, now, Region);
                change?.Invoke(request.Headers);
            }
        );
    }

    private Task<Ended> Aws(TestKey key, string region) =>
        Program.Run(
            "aws",
            ["glue", "--endpoint-url", Url, "--output", "json", "list-jobs"],
            _server.Folder,
            new Dictionary<string, string>
            {
                ["AWS_ACCESS_KEY_ID"] = key.Id,
                ["AWS_SECRET_ACCESS_KEY"] = key.Secret,
                ["AWS_DEFAULT_REGION"] = region,
                ["AWS_MAX_ATTEMPTS"] = "1",
                ["AWS_PAGER"] = "",
                ["AWS_CONFIG_FILE"] = "/dev/null",
                ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
            }
        );

    private static void Replace(HttpRequestHeaders headers, string name, string value)
    {
        headers.Remove(name);
        headers.Add(name, value);
    }

    private static void AssertRefused(Answer answer, string says)
    {
        Assert.Equal("InvalidSignatureException", answer.ErrorCode);
        Assert.Contains(says, (string?)answer.Json["message"], StringComparison.Ordinal);
    }

    private static void AssertWell(Ended ended) =>
        Assert.True(ended is { ExitCode: 0, Output: "all is well\n" }, ended.ToString());
}
