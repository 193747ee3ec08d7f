using System.Text;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Tests.FuzzSuite.Hosts;

namespace GlueOrleans.Tests.FuzzSuite.Cases;

/// <summary>Whole requests at random: valid ones, and ones with something wrong in the body, in the headers or around them.</summary>
internal static class HttpCases
{
    private const string Account = "000000000000";

    /// <summary>In an order that is the same in each process.</summary>
    public static readonly IReadOnlyList<OperationModel> Operations =
    [
        .. ShapeTable.Glue.Operations.Values.OrderBy(operation => operation.Name, StringComparer.Ordinal),
    ];

    private static readonly string[] Paged =
    [
        "GetJobs",
        "ListJobs",
        "GetJobRuns",
        "ListUsageProfiles",
        "GetSecurityConfigurations",
    ];
    private static readonly string[] Methods =
    [
        "GET",
        "HEAD",
        "PUT",
        "DELETE",
        "OPTIONS",
        "PATCH",
        "TRACE",
        "CONNECT",
        "post",
        "P0ST",
        "X-" + new string('M', 300),
    ];

    private static readonly string[] Targets =
    [
        "",
        "AWSGlue",
        "AWSGlue.",
        ".",
        "..",
        ".GetJob",
        "AWSGlue.getjob",
        "awsglue.GetJob",
        "AWSGlue.GetJob.",
        "AWSGlue.GetJob ",
        " AWSGlue.GetJob",
        "AWSGlue.CreateTrigger",
        "AWSGlue_20170331.GetJob",
        "Logs_20140328.",
        "Logs_20140328.DescribeLogGroups",
        "AWSGlue.GetJob,AWSGlue.GetJobs",
        "AWSGlue.\u00e9",
        "\U0001F600.x",
    ];

    private static readonly string[] Paths =
    [
        "/x",
        "//",
        "/?",
        "/?Action=GetCallerIdentity&Version=2011-06-15",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f",
        "/%00",
        "/a%0d%0aX:1",
        "/?%zz=%",
        "/" + new string('a', 3000),
        "/?X-Amz-Signature=0&X-Amz-Credential=x&X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "/\u00e9",
        "/;a=b",
        "/?" + new string('&', 2000),
    ];

    private static readonly string[] ContentTypes =
    [
        "",
        "application/json",
        "application/x-amz-json-1.0",
        "application/x-amz-json-1.1; charset=utf-16",
        "application/x-www-form-urlencoded",
        "APPLICATION/X-WWW-FORM-URLENCODED;x",
        "multipart/form-data; boundary=x",
        "text/xml",
        "application/cbor",
        ";",
        "a/b/c",
        "application/x-www-form-urlencodedness",
        "*/*",
    ];

    private static readonly string[] Authorizations =
    [
        "",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 ",
        "AWS4-HMAC-SHA256 Credential=",
        "AWS4-HMAC-SHA256 Credential=/",
        "AWS4-HMAC-SHA256 Credential=123456789012/20260301/us-east-1/glue/aws4_request, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f/g,SignedHeaders=;;;,Signature=zz",
        "AWS4-HMAC-SHA256 Credential=,Credential=,Credential=",
        "AWS4-HMAC-SHA256 =,=,=",
        "AWS4-HMAC-SHA256 Signature=" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "AWS4-HMAC-SHA256 SignedHeaders=" + "host;x-amz-date",
        "AWS4-ECDSA-P256-SHA256 Credential=x",
        "Basic Zm9vOmJhcg==",
        "Bearer \u00e9",
        "AWS4-HMAC-SHA256 Credential=\U0001F600/x",
        ",,,,",
        "Credential=123456789012",
    ];

    private static readonly string[] OtherHeaders =
    [
        "Content-Encoding",
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        "X-Amz-Date",
        "Date",
        "X-Amz-Security-Token",
        "X-Amz-Content-Sha256",
        "Accept",
        "Accept-Encoding",
        "Expect",
        "traceparent",
        "X-Forwarded-For",
        "Cookie",
        "Origin",
        "x-amz-target",
        "If-None-Match",
        "Range",
    ];

    private static readonly string[] HeaderValues =
    [
        "",
        " ",
        "0",
        "-1",
        "99999999999999999999",
        "gzip",
        "identity",
        "deflate, gzip",
        "br",
        "aws-chunked",
        "100-continue",
        "*",
        "20260301T000000Z",
        "20269999T999999Z",
        "Sun, 01 Mar 2026 00:00:00 GMT",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "UNSIGNED-PAYLOAD",
        "\u00e9",
        "\U0001F600",
        "\t",
        "a\tb",
        "bytes=0-",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    ];

    /// <summary>A valid request of an operation that is served.</summary>
    public static HttpCase Valid(Random random)
    {
        var operation = random.Pick(Operations);
        return HttpCase.Json(operation.Name, Bytes(new ValidRequests(random).Of(operation)));
    }

    /// <summary>A request with something wrong in it, or unusual.</summary>
    public static HttpCase Any(Random random) =>
        random.Next(20) switch
        {
            < 2 => Valid(random),
            < 7 => Structure(random),
            < 11 => WithBytes(random, Valid(random)),
            < 14 => WithHeaders(random, Valid(random)),
            < 15 => WithToken(random),
            < 16 => Around(random),
            < 17 => Query(random),
            < 18 => WithBytes(random, Query(random)),
            < 19 => Logs(random),
            _ => WithHeaders(random, Structure(random)),
        };

    /// <summary>One that reaches grains, or nearly: the endpoint is as it should be, and the JSON odd in places.</summary>
    public static HttpCase NearlyValid(Random random) =>
        random.Next(10) switch
        {
            < 5 => Valid(random),
            < 8 => Structure(random),
            < 9 => WithToken(random),
            _ => Logs(random),
        };

    private static HttpCase Structure(Random random)
    {
        var operation = random.Pick(Operations);
        return HttpCase.Json(operation.Name, Mutations.OfStructure(random, new ValidRequests(random).Of(operation)));
    }

    private static HttpCase WithBytes(Random random, HttpCase request) =>
        request with
        {
            Body = Mutations.OfBytes(random, request.Body),
        };

    private static HttpCase WithHeaders(Random random, HttpCase request)
    {
        var headers = request.Headers.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(headers.Count);
            switch (random.Next(7))
            {
                case 0:
                    headers[at] = (headers[at].Name, random.Pick(HeaderValues));
                    break;
                case 1 when headers.Count > 1:
                    headers.RemoveAt(at);
                    break;
                case 2:
                    headers.Add(headers[at]);
                    break;
                case 3:
                    headers.Add(("X-Amz-Target", random.Pick(Targets)));
                    headers.RemoveAll(header =>
                        header.Name == "X-Amz-Target" && header.Value.Length > 0 && random.Chance(2)
                    );
                    break;
                case 4:
                    headers.Add(("Content-Type", random.Pick(ContentTypes)));
                    break;
                case 5:
                    headers.Add(("Authorization", random.Pick(Authorizations)));
                    break;
                default:
                    headers.Add(
                        (
                            random.Pick(OtherHeaders),
                            random.Chance(4) ? new string('v', random.Next(4000)) : random.Pick(HeaderValues)
                        )
                    );
                    break;
            }
        }

        return request with
        {
            Headers = headers,
        };
    }

    private static HttpCase Around(Random random)
    {
        var request = Valid(random);
        return random.Next(3) switch
        {
            0 => request with { Method = random.Pick(Methods) },
            1 => request with { Target = random.Pick(Paths) },
            _ => request with { Method = random.Pick(Methods), Target = random.Pick(Paths), Body = [] },
        };
    }

    /// <summary>With a page token: one as it is given out, one that was edited, or one that somebody forged with care.</summary>
    private static HttpCase WithToken(Random random)
    {
        var operation = ShapeTable.Glue.Operations[random.Pick(Paged)];
        var body = new ValidRequests(random).Of(operation);
        var scope = operation.Name == "GetJobRuns" ? (string?)body["JobName"] ?? "" : "";
        var position = random.Pick([
            "job",
            "1",
            "9223372036854775807",
            "-1",
            "99999999999999999999",
            "1e3",
            "\u0661",
            "",
            Texts.Awkward(random),
        ]);
        var token = new PageToken(operation.Name, Account, scope).After(position);
        body["NextToken"] = random.Next(4) switch
        {
            0 => token + random.Pick(["=", " ", "\n", "\0", ".", "%3D"]),
            1 => Encoding.Latin1.GetString(Mutations.OfBytes(random, Encoding.Latin1.GetBytes(token))),
            _ => token,
        };
        return HttpCase.Json(operation.Name, Bytes(body));
    }

    /// <summary>The neighbours on the Query protocol: STS and IAM.</summary>
    private static HttpCase Query(Random random)
    {
        var parameters = new List<string>
        {
            "Action=" + random.Pick(["GetCallerIdentity", "GetRole", "AssumeRole", "", "getrole", "%00", "GetRole%20"]),
            "Version=" + random.Pick(["2011-06-15", "2010-05-08", "", "2011-06-15 ", "%FF"]),
        };
        for (var more = random.Next(3); more > 0; more--)
        {
            parameters.Add(
                random.Pick(["RoleName", "Action", "Version", "action", "", "X"])
                    + random.Pick(["=", "", "=="])
                    + Uri.EscapeDataString(random.Chance(2) ? "role" : Texts.Awkward(random))
            );
        }

        if (random.Chance(20))
            parameters.Add(string.Join('&', Enumerable.Range(0, 3000).Select(i => $"p{i}=1")));
        if (random.Chance(20))
            parameters.Add("k=" + new string('v', 300_000));
        return HttpCase.Form(string.Join(random.Pick(["&", "&&", ";", "&=&"]), parameters));
    }

    /// <summary>CloudWatch Logs, which has no model here.</summary>
    private static HttpCase Logs(Random random)
    {
        var position = random.Pick([
            "f0",
            "b0",
            "f9223372036854775807",
            "b-1",
            "0:0",
            "2147483647:0",
            "0:9223372036854775807",
            ":",
            "f",
            "x1",
        ]);
        var group = random.Pick(["/aws-glue/jobs/output", "/aws-glue/python-jobs/error", "", Texts.Awkward(random)]);
        var operation = random.Pick(["GetLogEvents", "FilterLogEvents"]);
        var body = new JsonObject
        {
            [random.Pick(["logGroupName", "logGroupIdentifier"])] = random.Chance(4)
                ? $"arn:aws:logs:x:1:log-group:{group}:*"
                : group,
            ["logStreamName"] = random.Pick(["jr_1", "", Texts.Awkward(random), new string('s', 600)]),
            ["logStreamNames"] = new JsonArray("jr_1"),
            ["limit"] = random.Pick([1, 10_000, 0, -1, int.MaxValue]),
            ["startTime"] = random.Pick([0, -1, long.MinValue, long.MaxValue]),
            ["endTime"] = random.Pick([0, -1, long.MinValue, long.MaxValue]),
            ["startFromHead"] = random.Chance(2),
            ["nextToken"] = random.Chance(2) ? new PageToken(operation, Account, $"{group}\njr_1").After(position) : "",
        };
        foreach (var name in body.Select(member => member.Key).ToList())
        {
            if (random.Chance(3))
                body.Remove(name);
        }

        var bytes = random.Chance(3) ? Mutations.OfStructure(random, body) : Bytes(body);
        return HttpCase.Json("", bytes) with
        {
            Headers =
            [
                ("Host", "localhost"),
                ("Content-Type", "application/x-amz-json-1.1"),
                ("X-Amz-Target", $"Logs_20140328.{operation}"),
            ],
        };
    }

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());
}
