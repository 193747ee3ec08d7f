using GlueOrleans.Gateway.Security;
using GlueOrleans.Tests.FuzzSuite.Cases;
using Microsoft.AspNetCore.Http;

namespace GlueOrleans.Tests.FuzzSuite.Drivers;

/// <summary>Signed requests, of which all that changes something signed are refused, with a documented error, and no others.</summary>
internal sealed class SignatureDriver : Driver<SignedCase>
{
    private static readonly string[] Codes =
    [
        "MissingAuthenticationTokenException",
        "IncompleteSignatureException",
        "UnrecognizedClientException",
        "InvalidSignatureException",
    ];

    private readonly CredentialSet _keys = new([
        new AccessKey(SignedCases.KeyId, SignedCases.Secret, "123456789012", "fuzz", Permissions.All),
    ]);

    public override string Name => "signatures";

    public override SignedCase Make(Random random) => SignedCases.Make(random);

    public override Task<Tried> Try(SignedCase theCase, Random random)
    {
        var request = theCase.Request;
        var question = request.Target.IndexOf('?', StringComparison.Ordinal);
        var headers = new HeaderDictionary();
        foreach (var (name, value) in request.Headers)
            headers.Append(name, value);
        var verdict = SigV4.Verify(
            new SignedRequest
            {
                Method = request.Method,
                Path = question < 0 ? request.Target : request.Target[..question],
                Query = question < 0 ? "" : request.Target[(question + 1)..],
                Headers = headers,
                Body = request.Body,
            },
            _keys,
            SignedCases.Region,
            SignedCases.Service,
            theCase.Now
        );
        var problem =
            theCase.IsGood && verdict.Key is null ? $"refused: {verdict.Error}"
            : !theCase.IsGood && verdict.Key is not null ? "accepted"
            : verdict.Error is { } error && !(Codes.Contains(error.Code) && error.Status == 400) ? $"{error}"
            : null;
        return Task.FromResult(new Tried(problem, verdict.Error?.Code ?? "accepted"));
    }
}
