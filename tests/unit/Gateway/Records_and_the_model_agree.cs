using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GlueOrleans.Gateway.Operations;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

/// <summary>Reflection over the records and the shapes, so that neither can gain a member without the other.</summary>
public sealed class Records_and_the_model_agree
{
    public static TheoryData<string> Operations => [.. ShapeTable.Glue.Operations.Keys];

    [Theory, MemberData(nameof(Operations))]
    public void A_request_record_has_exactly_the_members_of_the_input(string operation) =>
        AssertSameMembers(ShapeTable.Glue.Operations[operation].Input, TypeNamed($"{operation}Request"));

    [Theory, MemberData(nameof(Operations))]
    public void A_response_record_has_exactly_the_members_of_the_output(string operation) =>
        AssertSameMembers(ShapeTable.Glue.Operations[operation].Output, TypeNamed($"{operation}Response"));

    [Theory, MemberData(nameof(Operations))]
    public void What_the_validator_lets_pass_the_deserializer_reads(string operation)
    {
        var json = Requests.Good(ShapeTable.Glue.Operations[operation].Input);
        var type = TypeNamed($"{operation}Request");
        var request = JsonSerializer.Deserialize(json, AwsJson.Wire.GetTypeInfo(type)!);
        Assert.All(
            type.GetProperties(BindingFlags.Public | BindingFlags.Instance),
            property => Assert.NotNull(property.GetValue(request))
        );
    }

    private static Type TypeNamed(string name) =>
        typeof(GlueOperation<,>).Assembly.GetType($"GlueOrleans.Gateway.Operations.{name}", throwOnError: true)!;

    private static void AssertSameMembers(Shape shape, Type type)
    {
        Assert.Equal(JsonTypeInfoKind.Object, AwsJson.Wire.Options.GetTypeInfo(type).Kind);
        Assert.Equal(
            shape.Members.Select(member => member.Name).Order(StringComparer.Ordinal),
            AwsJson
                .Wire.Options.GetTypeInfo(type)
                .Properties.Select(property => property.Name)
                .Order(StringComparer.Ordinal)
        );
        foreach (var member in shape.Members)
        {
            var property = type.GetProperty(member.Name)!;
            var memberType = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            AssertSameType(member.Shape, memberType);
        }
    }

    private static void AssertSameType(Shape shape, Type type)
    {
        switch (shape.Type)
        {
            case ShapeType.Structure:
                AssertSameMembers(shape, type);
                break;
            case ShapeType.List:
                Assert.Equal(typeof(IReadOnlyList<>), type.GetGenericTypeDefinition());
                AssertSameType(shape.Item!, type.GetGenericArguments()[0]);
                break;
            case ShapeType.Map when shape.Item!.Type == ShapeType.Opaque:
                // Kept as JSON text.
                Assert.Equal(typeof(string), type);
                break;
            case ShapeType.Map:
                Assert.Equal(typeof(IReadOnlyDictionary<,>), type.GetGenericTypeDefinition());
                Assert.Equal(typeof(string), type.GetGenericArguments()[0]);
                AssertSameType(shape.Item!, type.GetGenericArguments()[1]);
                break;
            default:
                Assert.Equal(
                    shape.Type switch
                    {
                        ShapeType.String => typeof(string),
                        ShapeType.Integer => typeof(int),
                        ShapeType.Double => typeof(double),
                        ShapeType.Boolean => typeof(bool),
                        _ => typeof(DateTimeOffset),
                    },
                    type
                );
                break;
        }
    }
}
