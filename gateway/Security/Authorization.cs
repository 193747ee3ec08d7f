using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Gateway.Security;

/// <summary>Says no to what a caller's access key does not allow, before anything is read: so that what is forbidden and
/// what is missing answer alike.</summary>
internal static class Authorization
{
    public const string Denied = "AccessDeniedException";

    /// <summary><c>null</c>: it is allowed.</summary>
    /// <param name="caller">Whose request it is.</param>
    /// <param name="service">Of the operation, as in an action: <c>glue</c>.</param>
    /// <param name="operation">Its name.</param>
    /// <param name="resources">Everything that the request names. None: it is about the account.</param>
    public static AwsError? Refusal(
        Caller caller,
        string service,
        string operation,
        params IEnumerable<Resource> resources
    )
    {
        var permissions = caller.Permissions;
        if (ReferenceEquals(permissions, Permissions.All))
            return null;
        var isAllowed = permissions.Allow(operation);
        foreach (var resource in resources)
        {
            if (!isAllowed || !permissions.Allow(operation, resource))
                return Refused(caller, service, operation, resource);
        }

        return isAllowed ? null : Refused(caller, service, operation, Resource.Account);
    }

    /// <summary>IAM's sentence (glue-behaviour.md 1.4).</summary>
    private static AwsError Refused(Caller caller, string service, string operation, Resource resource) =>
        AwsErrors.FrontDoor(
            Denied,
            $"User: {caller.Arn} is not authorized to perform: {service}:{operation} on resource: "
                + $"{EchoedValue.Of(resource.Arn(caller.Region, caller.Account))} because no identity-based policy allows "
                + $"the {service}:{operation} action"
        );
}
