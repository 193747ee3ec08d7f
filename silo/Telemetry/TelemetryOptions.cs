using GlueOrleans.GrainInterfaces;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Silo.Telemetry;

/// <summary>Where measurements and traces go. Configuration section <c>Telemetry</c>. Metrics are at <c>/metrics</c> in any case.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>A collector that speaks OTLP over gRPC, such as <c>http://127.0.0.1:4317</c>, which gets metrics and traces.
    /// Default <c>null</c>: none, and nothing is traced.</summary>
    /// <remarks>How many traces are kept is said in OpenTelemetry's own variables, <c>OTEL_TRACES_SAMPLER</c> and
    /// <c>OTEL_TRACES_SAMPLER_ARG</c>. A trace ends at a node that has no collector: give it to all of a cluster.</remarks>
    public string? OtlpEndpoint { get; set; }
}

/// <summary>Says at the start which value is wrong, and what would be right.</summary>
internal sealed class ValidateTelemetryOptions : IValidateOptions<TelemetryOptions>
{
    public ValidateOptionsResult Validate(string? name, TelemetryOptions options) =>
        options.OtlpEndpoint is not { } endpoint
        || (Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https"))
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Telemetry:OtlpEndpoint is '{SecretNames.Mask(endpoint)}': give a URL, such as http://127.0.0.1:4317."
            );
}
