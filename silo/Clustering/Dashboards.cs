using Orleans.Dashboard;

namespace GlueOrleans.Silo.Clustering;

/// <summary>Orleans' dashboard, on silos and, through them, on nodes that are only a gateway.</summary>
internal static class Dashboards
{
    public const string Path = "/dashboard";

    public static void AddNodeDashboard(this ISiloBuilder silo) => silo.AddDashboard(Hide);

    public static void AddNodeDashboard(this IClientBuilder client) => client.AddDashboard(Hide);

    /// <summary>At <see cref="Path"/>, without what shows the state of grains: definitions of jobs have arguments in them, and so
    /// other people's secrets.</summary>
    public static RouteGroupBuilder MapNodeDashboard(this WebApplication app)
    {
        var dashboard = app.MapOrleansDashboard(Path);
        dashboard.AddEndpointFilter(
            async (request, next) =>
                request.HttpContext.Request.Path.StartsWithSegments($"{Path}/GrainState")
                    ? Results.Problem(
                        "It may hold secrets. What its owner may see of it is in the API.",
                        title: "The state of grains is not shown",
                        statusCode: StatusCodes.Status403Forbidden
                    )
                    : await next(request)
        );
        return dashboard;
    }

    /// <remarks>The log's stream is not for everybody; hiding it on the silo alone would leave the client's open.</remarks>
    private static void Hide(DashboardOptions options) => options.HideTrace = true;
}
