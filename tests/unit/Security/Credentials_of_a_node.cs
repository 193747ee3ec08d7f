using GlueOrleans.Gateway.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace GlueOrleans.Tests.Unit.Security;

/// <summary>Where credentials come from, what they have to be like, and what a running node makes of changes.</summary>
public sealed class Credentials_of_a_node : IDisposable
{
    private const string Id = "AKIAIOSFODNN7EXAMPLE";
    private const string OtherId = "AKIAANOTHER7EXAMPLE";
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("glue-credentials-").FullName;
    private readonly FakeTimeProvider _clock = new();
    private readonly KeptLog _log = new();

    private string File => Path.Combine(_folder, CredentialFile.DefaultName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void There_are_none_unless_they_are_named_or_in_the_data_folder()
    {
        Assert.Null(CredentialSource.Find(new AuthOptions(), _folder));
        Assert.Null(CredentialSource.Find(new AuthOptions(), dataFolder: null));
        Write(Id);
        Assert.Equal(1, CredentialSource.Find(new AuthOptions(), _folder)!.Count);
    }

    [Fact]
    public void A_file_that_is_named_has_to_be_there()
    {
        var missing = Assert.Throws<CredentialException>(() =>
            CredentialSource.Find(new AuthOptions { CredentialsFile = File }, dataFolder: null)
        );
        Assert.Contains($"credentials add --file {File}", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void They_may_all_be_in_the_configuration_the_secret_in_a_file_of_its_own()
    {
        var secret = Path.Combine(_folder, "secret");
        WriteText(secret, Secret + "\n");
        var options = new AuthOptions
        {
            Credentials =
            [
                Entry(new CredentialOptions { AccessKeyId = Id, SecretAccessKey = Secret }),
                Entry(new CredentialOptions { AccessKeyId = OtherId, SecretFile = secret }),
            ],
        };
        var store = Store(CredentialSource.Find(options, dataFolder: null));
        Assert.True(store.AreRequired);
        Assert.True(store.Current.Find(Id)!.HasSecret(Secret));
        Assert.True(store.Current.Find(OtherId)!.HasSecret(Secret));
        Assert.Null(store.Current.Find("AKIANOBODYS7EXAMPLE"));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_file_that_others_can_read_or_change_is_refused_with_the_remedy(UnixFileMode more)
    {
        Write(Id);
        System.IO.File.SetUnixFileMode(File, OwnerOnly | more);
        var refused = Assert.Throws<CredentialException>(() => CredentialSource.Find(new AuthOptions(), _folder));
        Assert.Contains($"chmod 600 {File}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead)]
    public void A_mounted_secret_that_nobody_can_change_will_do(UnixFileMode mode)
    {
        Write(Id);
        System.IO.File.SetUnixFileMode(File, mode);
        Assert.NotNull(CredentialSource.Find(new AuthOptions(), _folder));
    }

    [Theory]
    [InlineData("""{"accessKeyId":"short"}""", "accessKeyId is 'short'", "16 to 128")]
    [InlineData("""{"accessKeyId":"AKIA-IOSFODNN7EXAMPLE"}""", "accessKeyId is 'AKIA-")]
    [InlineData("""{"accessKeyId":"AKIAIOSFODNN7EXAMPLE"}""", "secretAccessKey of AKIAIOSFODNN7EXAMPLE has 0")]
    [InlineData("""{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"hidden-short"}""", "has 12 characters")]
    [InlineData("""{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"hidden hidden hidden"}""", "has blanks")]
    [InlineData(
        """{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"hidden-hidden-hidden","account":"12"}""",
        "account of AKIAIOSFODNN7EXAMPLE is '12'",
        "twelve digits"
    )]
    [InlineData(
        """{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"hidden-hidden-hidden","account":"123456789012","user":"a b"}""",
        "user of AKIAIOSFODNN7EXAMPLE is 'a b'"
    )]
    [InlineData(
        """{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"hidden-hidden-hidden","account":"123456789012","operations":["StartJob"]}""",
        "operation 'StartJob'",
        "Get*"
    )]
    [InlineData(
        """{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"hidden-hidden-hidden","account":"123456789012","operations":[null]}""",
        "operation ''"
    )]
    [InlineData(
        """{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"hidden-hidden-hidden","account":"123456789012","jobs":[""]}""",
        "job pattern of AKIAIOSFODNN7EXAMPLE has 0"
    )]
    [InlineData("""{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccesKey":"hidden-hidden"}""", "secretAccesKey")]
    [InlineData("""{"accessKeyId":7,"secretAccessKey":"hidden-hidden"}""", "$.credentials[0].accessKeyId")]
    [InlineData("null", "an object for each key")]
    [InlineData("""{"secretAccessKey":"hidden""", "is not as it should be")]
    public void What_is_wrong_is_said_and_no_secret(string entry, params string[] says)
    {
        WriteText(File, $$"""{"credentials":[{{entry}}]}""");
        var refused = Assert.Throws<CredentialException>(() => CredentialSource.Find(new AuthOptions(), _folder));
        Assert.All([File, .. says], text => Assert.Contains(text, refused.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("hidden", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_is_there_once()
    {
        Write(Id, Id);
        var refused = Assert.Throws<CredentialException>(() => CredentialSource.Find(new AuthOptions(), _folder));
        Assert.Contains($"{Id} is there twice", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_is_taken_up_within_a_second_and_not_looked_for_more_often()
    {
        Write(Id);
        var store = Store();
        Write(OtherId);
        Assert.NotNull(store.Current.Find(Id));
        _clock.Advance(CredentialStore.Period);
        Assert.Null(store.Current.Find(Id));
        Assert.NotNull(store.Current.Find(OtherId));
        Assert.Contains("Credentials have changed: 1 access keys", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_broken_or_open_to_others_changes_nothing_and_is_complained_of_once()
    {
        Write(Id);
        var store = Store();
        WriteText(File, "{");
        Wait(store, seconds: 3);
        Assert.NotNull(store.Current.Find(Id));
        Assert.Contains("stay as they were", Assert.Single(_log.Lines), StringComparison.Ordinal);

        Write(OtherId);
        System.IO.File.SetUnixFileMode(File, OwnerOnly | UnixFileMode.OtherRead);
        Wait(store, seconds: 3);
        Assert.NotNull(store.Current.Find(Id));
        Assert.Contains("chmod 600", _log.Lines[1], StringComparison.Ordinal);
        Assert.Equal(2, _log.Lines.Count);

        System.IO.File.SetUnixFileMode(File, OwnerOnly);
        Wait(store, seconds: 1);
        Assert.NotNull(store.Current.Find(OtherId));
    }

    [Fact]
    public void Without_its_file_a_node_lets_nobody_in_and_never_everybody()
    {
        Write(Id);
        var store = Store();
        System.IO.File.Delete(File);
        Wait(store, seconds: 3);
        Assert.Null(store.Current.Find(Id));
        Assert.True(store.AreRequired);
        Assert.Contains("has gone", Assert.Single(_log.Lines), StringComparison.Ordinal);

        Write(Id);
        Wait(store, seconds: 1);
        Assert.NotNull(store.Current.Find(Id));
    }

    [Fact]
    public void A_file_that_goes_leaves_the_keys_of_the_configuration()
    {
        Write(Id);
        var options = new AuthOptions
        {
            Credentials = [Entry(new CredentialOptions { AccessKeyId = OtherId, SecretAccessKey = Secret })],
        };
        var store = Store(CredentialSource.Find(options, _folder));
        System.IO.File.Delete(File);
        Wait(store, seconds: 1);
        Assert.Null(store.Current.Find(Id));
        Assert.NotNull(store.Current.Find(OtherId));
    }

    [Fact]
    public void A_file_is_written_all_at_once_and_for_its_owner_only()
    {
        var file = new CredentialFile();
        file.Add(
            Entry(
                new CredentialEntry
                {
                    AccessKeyId = Id,
                    SecretAccessKey = Secret,
                    Jobs = ["sales-*"],
                }
            )
        );
        Assert.Throws<CredentialException>(() =>
            file.Add(Entry(new CredentialEntry { AccessKeyId = Id, SecretAccessKey = Secret }))
        );
        file.Write(File);
        Assert.Equal(OwnerOnly, System.IO.File.GetUnixFileMode(File));
        Assert.Equal([File], Directory.GetFileSystemEntries(_folder));

        var read = CredentialFile.Parse(CredentialFile.ReadBytes(File), File);
        Assert.Equal(
            (Id, Secret, "sales-*"),
            (
                read.Credentials[0].AccessKeyId,
                read.Credentials[0].SecretAccessKey,
                Assert.Single(read.Credentials[0].Jobs!)
            )
        );
        Assert.NotNull(read.Remove(Id));
        Assert.Null(read.Remove(Id));
    }

    [Fact]
    public void A_key_does_not_print_its_secret()
    {
        Write(Id);
        var key = Store().Current.Find(Id)!;
        Assert.Equal($"access key {Id}", key.ToString());
        Assert.DoesNotContain(
            Secret,
            new CredentialEntry { SecretAccessKey = Secret }.ToString()!,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            Secret,
            new CredentialOptions { SecretAccessKey = Secret }.ToString()!,
            StringComparison.Ordinal
        );
    }

    private CredentialStore Store(CredentialSource? source) => new(source, _clock, _log);

    private CredentialStore Store() => Store(CredentialSource.Find(new AuthOptions(), _folder));

    private void Wait(CredentialStore store, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            _ = store.Current;
        }
    }

    private void Write(params string[] ids) =>
        WriteText(
            File,
            $$"""{"credentials":[{{string.Join(
                ',',
                ids.Select(id => $$"""{"accessKeyId":"{{id}}","secretAccessKey":"{{Secret}}","account":"123456789012"}""")
            )}}]}"""
        );

    private static void WriteText(string path, string text)
    {
        System.IO.File.Delete(path);
        System.IO.File.WriteAllText(path, text);
        System.IO.File.SetUnixFileMode(path, OwnerOnly);
    }

    private static T Entry<T>(T entry)
        where T : CredentialEntry
    {
        entry.Account = "123456789012";
        return entry;
    }

    private sealed class KeptLog : ILogger<CredentialStore>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Lines.Add(formatter(state, exception));
    }
}
