namespace GlueOrleans.Gateway.Limits;

/// <summary>What a request waits for, which decides whom it may keep waiting.</summary>
internal enum RequestKind
{
    /// <summary>Answered from what is committed, or refused at once.</summary>
    Read,

    /// <summary>Answered after a commit.</summary>
    Write,
}

internal static class RequestKinds
{
    private static readonly string[] Readers = ["Get", "List", "BatchGet", "Filter"];

    /// <param name="target">X-Amz-Target, whatever it is: nothing but the headers has been read. What is in no service is
    /// answered at once; so is the Query protocol, which has no target.</param>
    public static RequestKind Of(string target)
    {
        var operation = target.AsSpan(target.IndexOf('.', StringComparison.Ordinal) + 1);
        if (operation.IsEmpty)
            return RequestKind.Read;
        foreach (var reader in Readers)
        {
            if (operation.StartsWith(reader, StringComparison.Ordinal))
                return RequestKind.Read;
        }

        return RequestKind.Write;
    }
}
