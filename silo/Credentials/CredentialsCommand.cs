using System.CommandLine;
using System.Security.Cryptography;
using GlueOrleans.Gateway.Security;
using Spectre.Console;

namespace GlueOrleans.Silo.Credentials;

/// <summary><c>credentials add|list|remove</c>: the access keys that a node asks for. A running node sees a change within a
/// second.</summary>
internal static class CredentialsCommand
{
    private const string DefaultAccount = "000000000000";
    private const string DefaultRegion = "us-east-1";

    /// <summary>As AWS's begin, so that what looks for leaked keys finds these, too.</summary>
    private const string IdPrefix = "AKIA";

    private const string IdLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string SecretLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int IdLength = 16;
    private const int SecretLength = 40;

    private static readonly Option<string?> File = new("--file")
    {
        Description =
            "The file of access keys. [configuration: Auth:CredentialsFile; default: "
            + $"{CredentialFile.DefaultName} in the data folder]",
        HelpName = "FILE",
        Recursive = true,
    };

    private static readonly Option<string?> Account = new("--account")
    {
        Description = $"The account, twelve digits. [configuration: Gateway:DefaultAccount; default: {DefaultAccount}]",
        HelpName = "ID",
    };

    private static readonly Option<string?> User = new("--user")
    {
        Description = "The user's name, for messages and GetCallerIdentity. [default: the access key id]",
        HelpName = "NAME",
    };

    private static readonly Option<string[]> Operations = new("--operations")
    {
        Description = "What it may be used for, for example 'Get*' StartJobRun. [default: everything]",
        HelpName = "PATTERN",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> Jobs = new("--jobs")
    {
        Description = "The jobs it may be used for, for example 'sales-*'. [default: all]",
        HelpName = "PATTERN",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> ReadOnly = new("--read-only") { Description = "It changes nothing." };

    private static readonly Option<bool> Operator = new("--operator")
    {
        Description = "It opens the dashboard and the metrics, which show all accounts.",
    };

    private static readonly Option<string?> AccessKeyId = new("--access-key-id")
    {
        Description = "A key that exists already; its secret is read from the standard input. [default: a new key]",
        HelpName = "ID",
    };

    /// <param name="data">The option of the data folder.</param>
    /// <param name="guarded">Runs a command, and says what is in its way.</param>
    public static Command Create(Option<string?> data, Func<Func<Task<int>>, Task<int>> guarded)
    {
        var add = new Command("add", "Make an access key, or take over one, and print it, this once.")
        {
            Account,
            User,
            Operations,
            Jobs,
            ReadOnly,
            Operator,
            AccessKeyId,
        };
        add.SetAction((given, _) => guarded(() => Task.FromResult(Add(given, Configured(given, data)))));

        var list = new Command("list", "Show the access keys, without their secrets.");
        list.SetAction((given, _) => guarded(() => Task.FromResult(List(Configured(given, data).File))));

        var id = new Argument<string>("access-key-id") { Description = "Which one." };
        var remove = new Command("remove", "Take an access key out: it is no longer good.") { id };
        remove.SetAction(
            (given, _) => guarded(() => Task.FromResult(Remove(Configured(given, data).File, given.GetValue(id)!)))
        );

        return new Command("credentials", "The access keys that a node asks for.") { File, add, list, remove };
    }

    private static int Add(ParseResult given, Place place)
    {
        var isNew = given.GetValue(AccessKeyId) is null;
        var entry = new CredentialEntry
        {
            AccessKeyId =
                given.GetValue(AccessKeyId) ?? IdPrefix + RandomNumberGenerator.GetString(IdLetters, IdLength),
            SecretAccessKey = isNew ? RandomNumberGenerator.GetString(SecretLetters, SecretLength) : GivenSecret(),
            Account = given.GetValue(Account) ?? place.Account,
            User = given.GetValue(User),
            Operations = Several(given.GetValue(Operations)),
            Jobs = Several(given.GetValue(Jobs)),
            ReadOnly = given.GetValue(ReadOnly),
            Operator = given.GetValue(Operator),
        };
        var isFirst = !System.IO.File.Exists(place.File);
        CredentialsEditor.Change(place.File, file => file.Add(entry), mayCreate: true);

        // As it stands it can be pasted, or evaluated, by a shell.
        Console.WriteLine($"# access key {entry.AccessKeyId} of account {entry.Account} is in {place.File}");
        if (isFirst)
            Console.WriteLine(
                "# the first one: a node that asks for no credentials has to be started again to ask for them"
            );
        if (!isNew)
            return 0;
        Console.WriteLine("# its secret is shown this once:");
        Console.WriteLine($"export AWS_ACCESS_KEY_ID={entry.AccessKeyId}");
        Console.WriteLine($"export AWS_SECRET_ACCESS_KEY={entry.SecretAccessKey}");
        Console.WriteLine($"export AWS_DEFAULT_REGION={place.Region}");
        return 0;
    }

    /// <summary>Blanks and commas part them; <c>null</c>: none were given. What names nothing stays as it is, to be refused: a key
    /// with an empty list could do nothing.</summary>
    private static string[]? Several(string[]? given)
    {
        if (given is not { Length: > 0 })
            return null;
        string[] parted =
        [
            .. given.SelectMany(word =>
                word.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            ),
        ];
        return parted.Length > 0 ? parted : given;
    }

    private static int List(string path)
    {
        if (CredentialsEditor.Read(path) is not { } file)
        {
            Console.WriteLine($"There are no credentials: {path} is not there.");
            return 0;
        }

        var table = new Table().AddColumns(
            "access key id",
            "account",
            "user",
            "operations",
            "jobs",
            "read only",
            "operator"
        );
        foreach (var entry in file.Credentials)
        {
            table.AddRow(
                Cell(entry.AccessKeyId),
                Cell(entry.Account),
                Cell(entry.User),
                Cell(entry.Operations is null ? "all" : string.Join(' ', entry.Operations)),
                Cell(entry.Jobs is null ? "all" : string.Join(' ', entry.Jobs)),
                Cell(entry.ReadOnly ? "yes" : "no"),
                Cell(entry.Operator ? "yes" : "no")
            );
        }

        // What is read by a program has no terminal whose width would cut it.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = short.MaxValue;
        AnsiConsole.Write(table);
        return 0;
    }

    private static int Remove(string path, string id)
    {
        CredentialEntry? removed = null;
        CredentialsEditor.Change(
            path,
            file =>
                removed =
                    file.Remove(id)
                    ?? throw new CredentialException($"There is no access key {id} in {path}: see credentials list."),
            mayCreate: false
        );
        Console.WriteLine(
            $"Removed access key {id} of account {removed!.Account} from {path}: it is good for nothing now."
        );
        return 0;
    }

    private static Text Cell(string? text) => new(text ?? "");

    /// <summary>Not an option: command lines are for everybody to read.</summary>
    private static string GivenSecret() =>
        Console.IsInputRedirected
            ? Console.In.ReadLine()?.Trim() ?? ""
            : AnsiConsole.Prompt(new TextPrompt<string>("Secret access key:").Secret());

    /// <remarks>Settings are not taken here: what is left over of the command line is a typing error, and an
    /// <c>--opertions</c> that was passed over would make a key without limits.</remarks>
    private static Place Configured(ParseResult given, Option<string?> data)
    {
        if (given.UnmatchedTokens is [var unknown, ..])
            throw new StartupException($"Unknown argument '{unknown}'. See --help.");
        var configuration = Settings.Read([]).Configuration;
        var folder = given.GetValue(data) ?? configuration[NodeOptions.DataKey] ?? NodeOptions.DefaultData;
        // A folder that was named goes before a file that was configured: the command line prevails.
        var configured = given.GetValue(data) is null ? configuration["Auth:CredentialsFile"] : null;
        var file = given.GetValue(File) ?? configured;
        return new Place(
            string.IsNullOrEmpty(file) ? CredentialSource.DefaultIn(folder) : Path.GetFullPath(file),
            configuration["Gateway:DefaultAccount"] ?? DefaultAccount,
            configuration["Gateway:Region"] ?? DefaultRegion
        );
    }

    /// <summary>What is said elsewhere than on the command line.</summary>
    private sealed record Place(string File, string Account, string Region);
}
