using System.Collections.Frozen;
using GlueOrleans.Gateway.Operations;
using GlueOrleans.Gateway.Security;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>Glue on this endpoint: <c>X-Amz-Target: AWSGlue.&lt;operation&gt;</c>. Validates a body, then hands it to its operation.</summary>
internal sealed class GlueService : IAwsJsonService
{
    private readonly FrozenDictionary<string, (IGlueOperation Operation, Shape Input)> _operations;
    private readonly string _supported;

    public GlueService(IEnumerable<IGlueOperation> operations)
    {
        _operations = operations.ToFrozenDictionary(
            operation => operation.Name,
            operation => (operation, ShapeTable.Glue.Operations[operation.Name].Input),
            StringComparer.Ordinal
        );
        _supported = string.Join(", ", _operations.Keys.Order(StringComparer.Ordinal));
    }

    public string TargetPrefix => "AWSGlue";

    public string SigningName => Authenticator.DefaultService;

    public bool Knows(string operation) => _operations.ContainsKey(operation);

    public bool MayRepeat(string operation) =>
        !_operations.TryGetValue(operation, out var known) || known.Operation.MayRepeat;

    public Task<AwsAnswer> Handle(string operation, ReadOnlyMemory<byte> body, Caller caller)
    {
        if (!_operations.TryGetValue(operation, out var known))
        {
            AwsAnswer unknown = AwsErrors.UnknownOperation(
                $"Operation '{EchoedValue.Of(operation)}' is not supported by this server. Supported: {_supported}."
            );
            return Task.FromResult(unknown);
        }

        return ShapeValidator.Validate(body.Span, known.Input) is { } error
            ? Task.FromResult<AwsAnswer>(error)
            : known.Operation.Handle(body, caller);
    }
}
