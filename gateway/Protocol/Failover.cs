using System.Runtime.ExceptionServices;
using GlueOrleans.Gateway.Limits;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Polly;
using Polly.Retry;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>
/// Keeps a lost silo from the clients: an operation that could not reach its grain, or lost it on the way, is repeated until
/// the grain has come up on another silo.
/// </summary>
/// <remarks>
/// Whether the lost try took effect is unknown, so only operations that may be repeated are. StartJobRun is one of them:
/// all tries are made under one invocation id, the client's or, if it sent none, one that is made up here; and so a later
/// try finds the run that an earlier one started (ADR 8). Refusals and a store that is away are answers, and are not
/// repeated: what is known is told, and the client's own repetitions are enough.
/// </remarks>
internal sealed class Failover
{
    /// <summary>After this no new try is begun. More than it takes to declare a silo dead (<c>silo/Clustering/Membership.cs</c>),
    /// and, with a call's own timeout, less than the minute for which AWS's clients wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The key of the wall's clock, on which networks and clients are waited for: the node's may run faster.</summary>
    public const string WallKey = "wall";

    private static readonly ResiliencePropertyKey<long> BegunAt = new("begun at");
    private static readonly ResiliencePropertyKey<Exception?> FirstFailure = new("first failure");

    private readonly IClusterLink _silos;
    private readonly TimeProvider _clock;
    private readonly ResiliencePipeline<AwsAnswer> _repeat;

    public Failover(IClusterLink silos, [FromKeyedServices(WallKey)] TimeProvider clock)
    {
        _silos = silos;
        _clock = clock;
        _repeat = new ResiliencePipelineBuilder<AwsAnswer> { TimeProvider = clock }
            .AddRetry(
                new RetryStrategyOptions<AwsAnswer>
                {
                    // Bounded by time, not by number.
                    MaxRetryAttempts = int.MaxValue,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = TimeSpan.FromMilliseconds(50),
                    MaxDelay = TimeSpan.FromSeconds(1),
                    ShouldHandle = tried =>
                        ValueTask.FromResult(
                            tried.Outcome.Exception is { } failure
                                && IsLostSilo(failure)
                                && !tried.Context.CancellationToken.IsCancellationRequested
                                && _clock.GetElapsedTime(tried.Context.Properties.GetValue(BegunAt, 0)) < Patience
                        ),
                }
            )
            .Build();
    }

    /// <summary>What an operation answers, tried as often as it takes.</summary>
    /// <param name="service">Whose operation it is.</param>
    /// <param name="operation">May be unknown to it.</param>
    /// <param name="body">As <see cref="IAwsJsonService.Handle"/> takes it.</param>
    /// <param name="caller">Whose request it is.</param>
    /// <param name="kind">Who only reads needs no id to be known by when it comes again.</param>
    /// <param name="cancellation">The client has gone.</param>
    /// <exception cref="SiloUnavailableException">No silo was ever found, or none was for too long.</exception>
    public async Task<AwsAnswer> Handle(
        IAwsJsonService service,
        string operation,
        ReadOnlyMemory<byte> body,
        Caller caller,
        RequestKind kind,
        CancellationToken cancellation
    )
    {
        if (!_silos.WasEverUp)
            throw new SiloUnavailableException("This gateway has not found a silo yet.");
        if (!service.MayRepeat(operation))
            return await service.Handle(operation, body, caller);

        // Not to be guessed: whoever starts a run under it first has started it.
        var always =
            caller.InvocationId is null && kind != RequestKind.Read
                ? caller with
                {
                    InvocationId = $"gateway-{Guid.NewGuid():N}",
                    IsFirstTry = true,
                }
                : caller;
        var begunAt = _clock.GetTimestamp();
        try
        {
            return await service.Handle(operation, body, always);
        }
        catch (Exception failure) when (IsLostSilo(failure))
        {
            var again = always with { IsFirstTry = false };
            return await RepeatAfter(failure, service, operation, body, again, begunAt, cancellation);
        }
    }

    /// <remarks>The pipeline costs a successful call more than it is worth, so the first try is made without it, and what
    /// came of that is put in the place of its own first try.</remarks>
    private async Task<AwsAnswer> RepeatAfter(
        Exception firstFailure,
        IAwsJsonService service,
        string operation,
        ReadOnlyMemory<byte> body,
        Caller caller,
        long begunAt,
        CancellationToken cancellation
    )
    {
        var context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(BegunAt, begunAt);
        context.Properties.Set(FirstFailure, firstFailure);
        try
        {
            return await _repeat.ExecuteAsync(
                static async (tries, call) =>
                {
                    if (tries.Properties.GetValue(FirstFailure, null) is { } failure)
                    {
                        tries.Properties.Set(FirstFailure, null);
                        ExceptionDispatchInfo.Throw(failure);
                    }

                    return await call.service.Handle(call.operation, call.body, call.caller);
                },
                context,
                (service, operation, body, caller)
            );
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>The silo that was to answer is gone, going or hung, or two silos held the same grain for a moment.</summary>
    public static bool IsLostSilo(Exception failure) =>
        failure
            is SiloUnavailableException
                or OrleansMessageRejectionException
                or ClientNotAvailableException
                or GatewayTooBusyException
                or Orleans.Runtime.Messaging.ConnectionFailedException
                or InconsistentStateException
                or TimeoutException;
}
