using Orleans.Dashboard;

namespace GlueOrleans.Silo.Clustering;

/// <summary>Orleans' dashboard, on silos and, through them, on nodes that are only a gateway.</summary>
internal static class Dashboards
{
    public const string Path = "/dashboard";

    public static void AddNodeDashboard(this ISiloBuilder silo) => silo.AddDashboard(Hide);

    public static void AddNodeDashboard(this IClientBuilder client) => client.AddDashboard(Hide);

    /// <remarks>The log's stream is not for everybody; hiding it on the silo alone would leave the client's open.</remarks>
    private static void Hide(DashboardOptions options) => options.HideTrace = true;
}
