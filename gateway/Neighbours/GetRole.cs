using System.Xml.Linq;
using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Gateway.Neighbours;

/// <summary>IAM, for clients that look up the ARN of a role before they name it in a job: Airflow (glue-behaviour.md 8.1).</summary>
/// <remarks>
/// Jobs may name any role, and none is ever assumed: scripts run as the node's user. So every well-formed name is a role,
/// since ever, and nothing is said of who may assume it. Error: ValidationError.
/// </remarks>
internal sealed class GetRole : IAwsQueryAction
{
    private const int MaxNameLength = 64;

    private const string IdPrefix = "AROA";

    public string Name => nameof(GetRole);

    public string SigningName => "iam";

    public string Version => "2010-05-08";

    public XNamespace Namespace => "https://iam.amazonaws.com/doc/2010-05-08/";

    public QueryResult Handle(IReadOnlyDictionary<string, string> parameters, Caller caller)
    {
        var name = parameters.GetValueOrDefault("RoleName", "");
        if (
            name.Length is 0 or > MaxNameLength
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || "_+=,.@-".Contains(c))
        )
        {
            return AwsQuery.Sender(
                "ValidationError",
                $"The RoleName '{EchoedValue.Of(name)}' is not the name of a role: give 1 to {MaxNameLength} letters, "
                    + "digits and _+=,.@-, without a path."
            );
        }

        var arn = $"arn:aws:iam::{caller.Account}:role/{name}";
        return new XElement[]
        {
            new(
                Namespace + "Role",
                new XElement(Namespace + "Path", "/"),
                new XElement(Namespace + "RoleName", name),
                new XElement(Namespace + "RoleId", IamId.Of(IdPrefix, arn)),
                new XElement(Namespace + "Arn", arn),
                new XElement(Namespace + "CreateDate", "1970-01-01T00:00:00Z")
            ),
        };
    }
}
