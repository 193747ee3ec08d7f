using System.Xml.Linq;
using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Gateway.Neighbours;

/// <summary>STS, for clients that ask whose credentials they have: Terraform, and Airflow's connection test.</summary>
/// <remarks>There are accounts here and no users: whoever calls is the account's root.</remarks>
internal sealed class GetCallerIdentity : IAwsQueryAction
{
    public string Name => nameof(GetCallerIdentity);

    public string Version => "2011-06-15";

    public XNamespace Namespace => "https://sts.amazonaws.com/doc/2011-06-15/";

    public QueryResult Handle(IReadOnlyDictionary<string, string> parameters, Caller caller) =>
        new XElement[]
        {
            new(Namespace + "Arn", $"arn:aws:iam::{caller.Account}:root"),
            new(Namespace + "UserId", caller.Account),
            new(Namespace + "Account", caller.Account),
        };
}
