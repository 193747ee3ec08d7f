using GlueOrleans.Gateway.Protocol;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Gateway;

/// <summary>Settings of the HTTP edge.</summary>
public sealed partial class GatewayOptions
{
    /// <summary>The largest request body that is accepted.</summary>
    /// <remarks>
    /// Unit: bytes, 1 KiB to 64 MiB. Default 4 MiB: a CreateJob with every member at its maximum fits several times over.
    /// All bodies together are bounded by <see cref="MaxBodyBytes"/>. Glue itself refuses a StartJobRun of about 180 KB.
    /// </remarks>
    public int MaxRequestBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Without credentials: the account of a caller whose access key id does not name one.</summary>
    /// <remarks>Twelve digits. Default 000000000000, as other local AWS endpoints have it.</remarks>
    public string DefaultAccount { get; set; } = "000000000000";

    /// <summary>The region this server says it is in. Default us-east-1. With credentials, a request signed for any other is
    /// refused; without, it is accepted.</summary>
    public string Region { get; set; } = "us-east-1";
}

/// <summary>Says at start-up which setting is wrong, and what would be right.</summary>
internal sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    private const int LeastRequestBytes = 1024;
    private const int MostRequestBytes = 64 * 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var failures = new List<string>();
        if (options.MaxRequestBytes is < LeastRequestBytes or > MostRequestBytes)
        {
            failures.Add(
                $"{nameof(options.MaxRequestBytes)} is {options.MaxRequestBytes}: "
                    + $"give a number of bytes from {LeastRequestBytes} to {MostRequestBytes}."
            );
        }

        if (!Caller.IsAccount(options.DefaultAccount))
        {
            failures.Add(
                $"{nameof(options.DefaultAccount)} is '{options.DefaultAccount}': "
                    + "give an AWS account id, which is twelve digits, for example 000000000000."
            );
        }

        if (string.IsNullOrWhiteSpace(options.Region))
            failures.Add($"{nameof(options.Region)} is empty: give a region, for example us-east-1.");

        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }
}
