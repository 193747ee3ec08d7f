namespace GlueOrleans.Executors;

/// <summary>Waits for processes that are not this process's children: those found again after a restart.</summary>
/// <remarks>One loop for all of them, which runs only while there are some.</remarks>
internal sealed class ProcessWatch(TimeProvider time, CancellationToken closing)
{
    private static readonly TimeSpan interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock gate = new();
    private readonly Dictionary<ProcessIdentity, TaskCompletionSource> watched = [];
    private bool looping;

    /// <summary>Completes when the process is gone; is cancelled when the node closes.</summary>
    public Task Gone(ProcessIdentity process)
    {
        if (!process.IsAlive)
            return Task.CompletedTask;
        lock (gate)
        {
            if (!watched.TryGetValue(process, out var gone))
                watched[process] = gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!looping)
            {
                looping = true;
                _ = Task.Run(Loop, CancellationToken.None);
            }

            return gone.Task.WaitAsync(closing);
        }
    }

    private async Task Loop()
    {
        try
        {
            while (true)
            {
                await Task.Delay(interval, time, closing);
                ProcessIdentity[] processes;
                lock (gate)
                    processes = [.. watched.Keys];
                foreach (var process in processes.Where(process => !process.IsAlive))
                {
                    lock (gate)
                    {
                        if (watched.Remove(process, out var gone))
                            gone.SetResult();
                    }
                }

                lock (gate)
                {
                    if (watched.Count == 0)
                    {
                        looping = false;
                        return;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested) { }
    }
}
