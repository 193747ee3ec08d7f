using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using GlueOrleans.Silo.Clustering.Tls;
using GlueOrleans.Storage.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GlueOrleans.Silo.Clustering;

/// <summary>What this node is in a cluster, if it is in one. Configuration section <c>Cluster</c>.</summary>
internal sealed class ClusterOptions
{
    public const string DefaultRoles = "silo,executor,gateway";

    /// <summary>Of <see cref="DrainDelay"/>.</summary>
    public static readonly TimeSpan LongestDrainDelay = TimeSpan.FromMinutes(10);

    /// <summary>Npgsql's connection string of the PostgreSQL database that makes nodes a cluster: all that it keeps is in it.</summary>
    /// <remarks>Default <c>null</c>: the node is alone, and keeps everything in its data folder.</remarks>
    public string? Database { get; set; }

    /// <summary>A file with the password of the database's user, in place of <c>Password</c> in <see cref="Database"/>. Read for
    /// every connection that is made, so it may change. Readable by nobody but its owner and group. Default <c>null</c>.</summary>
    /// <remarks>For a secret that shall stand neither in the environment nor on a command line, which others can see.</remarks>
    public string? PasswordFile { get; set; }

    /// <summary>Both of the above, once they were found valid.</summary>
    public PostgresStorageOptions DatabaseOptions() =>
        new()
        {
            ConnectionString = Database!,
            Password = PasswordFile is { } file ? new DatabasePassword(file).Read : null,
        };

    /// <summary>TLS between the nodes. Default: none.</summary>
    public ClusterTlsOptions Tls { get; set; } = new();

    /// <summary>Nodes with the same database and the same id find each other. 1 to 100 characters. Default
    /// <c>glue-orleans</c>.</summary>
    /// <remarks>Change it for a release whose silos must not meet those of the last one. What is stored stays.</remarks>
    public string Id { get; set; } = "glue-orleans";

    /// <summary>What the node does: some of <c>silo</c> (grains), <c>executor</c> (scripts; needs a silo) and
    /// <c>gateway</c> (the API), separated by commas. Default: all of them.</summary>
    public string Roles { get; set; } = DefaultRoles;

    /// <summary>The node's name, unique in the cluster, and kept over restarts: it names its executor. Letters, digits,
    /// <c>.</c>, <c>_</c> and <c>-</c>, 1 to 100 of them. Default <c>null</c>: the machine's name, in lower case.</summary>
    public string? Node { get; set; }

    /// <summary>The IP address at which other nodes reach this one, or a host name, which is looked up when the node starts.
    /// Default 127.0.0.1: all are on this machine.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary><see cref="Address"/>, looked up; <c>null</c>: it is no address, nor the name of one.</summary>
    public IPAddress? FindAddress()
    {
        if (IPAddress.TryParse(Address, out var address))
            return address;
        try
        {
            var found = Dns.GetHostAddresses(Address);
            return found.FirstOrDefault(ip => ip.AddressFamily == AddressFamily.InterNetwork) ?? found.FirstOrDefault();
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Where the silo listens for other silos. 1 to 65535, default 11111.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>Where the silo listens for nodes that are only a gateway. 1 to 65535, default 30000.</summary>
    public int ClientPort { get; set; } = 30000;

    /// <summary>
    /// How long a node that was told to stop goes on serving, reporting itself not ready, so that whoever sends it requests
    /// finds another one.
    /// </summary>
    /// <remarks>Wall time, 0 to 10 minutes. Default 0. Longer than a load balancer's probe period times its failures.</remarks>
    public TimeSpan DrainDelay { get; set; }
}

/// <summary>The ways in which the parts of a node can be put together.</summary>
internal enum NodeKind
{
    Unset = 0,

    /// <summary>Alone: everything in one process and one data folder.</summary>
    Embedded,

    /// <summary>Hosts grains, with others, over a database; may run scripts, and may serve the API.</summary>
    ClusterSilo,

    /// <summary>Serves the API for silos elsewhere, and keeps nothing.</summary>
    GatewayOnly,
}

/// <summary>What a node is, worked out from <see cref="ClusterOptions"/> that were found valid.</summary>
/// <param name="Kind">How it is put together.</param>
/// <param name="Name">Unique in the cluster.</param>
/// <param name="HasExecutor">It runs scripts.</param>
/// <param name="HasGateway">It serves the API.</param>
internal sealed record NodeShape(NodeKind Kind, string Name, bool HasExecutor, bool HasGateway)
{
    /// <summary>The name of a node that is alone.</summary>
    public const string Alone = "local";

    public const string Silo = "silo";
    public const string Executor = "executor";
    public const string Gateway = "gateway";

    public bool HasDataFolder => Kind != NodeKind.GatewayOnly;

    public static NodeShape Of(ClusterOptions options)
    {
        if (options.Database is null)
            return new NodeShape(NodeKind.Embedded, Alone, HasExecutor: true, HasGateway: true);
        var roles = RolesOf(options);
        return new NodeShape(
            roles.Contains(Silo) ? NodeKind.ClusterSilo : NodeKind.GatewayOnly,
            NameOf(options),
            roles.Contains(Executor),
            roles.Contains(Gateway)
        );
    }

    public static string NameOf(ClusterOptions options) => options.Node ?? Environment.MachineName.ToLowerInvariant();

    public static HashSet<string> RolesOf(ClusterOptions options) =>
        options
            .Roles.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
}

/// <summary>Says at the start which value is wrong, and what would be right.</summary>
internal sealed partial class ValidateClusterOptions : IValidateOptions<ClusterOptions>
{
    private const int LongestId = 100;

    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(ClusterOptions options)
    {
        if (options.DrainDelay < TimeSpan.Zero || options.DrainDelay > ClusterOptions.LongestDrainDelay)
            yield return $"Cluster:DrainDelay is {options.DrainDelay}: give 0 to {ClusterOptions.LongestDrainDelay}.";

        foreach (var fault in options.Tls.Faults(isAlone: options.Database is null))
            yield return fault;
        if (options.Database is null)
        {
            if (options.PasswordFile is not null)
            {
                yield return $"{DatabasePassword.Key} is {options.PasswordFile}, but Cluster:Database is not set, so there is no "
                    + "database to give a password to: set it, or leave the file out.";
            }

            if (options.Roles != ClusterOptions.DefaultRoles)
            {
                yield return $"Cluster:Roles is '{options.Roles}', but Cluster:Database is not set, so this node is alone and "
                    + "does everything: set Cluster:Database, or leave the roles out.";
            }

            yield break;
        }

        foreach (var fault in DatabaseFaults(options).Concat(RoleFaults(options)))
            yield return fault;
        if (string.IsNullOrWhiteSpace(options.Id) || options.Id.Length > LongestId)
            yield return $"Cluster:Id is '{options.Id}': give a name of 1 to {LongestId} characters, such as glue-orleans.";
        if (!NodeName().IsMatch(NodeShape.NameOf(options)))
        {
            yield return $"Cluster:Node is '{NodeShape.NameOf(options)}': give 1 to 100 letters, digits, '.', '_' or '-', "
                + "such as silo-1.";
        }

        if (
            options.FindAddress() is not { } address
            || address.Equals(IPAddress.Any)
            || address.Equals(IPAddress.IPv6Any)
        )
        {
            yield return $"Cluster:Address is '{options.Address}': give the IP address, or the host name, at which other nodes reach this one, "
                + "such as 10.0.0.5.";
        }

        if (options.SiloPort is < 1 or > IPEndPoint.MaxPort)
            yield return $"Cluster:SiloPort is {options.SiloPort}: give a port from 1 to 65535, such as 11111.";
        if (options.ClientPort is < 1 or > IPEndPoint.MaxPort)
            yield return $"Cluster:ClientPort is {options.ClientPort}: give a port from 1 to 65535, such as 30000.";
        if (options.SiloPort == options.ClientPort)
            yield return $"Cluster:SiloPort and Cluster:ClientPort are both {options.SiloPort}: give two different ports.";
    }

    /// <summary>Never repeats the value, in which there may be a password.</summary>
    private static IEnumerable<string> DatabaseFaults(ClusterOptions options)
    {
        const string Example = "Host=db.example;Database=glue;Username=glue;Password=…";
        string? fault = null;
        var hasPassword = false;
        try
        {
            var database = new NpgsqlConnectionStringBuilder(options.Database);
            if (string.IsNullOrWhiteSpace(database.Host))
                fault = "names no host";
            hasPassword = database.Password is not null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException)
        {
            fault = "cannot be read";
        }

        if (fault is not null)
            yield return $"Cluster:Database is no connection string of PostgreSQL, as it {fault}: write {Example}";
        if (options.PasswordFile is { } file && PasswordFault(file, hasPassword) is { } problem)
            yield return problem;
    }

    private static string? PasswordFault(string file, bool hasPassword)
    {
        if (hasPassword)
        {
            return $"{DatabasePassword.Key} is {file}, and Cluster:Database has a Password as well: take that out of the "
                + "connection string, or leave the file out.";
        }

        try
        {
            new DatabasePassword(file).ReadNow();
            return null;
        }
        catch (SecretFileException e)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> RoleFaults(ClusterOptions options)
    {
        string[] known = [NodeShape.Silo, NodeShape.Executor, NodeShape.Gateway];
        var roles = NodeShape.RolesOf(options);
        var unknown = roles.Except(known, StringComparer.OrdinalIgnoreCase).ToList();
        if (roles.Count == 0 || unknown.Count > 0)
        {
            var what = roles.Count == 0 ? "names no role" : $"has '{string.Join("', '", unknown)}'";
            yield return $"Cluster:Roles is '{options.Roles}', which {what}: give some of {string.Join(", ", known)}.";
        }
        else if (roles.Contains(NodeShape.Executor) && !roles.Contains(NodeShape.Silo))
        {
            yield return $"Cluster:Roles is '{options.Roles}': an executor needs a silo in its process. Add silo, or leave "
                + "executor out.";
        }
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,100}$")]
    private static partial Regex NodeName();
}
