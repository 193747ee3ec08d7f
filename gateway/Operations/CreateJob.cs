using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Gateway.Operations;

/// <summary>Stores a new job definition. In: <see cref="CreateJobRequest"/>, out: <see cref="CreateJobResponse"/>.</summary>
/// <remarks>
/// Errors: InvalidInput (a rule of the service or of the usage profile is broken, a reserved tag key), AlreadyExists (the name is taken, same settings),
/// IdempotentParameterMismatch (the name is taken, other settings), ResourceNumberLimitExceeded.
/// Source: glue-behaviour.md 2.1, 2.4.
/// </remarks>
internal sealed class CreateJob(IGrainFactory grains)
    : GlueOperation<CreateJobRequest, CreateJobResponse>(AwsJson.Wire.CreateJobRequest, AwsJson.Wire.CreateJobResponse)
{
    public override IReadOnlyList<RefusalKind> Refusals =>
        [
            RefusalKind.InvalidInput,
            RefusalKind.AlreadyExists,
            RefusalKind.IdempotentParameterMismatch,
            RefusalKind.ResourceNumberLimitExceeded,
        ];

    public override bool MayRepeat => false;

    protected override IEnumerable<Resource> ResourcesOf(CreateJobRequest request) => [Resource.Job(request.Name)];

    protected override async Task<Outcome<CreateJobResponse>> Execute(CreateJobRequest request, Caller caller)
    {
        var tags = request.Tags ?? new Dictionary<string, string>();
        var created = await grains.Job(caller, request.Name).Create(request.ToSettings(), tags, request.ProfileName);
        return created.IsRefused ? created.Refusal : new CreateJobResponse { Name = created.Value.Name };
    }
}

/// <summary>The settings of the job, its name and its tags. Required: Name, Role, Command.</summary>
internal sealed record CreateJobRequest : JobSettings
{
    /// <summary>1 to 255 characters, one line. Names the job in its account and region.</summary>
    public required string Name { get; init; }

    /// <summary>At most 50; keys 1 to 128, values up to 256 characters.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The usage profile to create it under. Not in the SDK's model: see
    /// <see cref="ModelDeviations.ExtraMembers"/>.</summary>
    public string? ProfileName { get; init; }
}

internal sealed record CreateJobResponse
{
    public required string Name { get; init; }
}
