namespace GlueOrleans.Executors.Lease;

/// <summary>What tells this node from others, and its processes from one another.</summary>
/// <param name="Node">Its name in the cluster.</param>
/// <param name="Folder">Of its data folder on this machine since its start: whoever has it has the processes and the output of
/// the node's runs. A folder that is mounted elsewhere has not: scripts may run on the first machine, so the lease is waited for.
/// After a restart of the machine as well, although nothing runs: the two cannot be told apart.</param>
/// <param name="Holder">Of this process.</param>
internal sealed record ExecutorNodeId(string Node, string Folder, string Holder)
{
    /// <summary>Reads <c>node.id</c> in the data folder, or makes it there. The folder is held by one process at a time.</summary>
    public static ExecutorNodeId Of(string node, string dataFolder)
    {
        var file = Path.Combine(dataFolder, "node.id");
        if (!File.Exists(file) || !Guid.TryParse(File.ReadAllText(file), out var folder))
        {
            folder = Guid.NewGuid();
            var draft = file + ".draft";
            File.WriteAllText(draft, $"{folder}\n");
            File.Move(draft, file, overwrite: true);
        }

        var onThisMachine = ProcessIdentity.BootId is { } boot ? $"{folder}@{boot}" : folder.ToString();
        return new ExecutorNodeId(node, onThisMachine, Guid.NewGuid().ToString());
    }
}
