using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Executors;

/// <summary>Scripts in S3 and what speaks like it.</summary>
internal sealed class S3Scripts(IOptions<S3Options> options) : IDisposable
{
    /// <summary>For all of it, retries and the search for credentials included.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Lazy<AmazonS3Client> _client = new(() => Connect(options.Value));

    /// <summary>Returns <c>null</c>, or a sentence that says why there is no script and what to do.</summary>
    public async Task<string?> Fetch(string location, string destination, CancellationToken cancellation)
    {
        if (S3Location.Parse(location, out var script) is { } fault)
            return fault;

        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(Limit);
        try
        {
            using var response = await _client.Value.GetObjectAsync(script.Bucket, script.Key, bounded.Token);
            return await ScriptSource.Copy(response.ResponseStream, destination, location, bounded.Token);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return $"Script {location} does not exist ({e.ErrorCode}). Upload it, or correct Command.ScriptLocation.";
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
        {
            return $"Script {location} may not be read ({e.ErrorCode}: {e.Message}). "
                + "Give this node credentials that may (S3:AccessKey and S3:SecretKey, or AWS's usual places).";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"Script {location} could not be read within {Limit.TotalSeconds:0} s. "
                + $"Check S3:ServiceUrl and S3:Region, and that {Endpoint} answers.";
        }
        catch (Exception e) when ((e is AmazonClientException or AmazonServiceException) && IsAboutCredentials(e))
        {
            return $"Script {location} cannot be read: this node has no AWS credentials. "
                + "Set S3:AccessKey and S3:SecretKey, or provide them in one of AWS's usual places.";
        }
        catch (Exception e)
            when (e is AmazonServiceException or AmazonClientException or HttpRequestException or IOException)
        {
            return $"Script {location} could not be read: {e.Message.TrimEnd('.')}. "
                + $"Check S3:ServiceUrl and S3:Region, and that {Endpoint} answers.";
        }
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
            _client.Value.Dispose();
    }

    private string Endpoint => options.Value.ServiceUrl ?? "AWS S3";

    private static bool IsAboutCredentials(Exception e) =>
        e.Message.Contains("credential", StringComparison.OrdinalIgnoreCase);

    private static AmazonS3Client Connect(S3Options options)
    {
        var config = new AmazonS3Config { Timeout = Limit, MaxErrorRetry = 2 };
        if (options.ServiceUrl is { } url)
        {
            config.ServiceURL = url;
            config.AuthenticationRegion = options.Region ?? "us-east-1";
        }
        else if (options.Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        config.ForcePathStyle = options.ForcePathStyle ?? options.ServiceUrl is not null;
        return options is { AccessKey: { } access, SecretKey: { } secret }
            ? new AmazonS3Client(new BasicAWSCredentials(access, secret), config)
            : new AmazonS3Client(config);
    }
}
