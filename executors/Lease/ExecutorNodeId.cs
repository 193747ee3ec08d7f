namespace GlueOrleans.Executors.Lease;

/// <summary>What tells this node from others, and its processes from one another.</summary>
/// <param name="Node">Its name in the cluster.</param>
/// <param name="Folder">Of its data folder: whoever has it has the processes and the output of the node's runs.</param>
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

        return new ExecutorNodeId(node, folder.ToString(), Guid.NewGuid().ToString());
    }
}
