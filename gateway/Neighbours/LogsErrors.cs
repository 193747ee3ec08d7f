using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Gateway.Neighbours;

/// <summary>The errors of CloudWatch Logs. Its model gives them no members; on the wire they have a <c>message</c>.</summary>
internal static class LogsErrors
{
    private const int ClientFault = 400;
    private const int Unavailable = 503;

    public static AwsError InvalidParameter(string message) => Modelled("InvalidParameterException", message);

    /// <summary>Whatever the reason: clients that follow a log forgive this one, as a log may come later (8.1).</summary>
    public static AwsError NoSuchStream(string group, string stream) =>
        Modelled(
            "ResourceNotFoundException",
            $"The specified log stream does not exist: the group '{EchoedValue.Of(group)}' has no stream "
                + $"'{EchoedValue.Of(stream)}' (yet). Groups are the LogGroupName of a run with /output or /error behind "
                + "it; a stream bears the id of its run, and exists once the run's script was started."
        );

    /// <summary>There may be a log, where nobody can read it now. SDKs ask again.</summary>
    public static AwsError ServiceUnavailable(string message) =>
        new("ServiceUnavailableException", Unavailable, "message", message);

    private static AwsError Modelled(string code, string message) => new(code, ClientFault, "message", message);
}
