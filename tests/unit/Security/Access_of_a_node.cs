using GlueOrleans.Silo;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace GlueOrleans.Tests.Unit.Security;

public sealed class Access_of_a_node
{
    [Theory]
    [InlineData("Operations", "Get*")]
    [InlineData("Jobs", "sales-*")]
    public void A_limit_that_is_no_list_is_refused(string name, string text)
    {
        var thrown = Assert.Throws<StartupException>(() => Access.Find(With($"{name}", text), dataFolder: null));
        Assert.Equal(
            $"Auth:Credentials:0:{name} is '{text}', and has to be a list: write Auth:Credentials:0:{name}:0.",
            thrown.Message
        );
        Assert.NotNull(Access.Find(With($"{name}:0", text), dataFolder: null));
    }

    private static IConfigurationRoot With(string name, string value) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["Auth:Credentials:0:AccessKeyId"] = "AKIAIOSFODNN7EXAMPLE",
                    ["Auth:Credentials:0:SecretAccessKey"] = "hidden-hidden-hidden",
                    ["Auth:Credentials:0:Account"] = "123456789012",
                    [$"Auth:Credentials:0:{name}"] = value,
                }
            )
            .Build();
}
