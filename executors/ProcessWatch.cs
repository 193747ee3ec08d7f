namespace GlueOrleans.Executors;

/// <summary>Waits for processes that are not this process's children: those found again after a restart.</summary>
/// <remarks>One loop for all of them, which runs only while there are some.</remarks>
internal sealed class ProcessWatch(TimeProvider time, CancellationToken closing)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly Dictionary<ProcessIdentity, TaskCompletionSource> _watched = [];
    private bool _looping;

    /// <summary>Completes when the process is gone; is cancelled when the node closes.</summary>
    public Task Gone(ProcessIdentity process)
    {
        if (!process.IsAlive)
            return Task.CompletedTask;
        lock (_gate)
        {
            if (!_watched.TryGetValue(process, out var gone))
                _watched[process] = gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_looping)
            {
                _looping = true;
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
                await Task.Delay(Interval, time, closing);
                ProcessIdentity[] processes;
                lock (_gate)
                    processes = [.. _watched.Keys];
                foreach (var process in processes.Where(process => !process.IsAlive))
                {
                    lock (_gate)
                    {
                        if (_watched.Remove(process, out var gone))
                            gone.SetResult();
                    }
                }

                lock (_gate)
                {
                    if (_watched.Count == 0)
                    {
                        _looping = false;
                        return;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested) { }
    }
}
