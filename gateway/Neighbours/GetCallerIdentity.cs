using System.Xml.Linq;
using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Gateway.Neighbours;

/// <summary>STS, for clients that ask whose credentials they have: Terraform, and Airflow's connection test.</summary>
/// <remarks>Whoever has an access key is the user it names. Where none are asked for there are accounts and no users: whoever
/// calls is the account's root.</remarks>
internal sealed class GetCallerIdentity : IAwsQueryAction
{
    public string Name => nameof(GetCallerIdentity);

    public string SigningName => "sts";

    public string Version => "2011-06-15";

    public XNamespace Namespace => "https://sts.amazonaws.com/doc/2011-06-15/";

    public QueryResult Handle(IReadOnlyDictionary<string, string> parameters, Caller caller) =>
        new XElement[]
        {
            new(Namespace + "Arn", caller.Arn),
            new(Namespace + "UserId", caller.Key is null ? caller.Account : IamId.Of("AIDA", caller.Arn)),
            new(Namespace + "Account", caller.Account),
        };
}
