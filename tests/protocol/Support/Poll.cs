namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>The one place that waits by looking again: at the API, as clients do, and at files, which have no events.</summary>
internal static class Poll
{
    /// <summary>Far more than anything takes; only a failure waits for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(40);

    /// <param name="look">What is now.</param>
    /// <param name="isSo">Whether that is what is waited for.</param>
    /// <param name="what">For the message of the timeout: who is expected to be how.</param>
    /// <param name="context">For the same message: what may explain it.</param>
    public static async Task<T> Until<T>(
        Func<Task<T>> look,
        Func<T, bool> isSo,
        string what,
        Func<string>? context = null
    )
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (isSo(seen))
                return seen;
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException(
                    $"Expected within {Patience.TotalSeconds} s: {what}. Last seen: {seen}\n{context?.Invoke()}"
                );
            }

            await Task.Delay(Period, TimeProvider.System);
        }
    }

    public static Task Until(Func<bool> isSo, string what, Func<string>? context = null) =>
        Until(() => Task.FromResult(isSo()), so => so, what, context);

    /// <summary>A script has written this file, complete: scripts here write another name and rename it.</summary>
    public static async Task<string> Written(string file, Func<string>? context = null)
    {
        await Until(() => File.Exists(file), $"a script has written {file}", context);
        return await File.ReadAllTextAsync(file);
    }
}
