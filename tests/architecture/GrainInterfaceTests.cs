using System.Reflection;
using System.Text;
using GlueOrleans.GrainInterfaces.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Architecture;

/// <summary>What silos of different versions must agree on. A changed line needs a plan for rolling upgrades: add, never
/// change.</summary>
public sealed class GrainInterfaceTests
{
    private static readonly Assembly Contracts = typeof(IJobGrain).Assembly;

    [Fact]
    public void The_grain_interfaces_and_their_messages_are_those_that_were_reviewed()
    {
        using var reviewed = new StreamReader(
            Assembly.GetExecutingAssembly().GetManifestResourceStream("grain-interfaces.txt")!
        );
        var expected = reviewed.ReadToEnd().ReplaceLineEndings("\n");
        var actual = Print();
        var path = Path.Combine(AppContext.BaseDirectory, "grain-interfaces.actual.txt");
        if (actual != expected)
            File.WriteAllText(path, actual);

        Assert.True(
            actual == expected,
            $"The contracts changed. Compare {path} with tests/architecture/grain-interfaces.txt."
        );
    }

    [Fact]
    public void Every_message_has_an_alias_and_every_member_an_id()
    {
        Assert.NotEmpty(Messages());
        foreach (var type in Messages())
        {
            Assert.True(
                type.GetCustomAttribute<AliasAttribute>(inherit: false) is not null,
                $"{type.Name} has no [Alias]"
            );
            foreach (var property in Members(type))
            {
                Assert.True(
                    property.GetCustomAttribute<IdAttribute>() is not null,
                    $"{type.Name}.{property.Name} has no [Id]"
                );
            }
        }
    }

    private static string Print()
    {
        var text = new StringBuilder();
        foreach (
            var grain in Contracts
                .GetExportedTypes()
                .Where(t => t.IsInterface)
                .OrderBy(t => t.Name, StringComparer.Ordinal)
        )
        {
            text.Append(grain.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias).Append('\n');
            foreach (var method in grain.GetMethods().OrderBy(m => m.Name, StringComparer.Ordinal))
            {
                var parameters = string.Join(", ", method.GetParameters().Select(p => Name(p.ParameterType)));
                text.Append($"  {method.Name}({parameters}): {Name(method.ReturnType)}\n");
            }
        }

        foreach (var type in Messages())
        {
            text.Append(type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias).Append('\n');
            foreach (var property in Members(type).OrderBy(p => p.GetCustomAttribute<IdAttribute>()?.Id))
            {
                text.Append(
                    $"  {property.GetCustomAttribute<IdAttribute>()?.Id} {property.Name}: {Name(property.PropertyType)}\n"
                );
            }
        }

        return text.ToString();
    }

    private static IEnumerable<Type> Messages() =>
        Contracts
            .GetExportedTypes()
            .Where(t => t.GetCustomAttribute<GenerateSerializerAttribute>() is not null)
            .Where(t => !typeof(Exception).IsAssignableFrom(t))
            .OrderBy(t => t.FullName, StringComparer.Ordinal);

    private static IEnumerable<PropertyInfo> Members(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .Where(p => p.CanWrite);

    private static string Name(Type type) =>
        type.IsGenericType
            ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : type.Name;
}
