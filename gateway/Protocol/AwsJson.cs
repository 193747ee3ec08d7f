using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GlueOrleans.Gateway.Operations;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>AWS JSON 1.1 by source-generated System.Text.Json: members under their own names, absent ones left out.</summary>
/// <remarks>Reads what <see cref="ShapeValidator"/> let pass: the same depth, and the last of duplicate keys wins.</remarks>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(BatchGetJobsRequest))]
[JsonSerializable(typeof(BatchGetJobsResponse))]
[JsonSerializable(typeof(BatchStopJobRunRequest))]
[JsonSerializable(typeof(BatchStopJobRunResponse))]
[JsonSerializable(typeof(CreateJobRequest))]
[JsonSerializable(typeof(CreateJobResponse))]
[JsonSerializable(typeof(CreateSecurityConfigurationRequest))]
[JsonSerializable(typeof(CreateSecurityConfigurationResponse))]
[JsonSerializable(typeof(CreateUsageProfileRequest))]
[JsonSerializable(typeof(CreateUsageProfileResponse))]
[JsonSerializable(typeof(DeleteJobRequest))]
[JsonSerializable(typeof(DeleteJobResponse))]
[JsonSerializable(typeof(DeleteSecurityConfigurationRequest))]
[JsonSerializable(typeof(DeleteSecurityConfigurationResponse))]
[JsonSerializable(typeof(DeleteUsageProfileRequest))]
[JsonSerializable(typeof(DeleteUsageProfileResponse))]
[JsonSerializable(typeof(GetJobBookmarkRequest))]
[JsonSerializable(typeof(GetJobBookmarkResponse))]
[JsonSerializable(typeof(GetJobBookmarksRequest))]
[JsonSerializable(typeof(GetJobBookmarksResponse))]
[JsonSerializable(typeof(GetJobRequest))]
[JsonSerializable(typeof(GetJobResponse))]
[JsonSerializable(typeof(GetJobRunRequest))]
[JsonSerializable(typeof(GetJobRunResponse))]
[JsonSerializable(typeof(GetJobRunsRequest))]
[JsonSerializable(typeof(GetJobRunsResponse))]
[JsonSerializable(typeof(GetJobsRequest))]
[JsonSerializable(typeof(GetJobsResponse))]
[JsonSerializable(typeof(GetSecurityConfigurationRequest))]
[JsonSerializable(typeof(GetSecurityConfigurationResponse))]
[JsonSerializable(typeof(GetSecurityConfigurationsRequest))]
[JsonSerializable(typeof(GetSecurityConfigurationsResponse))]
[JsonSerializable(typeof(GetTagsRequest))]
[JsonSerializable(typeof(GetTagsResponse))]
[JsonSerializable(typeof(GetUsageProfileRequest))]
[JsonSerializable(typeof(GetUsageProfileResponse))]
[JsonSerializable(typeof(ListJobsRequest))]
[JsonSerializable(typeof(ListJobsResponse))]
[JsonSerializable(typeof(ListUsageProfilesRequest))]
[JsonSerializable(typeof(ListUsageProfilesResponse))]
[JsonSerializable(typeof(ResetJobBookmarkRequest))]
[JsonSerializable(typeof(ResetJobBookmarkResponse))]
[JsonSerializable(typeof(StartJobRunRequest))]
[JsonSerializable(typeof(StartJobRunResponse))]
[JsonSerializable(typeof(TagResourceRequest))]
[JsonSerializable(typeof(TagResourceResponse))]
[JsonSerializable(typeof(UntagResourceRequest))]
[JsonSerializable(typeof(UntagResourceResponse))]
[JsonSerializable(typeof(UpdateJobRequest))]
[JsonSerializable(typeof(UpdateJobResponse))]
[JsonSerializable(typeof(UpdateUsageProfileRequest))]
[JsonSerializable(typeof(UpdateUsageProfileResponse))]
internal sealed partial class AwsJson : JsonSerializerContext
{
    /// <summary>The context to use. (<c>Default</c> lacks what an attribute cannot say.)</summary>
    public static AwsJson Wire { get; } =
        new(
            new JsonSerializerOptions
            {
                DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
                MaxDepth = ShapeValidator.MaxDepth,
                Converters = { new EpochSecondsConverter() },
                // Answers are read by JSON parsers, never as HTML: quotes in messages stay readable in a terminal.
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            }
        );

    /// <summary>Written when the node has least time for it.</summary>
    private static readonly byte[] Throttled = Serialize(AwsErrors.Throttled);

    /// <summary>The body of an error: <c>{"__type":"EntityNotFoundException","Message":"…"}</c>.</summary>
    public static byte[] Write(AwsError error) =>
        ReferenceEquals(error, AwsErrors.Throttled) ? Throttled : Serialize(error);

    private static byte[] Serialize(AwsError error)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = Wire.Options.Encoder }))
        {
            writer.WriteStartObject();
            writer.WriteString("__type", error.Code);
            writer.WriteString(error.MessageMember, error.Message);
            writer.WriteEndObject();
        }

        return body.ToArray();
    }
}
