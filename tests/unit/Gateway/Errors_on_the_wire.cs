using System.Text;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

public sealed class Errors_on_the_wire
{
    private const string ServedEverywhere = "Usage profiles are served whatever the region.";

    /// <summary>Errors that the model declares and this server has no way to cause.</summary>
    private static readonly Dictionary<(string Operation, string Error), string> NeverProduced = new()
    {
        [("CreateJob", "ConcurrentModificationException")] = "One grain owns a job and takes one change at a time.",
        [("UpdateJob", "ConcurrentModificationException")] = "One grain owns a job and takes one change at a time.",
        [("DeleteJob", "InvalidInputException")] =
            "Deleting anything succeeds; a malformed name is a ValidationException.",
        [("GetJob", "InvalidInputException")] = "A malformed name is a ValidationException.",
        [("GetJobBookmark", "ValidationException")] =
            "Not by the operation: the front door answers so to what breaks the model's constraints.",
        [("GetJobBookmarks", "InvalidInputException")] = "A token or size out of range is a ValidationException.",
        [("GetJobRun", "InvalidInputException")] = "A malformed name or id is a ValidationException.",
        [("GetJobs", "EntityNotFoundException")] = "An account without jobs has an empty list.",
        [("ListJobs", "EntityNotFoundException")] = "An account without jobs has an empty list.",
        [("GetSecurityConfiguration", "InvalidInputException")] = "A malformed name is a ValidationException.",
        [("GetSecurityConfigurations", "EntityNotFoundException")] = "An account without any has an empty list.",
        [("DeleteSecurityConfiguration", "InvalidInputException")] = "A malformed name is a ValidationException.",
        [("CreateUsageProfile", "OperationNotSupportedException")] = ServedEverywhere,
        [("GetUsageProfile", "OperationNotSupportedException")] = ServedEverywhere,
        [("GetUsageProfile", "InvalidInputException")] = "A malformed name is a ValidationException.",
        [("UpdateUsageProfile", "OperationNotSupportedException")] = ServedEverywhere,
        [("UpdateUsageProfile", "ConcurrentModificationException")] =
            "One grain owns an account's profiles and takes one change at a time.",
        [("DeleteUsageProfile", "OperationNotSupportedException")] = ServedEverywhere,
        [("DeleteUsageProfile", "InvalidInputException")] =
            "Deleting anything succeeds; a malformed name is a ValidationException.",
        [("ListUsageProfiles", "OperationNotSupportedException")] = ServedEverywhere,
        [("ResetJobBookmark", "InvalidInputException")] = "A malformed request is a ValidationException.",
        [("BatchStopJobRun", "InvalidInputException")] = "What cannot be stopped is an entry of Errors.",
    };

    public static TheoryData<string> Operations => [.. ShapeTable.Glue.Operations.Keys];

    [Theory, MemberData(nameof(Operations))]
    public void An_error_that_the_model_declares_is_produced_or_listed_as_never_produced(string operation)
    {
        var produced = Produced(operation);
        foreach (var error in ShapeTable.Glue.Operations[operation].Errors)
        {
            var listed = NeverProduced.ContainsKey((operation, error.Name));
            Assert.True(
                produced.Contains(error.Name) != listed,
                $"{operation}: {error.Name} must be produced or listed, and not both."
            );
        }
    }

    [Theory, MemberData(nameof(Operations))]
    public void An_operation_produces_no_error_that_the_model_does_not_declare(string operation) =>
        Assert.Subset(
            ShapeTable.Glue.Operations[operation].Errors.Select(error => error.Name).ToHashSet(),
            Produced(operation)
        );

    [Fact]
    public void A_refusal_has_the_status_and_the_member_of_its_modelled_shape()
    {
        foreach (var kind in Enum.GetValues<RefusalKind>().Where(kind => kind != RefusalKind.Unset))
            AssertModelled(AwsErrors.Refused(new Refusal(kind, "why")));
        AssertModelled(AwsErrors.InternalService("why"));
        AssertModelled(AwsErrors.OperationTimeout("why"));
    }

    [Fact]
    public void An_error_of_the_front_door_has_a_lower_case_message()
    {
        Assert.Equal(
            """{"__type":"SerializationException","message":"can't"}""",
            Encoding.UTF8.GetString(AwsJson.Write(AwsErrors.Serialization("can't")))
        );
        Assert.Equal(
            """{"__type":"EntityNotFoundException","Message":"gone"}""",
            Encoding.UTF8.GetString(AwsJson.Write(AwsErrors.Refused(Refusal.NotFound("gone"))))
        );
    }

    /// <summary>So it is the front door's, of no operation's model, and has a small <c>message</c> (glue-behaviour.md 1.3.1).</summary>
    [Theory]
    [InlineData(SignatureErrors.MissingToken)]
    [InlineData(SignatureErrors.Incomplete)]
    [InlineData(SignatureErrors.UnrecognizedClient)]
    [InlineData(SignatureErrors.InvalidSignature)]
    [InlineData(Authorization.Denied)]
    public void An_error_of_authentication_or_permission_is_in_no_operation_s_model(string code)
    {
        Assert.DoesNotContain(code, ShapeTable.Glue.Operations.Values.SelectMany(op => op.Errors).Select(e => e.Name));
        Assert.Equal(
            (400, "message"),
            (AwsErrors.FrontDoor(code, "why").Status, AwsErrors.FrontDoor(code, "why").MessageMember)
        );
    }

    private static void AssertModelled(AwsError error)
    {
        var shape = ShapeTable.Glue.Shapes[error.Code];
        Assert.Equal(shape.IsFault ? 500 : 400, error.Status);
        Assert.Contains(shape.Members, member => member.Name == error.MessageMember);
    }

    private static HashSet<string> Produced(string operation) =>
        [
            .. FakeGrains
                .OperationsOver(new FakeGrains())
                .Single(op => op.Name == operation)
                .Refusals.Select(AwsErrors.CodeOf),
            .. AwsErrors.OfEveryOperation,
        ];
}
