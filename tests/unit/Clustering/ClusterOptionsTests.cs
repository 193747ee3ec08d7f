using GlueOrleans.Silo;
using GlueOrleans.Silo.Clustering;
using Xunit;

namespace GlueOrleans.Tests.Unit.Clustering;

public sealed class ClusterOptionsTests
{
    private const string Database = "Host=db;Database=glue;Username=glue;Password=secret";

    [Fact]
    public void Without_a_database_a_node_is_alone_and_does_everything() =>
        Assert.Equal(
            new NodeShape(NodeKind.Embedded, "local", HasExecutor: true, HasGateway: true),
            NodeShape.Of(new ClusterOptions())
        );

    [Theory]
    [InlineData("silo,executor,gateway", nameof(NodeKind.ClusterSilo), true, true)]
    [InlineData("silo, executor", nameof(NodeKind.ClusterSilo), true, false)]
    [InlineData("Silo", nameof(NodeKind.ClusterSilo), false, false)]
    [InlineData("gateway,silo", nameof(NodeKind.ClusterSilo), false, true)]
    [InlineData("gateway", nameof(NodeKind.GatewayOnly), false, true)]
    public void Roles_make_a_node_of_a_cluster_what_it_is(string roles, string kind, bool executor, bool gateway)
    {
        var options = Valid();
        options.Roles = roles;
        Assert.Empty(Faults(options));
        Assert.Equal(new NodeShape(Enum.Parse<NodeKind>(kind), "node-1", executor, gateway), NodeShape.Of(options));
        Assert.Equal(kind != nameof(NodeKind.GatewayOnly), NodeShape.Of(options).HasDataFolder);
    }

    [Fact]
    public void A_node_is_called_as_its_machine_unless_it_is_named()
    {
        var options = Valid();
        options.Node = null;
        Assert.Equal(Environment.MachineName.ToLowerInvariant(), NodeShape.Of(options).Name);
    }

    public static TheoryData<string, string, string> Wrong =>
        new()
        {
            { "Roles", "gateway,executor", "needs a silo" },
            { "Roles", "silo,worker", "worker" },
            { "Roles", " , ", "no role" },
            { "Node", "two words", "two words" },
            { "Node", "", "Cluster:Node is ''" },
            { "Id", " ", "Cluster:Id" },
            { "Address", "no.such.host.invalid", "IP address" },
            { "Address", "0.0.0.0", "0.0.0.0" },
            { "SiloPort", "0", "Cluster:SiloPort is 0" },
            { "ClientPort", "70000", "70000" },
            { "ClientPort", "11111", "two different ports" },
            { "DrainDelay", "-00:00:01", "Cluster:DrainDelay" },
            { "DrainDelay", "01:00:00", "00:10:00" },
            { "Database", "Host=db;Prot=1", "Host=" },
            { "Database", "Database=glue", "no host" },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_used_is_named_with_its_value_and_what_would_be_right(
        string key,
        string value,
        string names
    )
    {
        var options = Valid();
        var property = typeof(ClusterOptions).GetProperty(key)!;
        property.SetValue(
            options,
            property.PropertyType == typeof(int) ? int.Parse(value, null)
                : property.PropertyType == typeof(TimeSpan) ? TimeSpan.Parse(value, null)
                : value
        );
        var fault = Assert.Single(Faults(options));
        Assert.Contains($"Cluster:{key}", fault, StringComparison.Ordinal);
        Assert.Contains(names, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_is_not_repeated()
    {
        var options = Valid();
        options.Database = "Password=secret;Prot=1";
        Assert.DoesNotContain("secret", Assert.Single(Faults(options)), StringComparison.Ordinal);
    }

    [Fact]
    public void Roles_need_a_database() =>
        Assert.Contains(
            "Cluster:Database is not set",
            Assert.Single(Faults(new ClusterOptions { Roles = "gateway" })),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("http://0.0.0.0:4580")]
    [InlineData("http://*:4580")]
    [InlineData("http://10.0.0.5:4580;http://127.0.0.1:4580")]
    public void Listening_for_other_machines_needs_credentials(string urls)
    {
        var remedy = Access.Remedy(dataFolder: "/data");
        Listening.Check(urls, asksForCredentials: true, remedy);
        var refused = Assert.Throws<StartupException>(() => Listening.Check(urls, asksForCredentials: false, remedy));
        Assert.Contains("credentials add --file /data/credentials.json", refused.Message, StringComparison.Ordinal);
    }

    private static ClusterOptions Valid() => new() { Database = Database, Node = "node-1" };

    private static IEnumerable<string> Faults(ClusterOptions options) =>
        new ValidateClusterOptions().Validate(null, options).Failures ?? [];
}
