using GlueOrleans.GrainInterfaces.Executors;
using Orleans.Concurrency;

namespace GlueOrleans.GrainInterfaces.Runs;

/// <summary>One job run, from its admission to its end. The key is the run id. Only this grain saves the run's row.</summary>
[Alias("IJobRunGrain")]
public interface IJobRunGrain : IGrainWithStringKey
{
    /// <summary>Takes up a run whose row was just created as it is given here, without reading it again. Idempotent.</summary>
    [Alias("Begin")]
    Task Begin(RunRecord created);

    /// <summary>The run's row as last committed or read here; <c>null</c>: that is not known without a look at the table.</summary>
    /// <remarks>Never waits for the store, and never makes the run go on: it is for those who look on.</remarks>
    [Alias("Show")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:02")] // then the table is asked
    Task<RunRecord?> Show();

    /// <summary>Picks the run up where its row stands: performs the effects it owes and arms its deadline. Idempotent.</summary>
    /// <remarks>Called when it is not known here what the row says, and by the sweep for runs whose timers were lost.</remarks>
    [Alias("Wake")]
    Task Wake();

    /// <summary>Performs again what the run's row owes its executor: that has lost it, or may have. Idempotent.</summary>
    [Alias("CatchUp")]
    Task CatchUp();

    /// <summary>Starts a run that waits: its job has reserved a slot for it under these epochs, and room on that node.
    /// Idempotent.</summary>
    [Alias("Admit")]
    Task<AdmitResult> Admit(AdmissionEpochs epochs, ExecutorTenure executor);

    /// <summary>Notes what a run in WAITING waits for now; nothing for one that does not wait.</summary>
    [Alias("KeepWaiting")]
    Task KeepWaiting(string stateDetail);

    /// <summary>Asks the run to stop. True: it is stopping, or was already. False: it had ended, or never existed.</summary>
    [Alias("RequestStop")]
    Task<bool> RequestStop();

    /// <summary>Takes a report of the executor. Returns once it is in the row, or known to be of no interest.</summary>
    [Alias("Report")]
    Task Report(RunReport report);

    /// <summary>The node was declared lost: nothing runs there under that epoch any more, nor ever will. Nothing, for a run
    /// that is placed elsewhere by now.</summary>
    [Alias("ExecutorLost")]
    Task ExecutorLost(ExecutorTenure executor);
}
