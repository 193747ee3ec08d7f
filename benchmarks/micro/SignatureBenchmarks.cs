using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using GlueOrleans.Gateway.Security;
using Microsoft.AspNetCore.Http;

namespace GlueOrleans.Benchmarks.Micro;

/// <summary>What a signature in the headers costs to verify, once the signing key of its day is derived: every request's
/// share. The hashes are most of it.</summary>
[MemoryDiagnoser]
public class SignatureBenchmarks
{
    private const string KeyId = "AKIAIOSFODNN7EXAMPLE";
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private const string Region = "us-east-1";
    private const string Service = "glue";
    private const string Time = "20260101T000000Z";
    private const string Scope = $"20260101/{Region}/{Service}/aws4_request";

    /// <summary>As botocore signs it.</summary>
    private static readonly (string Name, string Value)[] Signed =
    [
        ("content-type", "application/x-amz-json-1.1"),
        ("host", "127.0.0.1:9230"),
        ("x-amz-date", Time),
        ("x-amz-target", "AWSGlue.StartJobRun"),
    ];

    private static readonly byte[] Body =
        """{"JobName": "nightly", "Arguments": {"--day": "2026-01-01", "--region": "eu"}, "Timeout": 60}"""u8.ToArray();

    private readonly CredentialSet _keys = new([
        new AccessKey(KeyId, Secret, "000000000000", "benchmark", Permissions.All),
    ]);

    private readonly SignedRequest _right = Request(Sign(Body));
    private readonly SignedRequest _wrong = Request(new string('0', 64));

    /// <summary>A verdict that came about otherwise than meant would be the time of something else.</summary>
    [GlobalSetup]
    public void Check()
    {
        if (!Verify_a_signature())
            throw new InvalidOperationException("The signature is right, and was refused.");
        if (!Refuse_a_wrong_signature())
            throw new InvalidOperationException("The signature is wrong, and was taken.");
    }

    [Benchmark]
    public bool Verify_a_signature() => Verify(_right).Key is not null;

    [Benchmark]
    public bool Refuse_a_wrong_signature() => Verify(_wrong).Error?.Code == SignatureErrors.InvalidSignature;

    private Verdict Verify(SignedRequest request) => SigV4.Verify(request, _keys, Region, Service, Samples.Now);

    private static SignedRequest Request(string signature)
    {
        var headers = new HeaderDictionary
        {
            ["User-Agent"] = "Boto3/1.40 md/Botocore#1.40 ua/2.1 os/linux lang/python#3.12 md/pyimpl#CPython",
            ["Accept-Encoding"] = "identity",
            ["Content-Length"] = "99",
            ["Authorization"] =
                $"AWS4-HMAC-SHA256 Credential={KeyId}/{Scope}, SignedHeaders={Names}, Signature={signature}",
        };
        foreach (var (name, value) in Signed)
            headers[name] = value;
        return new SignedRequest
        {
            Method = "POST",
            Path = "/",
            Headers = headers,
            Body = Body,
        };
    }

    private static string Names => string.Join(';', Signed.Select(header => header.Name));

    private static string Sign(byte[] body)
    {
        var headers = string.Concat(Signed.Select(header => $"{header.Name}:{header.Value}\n"));
        var canonical = $"POST\n/\n\n{headers}\n{Names}\n{Hex(SHA256.HashData(body))}";
        var toSign = $"AWS4-HMAC-SHA256\n{Time}\n{Scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Scope
            .Split('/')
            .Aggregate(
                Encoding.UTF8.GetBytes($"AWS4{Secret}"),
                (key, part) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part))
            );
        return Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
