using System.Net;
using System.Net.Http.Headers;
using System.Xml.Linq;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

/// <summary>STS and IAM on the same endpoint: a form in, XML out, errors included.</summary>
public sealed class The_query_protocol : IAsyncLifetime
{
    private const string Sts = "Version=2011-06-15";
    private const string Iam = "Version=2010-05-08";
    private GatewayOnLoopback _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await GatewayOnLoopback.Start();

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Theory]
    [InlineData("123456789012", "123456789012")]
    [InlineData("AKIAIOSFODNN7EXAMPLE", "000000000000")]
    public async Task GetCallerIdentity_says_which_account_the_caller_has(string accessKeyId, string account)
    {
        var (answer, xml) = await Post($"Action=GetCallerIdentity&{Sts}", accessKeyId);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("text/xml; charset=utf-8", answer.Headers["Content-Type"]);
        XNamespace sts = "https://sts.amazonaws.com/doc/2011-06-15/";
        var result = xml.Element(sts + "GetCallerIdentityResult")!;
        Assert.Equal(account, result.Element(sts + "Account")?.Value);
        Assert.Equal($"arn:aws:iam::{account}:root", result.Element(sts + "Arn")?.Value);
        Assert.Equal(answer.Headers["x-amzn-RequestId"], xml.Descendants(sts + "RequestId").Single().Value);
    }

    [Fact]
    public async Task GetRole_has_an_ARN_for_every_name()
    {
        var (_, xml) = await Post($"Action=GetRole&RoleName=glue%2Bnightly%40prod&{Iam}", "123456789012");
        XNamespace iam = "https://iam.amazonaws.com/doc/2010-05-08/";
        var role = xml.Element(iam + "GetRoleResult")!.Element(iam + "Role")!;
        Assert.Equal("arn:aws:iam::123456789012:role/glue+nightly@prod", role.Element(iam + "Arn")?.Value);
        Assert.Equal("glue+nightly@prod", role.Element(iam + "RoleName")?.Value);
        Assert.Matches("^AROA[0-9A-F]{17}$", role.Element(iam + "RoleId")!.Value);
    }

    [Theory]
    [InlineData($"Action=AssumeRole&{Sts}", "InvalidAction")]
    [InlineData($"Action=GetRole&RoleName=x&{Sts}", "InvalidAction")]
    [InlineData("Action=GetCallerIdentity", "InvalidAction")]
    [InlineData("", "InvalidAction")]
    [InlineData("Action=%00%1B%EF%BF%BE%FF", "InvalidAction")]
    [InlineData($"Action=GetRole&{Iam}", "ValidationError")]
    [InlineData($"Action=GetRole&RoleName=a%2Fb&{Iam}", "ValidationError")]
    public async Task A_bad_request_is_answered_with_an_error_in_XML(string form, string code)
    {
        var (answer, xml) = await Post(form, "123456789012");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("ErrorResponse", xml.Name);
        Assert.Equal("Sender", xml.Element("Error")?.Element("Type")?.Value);
        Assert.Equal(code, xml.Element("Error")?.Element("Code")?.Value);
        Assert.NotEqual("", xml.Element("Error")?.Element("Message")?.Value);
        Assert.Equal(answer.Headers["x-amzn-RequestId"], xml.Element("RequestId")?.Value);
    }

    [Fact]
    public async Task A_form_of_too_many_parameters_is_refused()
    {
        var form = string.Join('&', Enumerable.Range(0, 2000).Select(i => $"p{i}=1"));
        var (answer, xml) = await Post(form, "123456789012");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("MalformedInput", xml.Element("Error")?.Element("Code")?.Value);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_in_XML_as_well()
    {
        var (answer, xml) = await Post(new string('x', 5 * 1024 * 1024), "123456789012");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("4194304", xml.Element("Error")?.Element("Message")?.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_with_a_target_is_a_request_of_the_JSON_protocol()
    {
        var answer = await _gateway.Post("AWSGlue.ListJobs", Form("{}"));
        Assert.Equal("""{"JobNames":[]}""", answer.Body);
    }

    private async Task<(Answer Answer, XElement Xml)> Post(string form, string accessKeyId)
    {
        var answer = await _gateway.Post(
            null,
            Form(form),
            request =>
                request.Headers.TryAddWithoutValidation(
                    "Authorization",
                    $"AWS4-HMAC-SHA256 Credential={accessKeyId}/20260101/us-east-1/sts/aws4_request, Signature=0"
                )
        );
        return (answer, XElement.Parse(answer.Body));
    }

    private static StringContent Form(string form) =>
        new(form)
        {
            Headers = { ContentType = MediaTypeHeaderValue.Parse("application/x-www-form-urlencoded; charset=utf-8") },
        };
}
