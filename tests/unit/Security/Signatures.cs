using System.Text;
using GlueOrleans.Gateway.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace GlueOrleans.Tests.Unit.Security;

/// <summary>SigV4 over requests that an SDK signed, as they are and with one thing changed (glue-behaviour.md 1.4).</summary>
public sealed class Signatures
{
    private const string Header = "as a Glue client sends it";
    private const string Presigned = "presigned with a body, a target and a parameter";
    private const string Blanks = "runs of blanks";

    public static TheoryData<string> Vectors => [.. SignedVectors.Names];

    public static TheoryData<string, string, string> Texts =>
        new()
        {
            {
                "Credential=AKIAIOSFODNN7EXAMPLE/20260301/us-east-1/glue/aws4_request",
                "IncompleteSignatureException",
                "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 Credential="
            },
            {
                "",
                "IncompleteSignatureException",
                "Authorization header requires 'Credential' parameter. Authorization header"
            },
            {
                "Credential=a/b, SignedHeaders=host, Signature=0",
                "IncompleteSignatureException",
                "exactly 5 slash-delimited"
            },
            {
                Claim("20260301/us-east-1/glue/aws5"),
                "InvalidSignatureException",
                "valid terminator: 'aws4_request', not 'aws5'"
            },
            {
                Claim("20260301/eu-east-2/glue/aws4_request"),
                "InvalidSignatureException",
                "Credential should be scoped to a valid region, not 'eu-east-2'."
            },
            {
                Claim("20260301/us-east-1/s3/aws4_request"),
                "InvalidSignatureException",
                "Credential should be scoped to correct service: 'glue'."
            },
            {
                Claim("20260228/us-east-1/glue/aws4_request"),
                "InvalidSignatureException",
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260228' != '20260301', from '20260301T120000Z'."
            },
            { Claim("2026030/us-east-1/glue/aws4_request"), "InvalidSignatureException", "Date in Credential scope" },
            {
                Claim("20260301/us-east-1/glue/aws4_request", "x-amz-date;x-amz-target"),
                "InvalidSignatureException",
                "'Host' must be a 'SignedHeader'"
            },
            {
                Claim("20260301/us-east-1/glue/aws4_request", "host;x-amz-date"),
                "InvalidSignatureException",
                "'X-Amz-Target' must be a 'SignedHeader'"
            },
            {
                Claim("20260301/us-east-1/glue/aws4_request", "host;host;x-amz-date"),
                "IncompleteSignatureException",
                "each once"
            },
            {
                Claim("20260301/us-east-1/glue/aws4_request", "Host;x-amz-date"),
                "IncompleteSignatureException",
                "lower case"
            },
            {
                $"{Claim("20260301/us-east-1/glue/aws4_request")}, Signature=1",
                "IncompleteSignatureException",
                "each parameter once"
            },
            {
                $"{Claim("20260301/us-east-1/glue/aws4_request")}, Other=1, Other=2",
                "IncompleteSignatureException",
                "each parameter once"
            },
        };

    [Theory, MemberData(nameof(Vectors))]
    public void An_SDK_s_signature_is_right(string name) =>
        Assert.Equal(SignedVectors.Key, SignedVectors.Named(name).Verify().Key);

    [Theory, MemberData(nameof(Vectors))]
    public void Another_secret_body_path_query_or_method_is_not_what_was_signed(string name)
    {
        var vector = SignedVectors.Named(name);
        var request = vector.Request;
        AssertDiffers(vector.Verify(key: SignedVectors.KeyWith("another secret of some length")));
        AssertDiffers(vector.Verify(request: request.With(body: Encoding.UTF8.GetBytes("{}"))));
        AssertDiffers(vector.Verify(request: request.With(path: request.Path + "x")));
        AssertDiffers(vector.Verify(request: request.With(query: request.Query + "&d=1")));
        AssertDiffers(vector.Verify(request: request.With(method: "GET")));
    }

    [Theory, MemberData(nameof(Vectors))]
    public void Every_header_that_was_signed_has_to_be_as_it_was(string name)
    {
        var vector = SignedVectors.Named(name);
        string[] unsigned = ["Authorization", "X-Amz-Date", "User-Agent"];
        foreach (var header in vector.Request.Headers.Keys.Except(unsigned, StringComparer.OrdinalIgnoreCase).ToList())
        {
            AssertDiffers(vector.Verify(request: vector.Request.With(headers: h => h[header] = h[header] + "x")));
            AssertDiffers(vector.Verify(request: vector.Request.With(headers: h => h.Append(header, "x"))));
            AssertDiffers(vector.Verify(request: vector.Request.With(headers: h => h.Remove(header))));
        }
    }

    [Fact]
    public void A_header_that_was_not_signed_may_be_anything()
    {
        var vector = SignedVectors.Named(Header);
        Assert.NotNull(vector.Verify(request: vector.Request.With(headers: h => h.UserAgent = "another")).Key);
    }

    [Fact]
    public void A_header_of_AWS_s_that_was_not_signed_is_refused()
    {
        foreach (var name in new[] { Header, Presigned })
        {
            var vector = SignedVectors.Named(name);
            var added = vector.Verify(request: vector.Request.With(headers: h => h["X-Amz-Meta"] = "x"));
            AssertError(added, "InvalidSignatureException", "'X-Amz-Meta' must be a 'SignedHeader'");
        }
    }

    [Fact]
    public void Blanks_at_the_ends_and_runs_of_them_do_not_count()
    {
        var vector = SignedVectors.Named(Blanks);
        Assert.NotNull(
            vector.Verify(request: vector.Request.With(headers: h => h["X-Amz-Client-Context"] = "one  two\tthree")).Key
        );
        AssertDiffers(
            vector.Verify(request: vector.Request.With(headers: h => h["X-Amz-Client-Context"] = "one twothree"))
        );
    }

    [Fact]
    public void Without_a_signature_there_is_no_token() =>
        AssertError(
            SignedVectors.Named(Header).Verify(request: Unsigned(SignedVectors.Named(Header))),
            "MissingAuthenticationTokenException",
            "Missing Authentication Token"
        );

    [Fact]
    public void A_key_that_does_not_exist_is_not_recognized_whatever_its_signature()
    {
        var vector = SignedVectors.Named(Header);
        var another = SignedVectors.KeyWith("another secret of some length", "AKIAANOTHER7EXAMPLE");
        AssertError(
            vector.Verify(key: another),
            "UnrecognizedClientException",
            "The security token included in the request is invalid."
        );
    }

    [Fact]
    public void A_session_token_is_none_of_ours()
    {
        var vector = SignedVectors.Named(Presigned);
        var request = vector.Request.With(query: vector.Request.Query + "&X-Amz-Security-Token=t");
        AssertError(vector.Verify(request: request), "UnrecognizedClientException", "security token");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(-300)]
    public void A_clock_may_be_five_minutes_off(int seconds) =>
        Assert.NotNull(SignedVectors.Named(Header).Verify(SignedVectors.Now.AddSeconds(seconds)).Key);

    [Fact]
    public void A_request_from_longer_ago_or_later_is_refused_with_both_times()
    {
        var vector = SignedVectors.Named(Header);
        Assert.Equal(
            "Signature expired: 20260301T120000Z is now earlier than 20260301T120001Z (20260301T120501Z - 5 min.)",
            vector.Verify(SignedVectors.Now.AddSeconds(301)).Error!.Message
        );
        AssertError(
            vector.Verify(SignedVectors.Now.AddSeconds(-301)),
            "InvalidSignatureException",
            "Signature not yet current: 20260301T120000Z is still later than 20260301T115959Z (20260301T115459Z + 5 min.)"
        );
    }

    [Fact]
    public void A_presigned_request_is_good_for_as_long_as_it_says()
    {
        var vector = SignedVectors.Named("presigned by botocore");
        Assert.NotNull(vector.Verify(SignedVectors.Now.AddSeconds(900)).Key);
        AssertError(
            vector.Verify(SignedVectors.Now.AddSeconds(901)),
            "InvalidSignatureException",
            "Signature expired: 20260301T120000Z is now earlier than 20260301T120001Z (20260301T121501Z - 15 min.)"
        );
        AssertError(vector.Verify(SignedVectors.Now.AddSeconds(-301)), "InvalidSignatureException", "not yet current");
    }

    [Fact]
    public void A_presigned_request_is_not_good_for_longer_with_its_signature_in_the_header()
    {
        var vector = SignedVectors.Named(Presigned);
        var query = QueryHelpers.ParseQuery(vector.Request.Query);
        var signature = $"&X-Amz-Signature={query["X-Amz-Signature"]}";
        var moved = vector.Request.With(
            query: vector.Request.Query.Replace(signature, "", StringComparison.Ordinal),
            headers: h =>
            {
                h.Date = query["X-Amz-Date"];
                h.Authorization =
                    $"AWS4-HMAC-SHA256 Credential={query["X-Amz-Credential"]}, SignedHeaders={query["X-Amz-SignedHeaders"]}, Signature={query["X-Amz-Signature"]}";
            }
        );
        Assert.NotEqual(vector.Request.Query, moved.Query);
        AssertError(vector.Verify(request: moved), "IncompleteSignatureException", "one signature");
    }

    [Theory]
    [InlineData("X-Amz-Expires=604800", "X-Amz-Expires=604801", "from 1 to 604800")]
    [InlineData("X-Amz-Expires=604800", "X-Amz-Expires=0", "from 1 to 604800")]
    [InlineData("X-Amz-Expires=604800", "X-Amz-Expires=-1", "from 1 to 604800")]
    [InlineData("X-Amz-Expires=604800", "", "must include 'X-Amz-Expires'")]
    [InlineData("X-Amz-Expires=604800", "X-Amz-Expires=604800&X-Amz-Expires=1", "'X-Amz-Expires' must be given once")]
    [InlineData("X-Amz-Date=20260301T120000Z", "X-Amz-Date=yesterday", "ISO-8601")]
    [InlineData("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=none", "AWS4-HMAC-SHA256")]
    public void A_presigned_request_has_all_its_parts_once(string part, string instead, string says)
    {
        var vector = SignedVectors.Named(Presigned);
        var query = vector.Request.Query.Replace(part, instead, StringComparison.Ordinal);
        Assert.NotEqual(query, vector.Request.Query);
        AssertError(vector.Verify(request: vector.Request.With(query: query)), "IncompleteSignatureException", says);
    }

    [Fact]
    public void The_header_Date_will_do_in_HTTP_s_form()
    {
        var vector = SignedVectors.Named(Header);
        var request = vector.Request.With(headers: h =>
        {
            h.Remove("X-Amz-Date");
            h.Authorization = h.Authorization.ToString().Replace("x-amz-date;", "", StringComparison.Ordinal);
            h.Date = "Sun, 01 Mar 2026 12:00:00 GMT";
        });
        // Well-formed, and over other headers than those that were signed.
        AssertDiffers(vector.Verify(request: request));
        AssertError(
            vector.Verify(request: request.With(headers: h => h.Date = "yesterday")),
            "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format'. Got 'yesterday'."
        );
        AssertError(
            vector.Verify(request: request.With(headers: h => h.Remove("Date"))),
            "IncompleteSignatureException",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization="
        );
    }

    [Theory, MemberData(nameof(Texts))]
    public void What_is_wrong_is_said_in_AWS_s_words(string parameters, string code, string says)
    {
        var vector = SignedVectors.Named(Header);
        var request = vector.Request.With(headers: h => h.Authorization = $"AWS4-HMAC-SHA256 {parameters}");
        AssertError(vector.Verify(request: request), code, says);
    }

    [Fact]
    public void A_password_of_another_scheme_is_not_repeated()
    {
        var vector = SignedVectors.Named(Header);
        var verdict = vector.Verify(request: vector.Request.With(headers: h => h.Authorization = "Basic c2VjcmV0"));
        AssertError(verdict, "IncompleteSignatureException", "requires 'Credential' parameter");
        Assert.DoesNotContain("c2VjcmV0", verdict.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Global_services_are_signed_for_us_east_1_wherever_the_server_is()
    {
        var vector = SignedVectors.Named(Header);
        foreach (var service in new[] { "sts", "iam", "glue" })
        {
            var request = vector.Request.With(headers: h =>
                h.Authorization = h.Authorization.ToString().Replace("/glue/", $"/{service}/", StringComparison.Ordinal)
            );
            var verdict = SigV4.Verify(
                request,
                new CredentialSet([SignedVectors.Key]),
                "eu-central-1",
                service,
                SignedVectors.Now
            );
            AssertError(
                verdict,
                "InvalidSignatureException",
                service == "glue" ? "not 'us-east-1'" : "The request signature we calculated"
            );
        }
    }

    [Fact]
    public void A_hash_of_another_body_is_refused_although_it_is_signed()
    {
        var vector = SignedVectors.Named("a hash of the body in a header");
        var key = SignedVectors.Key;
        Assert.NotNull(vector.Verify().Key);
        var other = vector.Request.With(headers: h => h["X-Amz-Content-Sha256"] = new string('0', 64));
        AssertDiffers(vector.Verify(request: other, key: key));
    }

    [Theory]
    [InlineData("Authorization", 5000)]
    [InlineData("SignedHeaders", 2000)]
    public void What_is_out_of_all_proportion_is_not_looked_at(string what, int length)
    {
        var vector = SignedVectors.Named(Header);
        var parameters =
            what == "Authorization"
                ? Claim("20260301/us-east-1/glue/aws4_request") + new string(' ', length)
                : Claim("20260301/us-east-1/glue/aws4_request", string.Join(';', Enumerable.Range(0, length / 20)));
        AssertError(
            vector.Verify(
                request: vector.Request.With(headers: h => h.Authorization = $"AWS4-HMAC-SHA256 {parameters}")
            ),
            "IncompleteSignatureException",
            what == "Authorization" ? "at most 4096" : "more than 64"
        );
        AssertError(
            vector.Verify(request: vector.Request.With(query: new string('a', 20_000))),
            "IncompleteSignatureException",
            "query string"
        );
        AssertError(
            vector.Verify(request: vector.Request.With(query: string.Join('&', Enumerable.Repeat("a=b", 1000)))),
            "IncompleteSignatureException",
            "query string"
        );
    }

    [Theory]
    [InlineData("%", "%zz=%")]
    [InlineData("/%2e%2e//\ud800", "a=\ud800&=&&b")]
    [InlineData("\0\uffff", "\0")]
    public void Garbage_is_a_wrong_signature(string path, string query)
    {
        var vector = SignedVectors.Named(Header);
        AssertDiffers(vector.Verify(request: vector.Request.With(path: path, query: query)));
        AssertDiffers(
            vector.Verify(
                request: vector.Request.With(headers: h =>
                    h.Authorization = h
                        .Authorization.ToString()
                        .Replace("Signature=3", "Signature=\ud800", StringComparison.Ordinal)
                )
            )
        );
    }

    private static string Claim(string scope, string headers = "host;x-amz-date;x-amz-target") =>
        $"Credential=AKIAIOSFODNN7EXAMPLE/{scope}, SignedHeaders={headers}, Signature=0";

    private static SignedRequest Unsigned(Vector vector) =>
        vector.Request.With(headers: h => h.Remove("Authorization"));

    private static void AssertDiffers(Verdict verdict) =>
        AssertError(
            verdict,
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
        );

    private static void AssertError(Verdict verdict, string code, string says)
    {
        Assert.Null(verdict.Key);
        Assert.Equal((code, 400, "message"), (verdict.Error!.Code, verdict.Error.Status, verdict.Error.MessageMember));
        Assert.Contains(says, verdict.Error.Message, StringComparison.Ordinal);
    }
}
