using System.Globalization;
using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Gateway.Security;

/// <summary>What is wrong with a signature, in AWS's words (glue-behaviour.md 1.4). All are 400 in the JSON protocol.</summary>
internal static class SignatureErrors
{
    public const string MissingToken = "MissingAuthenticationTokenException";
    public const string Incomplete = "IncompleteSignatureException";
    public const string UnrecognizedClient = "UnrecognizedClientException";
    public const string InvalidSignature = "InvalidSignatureException";

    public static AwsError NoSignature { get; } = AwsErrors.FrontDoor(MissingToken, "Missing Authentication Token");

    /// <summary>An unknown access key; and any session token, as none is ever issued here.</summary>
    public static AwsError UnknownKey { get; } =
        AwsErrors.FrontDoor(UnrecognizedClient, "The security token included in the request is invalid.");

    public static AwsError Differs { get; } =
        Invalid(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
                + "Key and signing method. Consult the service documentation for details."
        );

    public static AwsError IncompleteSignature(string message) => AwsErrors.FrontDoor(Incomplete, message);

    public static AwsError NotSigned(string header) =>
        Invalid($"'{EchoedValue.Of(header)}' must be a 'SignedHeader' in the AWS Authorization.");

    public static AwsError WrongRegion(string region) =>
        Invalid($"Credential should be scoped to a valid region, not '{EchoedValue.Of(region)}'.");

    public static AwsError WrongService(string service) =>
        Invalid($"Credential should be scoped to correct service: '{service}'.");

    public static AwsError WrongTerminator(string terminator) =>
        Invalid(
            $"Credential should be scoped with a valid terminator: 'aws4_request', not '{EchoedValue.Of(terminator)}'."
        );

    public static AwsError WrongDay(string scopeDay, string time) =>
        Invalid(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                + $"'{EchoedValue.Of(scopeDay)}' != '{time[..8]}', from '{time}'."
        );

    /// <param name="time">Of the signature.</param>
    /// <param name="now">Of the server.</param>
    /// <param name="age">How old it may be.</param>
    public static AwsError Expired(DateTimeOffset time, DateTimeOffset now, TimeSpan age) =>
        Invalid(
            $"Signature expired: {SignatureTime.Format(time)} is now earlier than {SignatureTime.Format(now - age)} "
                + $"({SignatureTime.Format(now)} - {Length(age)})"
        );

    /// <inheritdoc cref="Expired"/>
    public static AwsError NotYetCurrent(DateTimeOffset time, DateTimeOffset now, TimeSpan ahead) =>
        Invalid(
            $"Signature not yet current: {SignatureTime.Format(time)} is still later than "
                + $"{SignatureTime.Format(now + ahead)} ({SignatureTime.Format(now)} + {Length(ahead)})"
        );

    public static AwsError Invalid(string message) => AwsErrors.FrontDoor(InvalidSignature, message);

    private static string Length(TimeSpan time) =>
        time.Seconds == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min.")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} sec.");
}
